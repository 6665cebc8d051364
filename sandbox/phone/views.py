"""The phone's page and files."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, send_from_directory

from sandbox.world import world

bp = Blueprint("phone", __name__, url_prefix="/phone", template_folder="templates")
STATIC = Path(__file__).parent / "static"


@bp.get("", strict_slashes=False)
def page() -> Response:
    """One phone. `?person=<number>` says whose; the address is the one the application "
    "knows, or frames break."""
    config = world().config
    wanted = urlsplit(config.base)
    asked = urlsplit(f"//{request.host}")
    if {wanted.hostname, asked.hostname} == {"127.0.0.1", "localhost"} and wanted.port == asked.port:
        return redirect(config.base + request.full_path.rstrip("?"))  # type: ignore[return-value]
    text = render_template(
        "phone.html", config=config, app_origin="{0.scheme}://{0.netloc}".format(urlsplit(config.app))
    )
    return make_response(text, 200, {"Cache-Control": "no-store"})


@bp.get("/static/<path:name>")
def static(name: str) -> Response:
    found = send_from_directory(STATIC, name, conditional=True, max_age=0)
    if name.endswith(".js"):
        found.mimetype = "text/javascript"
    return found
