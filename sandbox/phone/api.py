"""What the phone's page asks for: people, chats, news, and a person's doings."""

import json
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Blueprint, Response, abort, jsonify, request

from sandbox.cast import BY_NUMBER
from sandbox.store import Row
from sandbox.wechat import media, qrcode
from sandbox.wechat.chat import open_window
from sandbox.wechat.menu import menu_for
from sandbox.wechat.push import Push
from sandbox.world import World, say, world

bp = Blueprint("phone_api", __name__, url_prefix="/phone/api")
LONGEST_WAIT = 25.0
EXTRA_EVENTS = {"pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"}


def given() -> dict[str, Any]:
    found = request.get_json(force=True, silent=True)
    return found if isinstance(found, dict) else {}


def owner(w: World, number: Any) -> Row:
    user = w.user_by_number(str(number or ""))
    if user is None:
        abort(404)
    return user


def line(row: Row) -> dict[str, Any]:
    wanted = ("id", "conversation", "side", "kind", "created")
    return {**{name: row[name] for name in wanted}, "body": json.loads(row["body"])}


def unread(w: World) -> dict[str, int]:
    rows = w.store.all(
        "SELECT u.number, count(*) AS n FROM messages m JOIN users u ON u.openid = m.openid "
        "WHERE m.seen = 0 GROUP BY u.number"
    )
    return {row["number"]: row["n"] for row in rows}


@bp.get("/people")
def people() -> Response:
    w = world()
    found = []
    for user in w.store.all("SELECT * FROM users WHERE number IS NOT NULL ORDER BY position"):
        person = BY_NUMBER.get(user["number"])
        public = (
            person.public() if person else {"role": "", "color": "#71717a", "cas": False, "cas_password": ""}
        )
        found.append(
            {
                **public,
                "number": user["number"],
                "name": user["name"],
                "hint": person.hint if person else "",
                "follows": bool(user["follows"]),
            }
        )
    return jsonify(people=found, unread=unread(w))


@bp.get("/chat")
def chat() -> Response:
    """The newest lines of one person, with menu and whether they follow."""
    w = world()
    user = owner(w, request.args.get("person"))
    before = request.args.get("before", 1 << 62, type=int)
    rows = w.store.all(
        "SELECT * FROM messages WHERE openid = ? AND id < ? ORDER BY id DESC LIMIT 60",
        (user["openid"], before),
    )
    newest = w.store.value("SELECT coalesce(max(id), 0) FROM messages")
    return jsonify(
        messages=[line(row) for row in reversed(rows)],
        newest=newest,
        menu=menu_for(w, user["openid"]),
        follows=bool(user["follows"]),
        unread=unread(w),
    )


@bp.get("/wait")
def wait() -> Response:
    """Long poll: answers as soon as anybody has a new line."""
    w = world()
    user = owner(w, request.args.get("person"))
    after = request.args.get("after", 0, type=int)
    seconds = min(request.args.get("seconds", LONGEST_WAIT, type=float), LONGEST_WAIT)
    newest = w.store.wait_for_message(after, seconds)
    rows = w.store.all(
        "SELECT * FROM messages WHERE openid = ? AND id > ? AND id <= ? ORDER BY id",
        (user["openid"], after, newest),
    )
    follows = bool(owner(w, user["number"])["follows"])
    return jsonify(newest=newest, messages=[line(row) for row in rows], unread=unread(w), follows=follows)


@bp.post("/seen")
def seen() -> Response:
    w, body = world(), given()
    user = owner(w, body.get("person"))
    w.store.run(
        "UPDATE messages SET seen = 1 WHERE openid = ? AND conversation = ? AND seen = 0",
        (user["openid"], str(body.get("conversation") or "account")),
    )
    return jsonify(unread=unread(w))


def clean(text: str) -> str:
    return "".join(char for char in text if char >= " " or char == "\n").strip()[:600]


@bp.post("/say")
def say_words() -> Response:
    w, body = world(), given()
    user = owner(w, body.get("person"))
    text = clean(str(body.get("text") or ""))
    if not text or not user["follows"]:
        return jsonify(error="没有内容，或者还没有关注")
    say(w.store, user["openid"], "person", "text", {"text": text})
    open_window(w.store, user["openid"], "message")
    extra = {"bizmsgmenuid": str(body["choice"])} if body.get("choice") else {}
    w.pusher.later(Push(user["openid"], w.pusher.message(user["openid"], "text", Content=text, **extra)))
    return jsonify(ok=True)


@bp.post("/picture")
def send_picture() -> Response:
    w = world()
    user = owner(w, request.form.get("person"))
    picture = request.files.get("media")
    content = picture.read() if picture else b""
    if picture is None or not content or not user["follows"]:
        abort(400)
    media_id, _ = media.keep(w, "image", picture.filename or "image.jpg", picture.mimetype, content)
    say(w.store, user["openid"], "person", "image", {"media_id": media_id})
    open_window(w.store, user["openid"], "message")
    fields = w.pusher.message(
        user["openid"], "image", PicUrl=f"{w.config.base}/media/{media_id}", MediaId=media_id
    )
    w.pusher.later(Push(user["openid"], fields))
    return jsonify(ok=True)


@bp.post("/menu")
def tap_menu() -> Response:
    """A tap on the custom menu: the event goes out, and a view's address comes back to be opened."""
    w, body = world(), given()
    user = owner(w, body.get("person"))
    kind, key = str(body.get("type") or ""), str(body.get("key") or "")
    url = str(body.get("url") or "")
    open_window(w.store, user["openid"], "action")
    fields: dict[str, Any] = {}
    if kind == "click":
        fields = w.pusher.event(user["openid"], "CLICK", EventKey=key)
    elif kind == "view":
        menuid = w.store.value("SELECT max(menuid) FROM menus WHERE rule IS NULL")
        fields = w.pusher.event(user["openid"], "VIEW", EventKey=url, MenuId=menuid)
    elif kind in {"scancode_push", "scancode_waitmsg"}:
        scanned = {"ScanType": "qrcode", "ScanResult": str(body.get("result") or "")}
        fields = w.pusher.event(user["openid"], kind, EventKey=key, ScanCodeInfo=scanned)
    elif kind in EXTRA_EVENTS:
        fields = w.pusher.event(user["openid"], kind, EventKey=key, **extra_of(kind))
    if fields:
        w.pusher.later(Push(user["openid"], fields, answers=kind != "view"))
    return jsonify(open=url if kind in {"view", "miniprogram"} else "")


def extra_of(kind: str) -> dict[str, Any]:
    if kind == "location_select":
        place = {
            "Location_X": "31.2304",
            "Location_Y": "121.4737",
            "Scale": "16",
            "Label": "示例大学",
            "Poiname": "",
        }
        return {"SendLocationInfo": place}
    return {"SendPicsInfo": {"Count": 0, "PicList": ""}}


@bp.post("/follow")
def follow() -> Response:
    w, body = world(), given()
    user = owner(w, body.get("person"))
    if body.get("follow"):
        qrcode.follow(w, user, str(body.get("code") or ""))
    else:
        qrcode.unfollow(w, user)
    return jsonify(follows=bool(body.get("follow")))


@bp.post("/scan")
def scan() -> Response:
    """A code was scanned: what the phone should do now."""
    w, body = world(), given()
    user = owner(w, body.get("person"))
    text = clean(str(body.get("text") or ""))
    if text.isalnum() and 4 <= len(text) <= 16:
        text = f"{w.config.app}/q/{text.upper()}"
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"}:
        return jsonify(action="text", text=text)
    own = {urlsplit(w.config.base).netloc, request.host, "weixin.qq.com"}
    if parts.netloc in own and parts.path.startswith("/q/"):
        code = parts.path.removeprefix("/q/")
        return jsonify(action=qrcode.scan(w, user, code), code=code)
    w.store.run(
        "INSERT INTO scans (url, label, created) VALUES (?, ?, ?) ON CONFLICT (url) DO UPDATE "
        "SET created = excluded.created",
        (text, parts.path.rsplit("/", 1)[-1] or parts.netloc, w.store.now()),
    )
    return jsonify(action="open", url=text)


@bp.get("/codes")
def codes() -> Response:
    """What can be scanned nearby: doors of the samples, codes scanned before, the "
    "account's newest QR codes."""
    w = world()
    doors: list[dict[str, str]] = []
    for path in (w.config.data_dir / "doors.json", w.config.samples_dir / "doors.json"):
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            doors = [
                {"text": f"{w.config.app}/q/{each['code']}", "label": str(each["label"])}
                for each in found[:12]
            ]
            break
    recent = w.store.all("SELECT url AS text, label FROM scans ORDER BY created DESC LIMIT 6")
    scenes = w.store.all(
        "SELECT code, scene FROM qrcodes WHERE expires IS NULL OR expires > ? ORDER BY created DESC LIMIT 4",
        (w.store.now(),),
    )
    return jsonify(
        doors=doors,
        recent=recent,
        scenes=[{"text": f"{w.config.base}/q/{row['code']}", "label": row["scene"]} for row in scenes],
    )


@bp.get("/reachable")
def reachable() -> Response:
    """Does the application answer at all? A frame cannot tell."""
    try:
        requests.get(f"{world().config.app}/healthz", timeout=3)
    except requests.RequestException:
        return jsonify(reachable=False)
    return jsonify(reachable=True)
