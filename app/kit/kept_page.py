"""Pages of the console that a registered browser may keep, each with a service worker of its own scope."""

import json
from pathlib import Path

from flask import Response, current_app, make_response

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
