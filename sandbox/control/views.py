"""The control page: the JSON API with buttons."""

from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, send_from_directory

from sandbox.control.api import FORGERIES
from sandbox.world import world

bp = Blueprint("control", __name__, url_prefix="/control", template_folder="templates")
STATIC = Path(__file__).parent / "static"

FORGERY_NAMES = {
    "signature": "签名不对",
    "tampered": "密文被改",
    "appid": "别的 appid",
    "to": "别的公众号",
    "plain": "降级为明文",
    "token": "别的 token",
    "stale": "一小时前的",
}


@bp.get("", strict_slashes=False)
def page() -> Response:
    w = world()
    users = w.store.all("SELECT number, name FROM users WHERE number IS NOT NULL ORDER BY position")
    text = render_template(
        "control.html",
        config=w.config,
        callback=w.pusher.target(),
        users=users,
        forgeries=[(key, FORGERY_NAMES[key]) for key in sorted(FORGERIES)],
    )
    return make_response(text, 200, {"Cache-Control": "no-store"})


@bp.get("/static/<path:name>")
def static(name: str) -> Response:
    return send_from_directory(STATIC, name, conditional=True, max_age=0)
