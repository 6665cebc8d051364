"""Pages of the console that a registered browser may keep, each with a service worker of its own scope."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Response, current_app, make_response, request

from app.kit.errors import Invalid

MOST_BYTES = 200_000
WORKER = Path(__file__).parents[1] / "static" / "js" / "kept-page-worker.js"


def kept_page(html: str) -> Response:
    """Only such a page may have a worker at all."""
    response = make_response(html)
    policy = current_app.config["CONTENT_SECURITY_POLICY"]
    response.headers["Content-Security-Policy"] = policy.replace("worker-src 'none'", "worker-src 'self'")
    return response


def kept_worker(page: str, cache: str) -> Response:
    """The worker of the page at this address, which finds its files in this cache."""
    names = f"const PAGE = {json.dumps(page)}, KEPT = {json.dumps(cache)};\n"
    response = Response(names + WORKER.read_text("utf-8"), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = page
    return response


def sent_body() -> dict[str, Any]:
    """The JSON object that such a page sent. Raises Invalid for anything else, and for more than 200 kB."""
    try:
        body = request.get_json(silent=True) if (request.content_length or 0) <= MOST_BYTES else None
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise Invalid()
    return body


def text_of(body: dict[str, Any], name: str) -> str:
    """Without what no column can hold: one such line would stop the whole queue behind it."""
    return str(body.get(name, "")).replace("\0", "?").encode(errors="replace").decode()


def moment_of(text: Any) -> datetime | None:
    """A time with its zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
