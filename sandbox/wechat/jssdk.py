"""JS-SDK: the stub script, the check of wx.config's signature, and uploads from a page."""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template, request

from sandbox.wechat import media
from sandbox.world import World, world

bp = Blueprint("wechat_jssdk", __name__, template_folder="templates")


def signature(ticket: str, nonce: str, timestamp: str, url: str) -> str:
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.split('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def judge(w: World, given: dict[str, Any]) -> str:
    """'' or the words after `config:` in wx.error."""
    url = str(given.get("url") or "")
    if str(given.get("appId") or "") != w.config.appid:
        return "invalid appid"
    if urlsplit(url).hostname not in {w.config.app_host, *w.knobs["redirect_hosts"]}:
        return "invalid url domain"
    tickets = w.store.all("SELECT ticket FROM jsapi_tickets WHERE expires > ?", (w.store.now(),))
    wanted = str(given.get("signature") or "")
    parts = (str(given.get("nonceStr") or ""), str(given.get("timestamp") or ""), url)
    if not any(signature(row["ticket"], *parts) == wanted for row in tickets):
        return "invalid signature"
    return ""


@bp.get("/open/js/jweixin-1.6.0.js")
def script() -> Response:
    text = render_template("jweixin.js", base=world().config.base)
    return make_response(
        text,
        200,
        {"Content-Type": "application/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*"},
    )


@bp.after_request
def open_to_pages(response: Response) -> Response:
    """These are called from the application's pages, which live on another origin."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    return response


@bp.route("/_sim/verify_jssdk", methods=["POST", "OPTIONS"])
def verify() -> Response:
    if request.method == "OPTIONS":
        return make_response("", 204)
    problem = judge(world(), request.get_json(force=True, silent=True) or {})
    return make_response({"errMsg": f"config:{problem or 'ok'}"})


@bp.route("/_sim/jssdk_upload", methods=["POST", "OPTIONS"])
def upload() -> Response:
    """wx.uploadImage: the page's picture becomes a media_id."""
    if request.method == "OPTIONS":
        return make_response("", 204)
    given = request.files.get("media")
    content = given.read() if given else b""
    if given is None or not content or len(content) > 10 << 20:
        return make_response({"errMsg": "uploadImage:fail"})
    media_id, _ = media.keep(
        world(), "image", given.filename or "image.jpg", given.mimetype or "image/jpeg", content
    )
    return make_response({"errMsg": "uploadImage:ok", "serverId": media_id})
