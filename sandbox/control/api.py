"""`/_sim/*`: change the world and see what it has seen, as JSON."""

import json
from typing import Any

from flask import Blueprint, Response, current_app, make_response, request

from sandbox import wxpay
from sandbox.cast import CAST
from sandbox.knobs import DEFAULTS, UnknownKnob
from sandbox.store import Row
from sandbox.wechat import qrcode, templates
from sandbox.wechat.chat import open_window
from sandbox.wechat.push import Push
from sandbox.wechat.tokens import revoke_all
from sandbox.world import World, fill, say, world

bp = Blueprint("control_api", __name__, url_prefix="/_sim")
FORGERIES = {"signature", "tampered", "appid", "to", "plain", "token", "stale"}


def reply(body: Any, status: int = 200) -> Response:
    return make_response(
        json.dumps(body, ensure_ascii=False), status, {"Content-Type": "application/json; charset=utf-8"}
    )


def body() -> dict[str, Any]:
    found = request.get_json(force=True, silent=True)
    return found if isinstance(found, dict) else {}


def somebody(w: World, given: dict[str, Any]) -> Row | None:
    who = str(given.get("openid") or given.get("person") or "")
    return w.user(who) or w.user_by_number(who)


@bp.post("/set")
def change() -> Response:
    """Knobs by name, plus `fault`, `revoke_tokens`, `clear_quota`."""
    w, given = world(), body()
    try:
        revoked = revoke_all(w) if given.pop("revoke_tokens", False) else 0
        if given.pop("clear_quota", False):
            w.store.run("DELETE FROM quota")
        knobs = w.knobs.change(given)
    except (UnknownKnob, ValueError, TypeError) as error:
        return reply({"error": f"没有这个开关，或者值不对：{error}"}, 400)
    return reply({"knobs": knobs, "revoked": revoked})


@bp.get("/knobs")
def knobs() -> Response:
    return reply({"now": world().knobs.all(), "defaults": DEFAULTS})


@bp.post("/reset")
def reset() -> Response:
    """Everything as on the first day; `{"only": "faults"}` switches the faults off and leaves the rest."""
    w = world()
    w.knobs.reset()
    wxpay.calm(current_app)
    if body().get("only") != "faults":
        wxpay.reset(current_app)
        w.store.wipe()
        w.knobs.reset()
        fill(w.store)
        templates.load(w)
    w.store.announce()
    return reply({"ok": True})


@bp.get("/cast")
def cast() -> Response:
    return reply([person.public() for person in CAST])


@bp.get("/users")
def users() -> Response:
    w = world()
    return reply(w.store.all("SELECT * FROM users ORDER BY position"))


def limit() -> int:
    return max(1, min(request.args.get("limit", 200, type=int), 5000))


@bp.get("/sent")
def sent() -> Response:
    """Newest first; filters openid, kind, client_msg_id."""
    w = world()
    clauses, args = ["1 = 1"], []
    for name in ("openid", "kind", "client_msg_id", "template_id"):
        if name in request.args:
            clauses.append(f"{name} = ?")
            args.append(request.args[name])
    where = " AND ".join(clauses)
    rows = w.store.all(f"SELECT * FROM sent WHERE {where} ORDER BY id DESC LIMIT ?", [*args, limit()])  # noqa: S608
    return reply([{**row, "payload": json.loads(row["payload"]), "msgid": str(row["msgid"])} for row in rows])


@bp.get("/messages")
def messages() -> Response:
    """The chat of one person as the phone shows it, oldest first."""
    w = world()
    user = somebody(w, dict(request.args))
    if user is None:
        return reply({"error": "没有这个人"}, 404)
    rows = w.store.all(
        "SELECT * FROM messages WHERE openid = ? ORDER BY id DESC LIMIT ?", (user["openid"], limit())
    )
    return reply([{**row, "body": json.loads(row["body"])} for row in reversed(rows)])


@bp.get("/callbacks")
def callbacks() -> Response:
    rows = world().store.all("SELECT * FROM callbacks ORDER BY id DESC LIMIT ?", (limit(),))
    return reply(rows)


@bp.get("/media")
def media() -> Response:
    rows = world().store.all(
        "SELECT media_id, type, filename, mime, length(content) AS size, permanent, created "
        "FROM media ORDER BY created DESC LIMIT ?",
        (limit(),),
    )
    return reply(rows)


@bp.get("/qrcodes")
def qrcodes() -> Response:
    w = world()
    rows = w.store.all("SELECT * FROM qrcodes ORDER BY created DESC LIMIT ?", (limit(),))
    return reply([{**row, "url": f"{w.config.base}/q/{row['code']}"} for row in rows])


@bp.get("/stats")
def stats() -> Response:
    """Calls per path, tokens issued, sends per kind, callbacks per verdict."""
    store = world().store
    return reply(
        {
            "calls": {
                row["path"]: row["n"]
                for row in store.all("SELECT path, sum(used) AS n FROM quota GROUP BY path")
            },
            "tokens": {
                row["kind"]: row["n"]
                for row in store.all("SELECT kind, count(*) AS n FROM tokens GROUP BY kind")
            },
            "sent": {
                row["kind"]: row["n"]
                for row in store.all("SELECT kind, count(*) AS n FROM sent GROUP BY kind")
            },
            "callbacks": {
                row["verdict"]: row["n"]
                for row in store.all("SELECT verdict, count(*) AS n FROM callbacks GROUP BY verdict")
            },
            "followers": store.value("SELECT count(*) FROM users WHERE follows = 1"),
            "media": store.value("SELECT count(*) FROM media"),
        }
    )


@bp.post("/verify_callback")
def verify_callback() -> Response:
    return reply(world().pusher.verify_url())


@bp.post("/follow")
def follow() -> Response:
    """`{person|openid, follow: bool, url?}`: as the switch on the phone; `url` of a scene's QR code."""
    w, given = world(), body()
    user = somebody(w, given)
    if user is None:
        return reply({"error": "没有这个人"}, 404)
    if given.get("follow", True):
        qrcode.follow(w, user, str(given.get("url") or "").rsplit("/", 1)[-1])
    else:
        qrcode.unfollow(w, user)
    return reply({"ok": True})


@bp.post("/push")
def push() -> Response:
    """Deliver any message or event now and tell how it went. See docs in the control page."""
    w, given = world(), body()
    if "replay" in given:
        number = given["replay"]
        if number == "last":
            number = w.store.value("SELECT max(id) FROM callbacks WHERE attempt > 0 AND request <> ''")
        row = w.pusher.replay(int(number or 0))
        return reply({"attempts": [row]}) if row else reply({"error": "没有可重放的推送"}, 404)
    user = somebody(w, given)
    if user is None:
        return reply({"error": "没有这个人"}, 404)
    forge = str(given.get("forge") or "")
    if forge and forge not in FORGERIES:
        return reply({"error": f"forge 只能是 {', '.join(sorted(FORGERIES))}"}, 400)
    made = Push(
        user["openid"],
        fields_of(w, user["openid"], given),
        mode=str(given.get("mode") or ""),
        forge=forge,
        copies=int(given.get("copies") or 0),
        after=float(given.get("after") or 0),
    )
    if given.get("wait", True) and not made.after:
        return reply({"attempts": w.pusher.deliver(made)})
    w.pusher.later(made)
    return reply({"push": made.ident}, 202)


def fields_of(w: World, openid: str, given: dict[str, Any]) -> dict[str, Any]:
    """`type` text/image/… with `fields`, or `event` with `fields`; `fields` may override "
    "anything, MsgId too."""
    extra = given.get("fields") or {}
    if given.get("event"):
        open_window(w.store, openid, "action")
        return {**w.pusher.event(openid, str(given["event"])), **extra}
    kind = str(given.get("type") or "text")
    if kind == "text":
        extra = {"Content": str(given.get("content") or "你好"), **extra}
    open_window(w.store, openid, "message")
    if not given.get("forge"):
        say(w.store, openid, "person", kind, {"text": str(extra.get("Content") or f"[{kind}]")})
    return {**w.pusher.message(openid, kind), **extra}
