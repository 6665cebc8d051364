"""Parametric QR codes: made by the API, shown as a picture, scanned by the phone."""

import io
import secrets
from typing import Any

import qrcode
from flask import Blueprint, Response, abort, redirect, request

from sandbox.store import Row
from sandbox.wechat.chat import open_window
from sandbox.wechat.push import Push
from sandbox.wechat.reply import ApiError, answer, body_json, need
from sandbox.world import World, say, world

bp = Blueprint("wechat_qrcode", __name__)
LONGEST = 2_592_000


@bp.route("/cgi-bin/qrcode/create", methods=["GET", "POST"])
def create() -> Response:
    w, body = world(), body_json()
    action = need(body, "action_name", 40053)
    scene = scene_of(action, (body.get("action_info") or {}).get("scene") or {})
    seconds: int | None = None
    if not action.startswith("QR_LIMIT"):
        seconds = int(body.get("expire_seconds") or 60)
        if not 1 <= seconds <= LONGEST:
            raise ApiError(40035, "expire_seconds")
    ticket = "gQ" + secrets.token_urlsafe(66) + "=="
    code = "02" + secrets.token_urlsafe(15)
    now = w.store.now()
    w.store.run(
        "INSERT INTO qrcodes (ticket, code, action, scene, expires, created) VALUES (?, ?, ?, ?, ?, ?)",
        (ticket, code, action, scene, now + seconds if seconds else None, now),
    )
    found: dict[str, Any] = {"ticket": ticket}
    if seconds:
        found["expire_seconds"] = seconds
    return answer({**found, "url": f"{w.config.base}/q/{code}"})


def scene_of(action: str, scene: dict[str, Any]) -> str:
    if action in {"QR_SCENE", "QR_LIMIT_SCENE"}:
        number = scene.get("scene_id")
        if not isinstance(number, int) or number < 1 or (action == "QR_LIMIT_SCENE" and number > 100_000):
            raise ApiError(40053, "scene_id")
        return str(number)
    if action in {"QR_STR_SCENE", "QR_LIMIT_STR_SCENE"}:
        text = scene.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= 64:
            raise ApiError(40053, "scene_str")
        return text
    raise ApiError(40053, "action_name")


@bp.get("/cgi-bin/showqrcode")
def show() -> Response:
    w = world()
    row = w.store.one("SELECT * FROM qrcodes WHERE ticket = ?", (request.args.get("ticket", ""),))
    if row is None:
        abort(404)
    picture = io.BytesIO()
    qrcode.make(f"{w.config.base}/q/{row['code']}", border=2).convert("RGB").save(picture, "JPEG", quality=90)
    return Response(picture.getvalue(), mimetype="image/jpg")


@bp.get("/q/<code>")
def opened_by_browser(code: str) -> Response:
    """Somebody opened the link outside the phone: let a phone scan it."""
    return redirect(f"/phone?scan={world().config.base}/q/{code}")  # type: ignore[return-value]


def scan(w: World, user: Row, code: str) -> str:
    """A phone scans: SCAN for a follower, else the offer to follow. 'scanned', 'offer' or 'gone'."""
    row = w.store.one("SELECT * FROM qrcodes WHERE code = ?", (code,))
    if row is None or (row["expires"] is not None and row["expires"] < w.store.now()):
        return "gone"
    if not user["follows"]:
        return "offer"
    open_window(w.store, user["openid"], "action")
    w.pusher.later(
        Push(
            user["openid"],
            w.pusher.event(user["openid"], "SCAN", EventKey=row["scene"], Ticket=row["ticket"]),
        )
    )
    return "scanned"


def follow(w: World, user: Row, code: str = "") -> None:
    """Follow the account, perhaps by a scene's code."""
    row = w.store.one("SELECT * FROM qrcodes WHERE code = ?", (code,)) if code else None
    with w.store.tx():
        w.store.run(
            "UPDATE users SET follows = 1, subscribe_time = ?, scene = ?, qr_scene = ? WHERE openid = ?",
            (
                int(w.store.now()),
                "ADD_SCENE_QR_CODE" if row else "ADD_SCENE_SEARCH",
                row["scene"] if row else "",
                user["openid"],
            ),
        )
        open_window(w.store, user["openid"], "action")
        say(w.store, user["openid"], "system", "notice", {"text": f"你已关注{w.config.account_name}"})
    extra = {"EventKey": f"qrscene_{row['scene']}", "Ticket": row["ticket"]} if row else {"EventKey": ""}
    w.pusher.later(Push(user["openid"], w.pusher.event(user["openid"], "subscribe", **extra)))


def unfollow(w: World, user: Row) -> None:
    with w.store.tx():
        w.store.run("UPDATE users SET follows = 0 WHERE openid = ?", (user["openid"],))
        w.store.run("DELETE FROM user_tags WHERE openid = ?", (user["openid"],))
        w.store.run("DELETE FROM windows WHERE openid = ?", (user["openid"],))
        say(w.store, user["openid"], "system", "notice", {"text": f"你已取消关注{w.config.account_name}"})
    w.pusher.later(
        Push(user["openid"], w.pusher.event(user["openid"], "unsubscribe", EventKey=""), answers=False)
    )
