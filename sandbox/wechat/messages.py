"""Sending: template messages, subscription notifications and customer service messages."""

import json
from typing import Any

from flask import Blueprint, Response

from sandbox.store import Row
from sandbox.wechat import templates
from sandbox.wechat.chat import has_media, use_window
from sandbox.wechat.fields import complaint
from sandbox.wechat.push import Push, message_id
from sandbox.wechat.reply import ApiError, body_json, need, ok
from sandbox.world import World, say, world

bp = Blueprint("wechat_messages", __name__)
REPEAT_SECONDS = 600


def receiver(w: World, body: dict[str, Any]) -> Row:
    user = w.user(str(body.get("touser") or ""))
    if user is None:
        raise ApiError(40003)
    return user


def check_data(w: World, template: Row, data: Any) -> None:
    if not isinstance(data, dict) or not data:
        raise ApiError(47003, "data is empty")
    expected = templates.names(template) or list(data)
    for name in expected:
        member = data.get(name)
        problem = complaint(name, member.get("value") if isinstance(member, dict) else None)
        if problem:
            raise ApiError(47003, problem)
    if w.knobs["strict_templates"] and set(data) - set(expected):
        raise ApiError(47003, f"data.{min(set(data) - set(expected))} is not in the template")


def check_link(body: dict[str, Any], name: str) -> str:
    link = body.get(name) or ""
    if (
        not isinstance(link, str)
        or (link and not link.startswith(("http://", "https://")))
        or len(link) > 1024
    ):
        raise ApiError(40165, f"invalid {name}")
    return link


def note(w: World, kind: str, body: dict[str, Any], msgid: int | None, status: str) -> int:
    return w.store.insert(
        "INSERT INTO sent (kind, openid, template_id, msgid, client_msg_id, payload, status, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            kind,
            body["touser"],
            str(body.get("template_id") or ""),
            msgid,
            str(body.get("client_msg_id") or ""),
            json.dumps(body, ensure_ascii=False),
            status,
            w.store.now(),
        ),
    )


@bp.route("/cgi-bin/message/template/send", methods=["GET", "POST"])
def send_template() -> Response:
    w, body = world(), body_json()
    template = templates.find(w, str(body.get("template_id") or ""))
    if template is None:
        raise ApiError(40037)
    user = receiver(w, body)
    link = check_link(body, "url")
    check_data(w, template, body.get("data"))
    if not user["follows"]:
        raise ApiError(43004)
    client_id = str(body.get("client_msg_id") or "")
    if len(client_id) > 32:
        raise ApiError(40097, "client_msg_id")
    with w.store.tx():
        earlier = w.store.one(
            "SELECT msgid FROM sent WHERE openid = ? AND client_msg_id = ? AND client_msg_id <> "
            "'' AND created > ?",
            (user["openid"], client_id, w.store.now() - REPEAT_SECONDS),
        )
        if earlier:
            return ok(msgid=earlier["msgid"])
        msgid = message_id()
        result = (
            w.knobs["send_results"].get(user["openid"])
            or w.knobs["send_results"].get(user["number"])
            or "success"
        )
        note(w, "template", body, msgid, result)
        if result == "success":
            card = {
                "title": template["title"],
                "rows": templates.lines(template, body["data"]),
                "url": link,
                "msgid": str(msgid),
            }
            say(w.store, user["openid"], "account", "template", card)
    finished(w, user["openid"], msgid, result)
    return ok(msgid=msgid)


def finished(w: World, openid: str, msgid: int, result: str) -> None:
    """The platform tells the outcome a moment later."""
    if not w.knobs["job_finish"]:
        return
    fields = w.pusher.event(openid, "TEMPLATESENDJOBFINISH", MsgID=msgid, Status=result)
    w.pusher.later(Push(openid, fields, answers=False, after=float(w.knobs["job_finish_delay"])))


@bp.route("/cgi-bin/message/subscribe/bizsend", methods=["GET", "POST"])
def send_subscription() -> Response:
    """订阅通知: one message for each consent."""
    w, body = world(), body_json()
    template = templates.find(w, str(body.get("template_id") or ""))
    if template is None:
        raise ApiError(40037)
    user = receiver(w, body)
    link = check_link(body, "page")
    check_data(w, template, body.get("data"))
    with w.store.tx():
        key = (user["openid"], template["template_id"])
        if not w.store.run(
            "UPDATE credits SET amount = amount - 1 WHERE openid = ? AND template_id = ? AND amount > 0", key
        ):
            raise ApiError(43101)
        msgid = message_id()
        note(w, "subscription", body, msgid, "success")
        card = {
            "title": template["title"],
            "rows": templates.lines(template, body["data"]),
            "url": link,
            "msgid": str(msgid),
        }
        where = "account" if user["follows"] else "service"
        say(w.store, user["openid"], "account", "template", card, where)
    inside = {"TemplateId": template["template_id"], "MsgID": msgid, "ErrorCode": 0, "ErrorStatus": "success"}
    fields = w.pusher.event(
        user["openid"], "subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": inside}
    )
    w.pusher.later(Push(user["openid"], fields, answers=False, after=float(w.knobs["job_finish_delay"])))
    return ok()


@bp.route("/cgi-bin/message/template/subscribe", methods=["GET", "POST"])
def send_old_subscription() -> Response:
    """The old 一次性订阅消息: title and one coloured text."""
    w, body = world(), body_json()
    user = receiver(w, body)
    key = (user["openid"], f"{body.get('template_id')}#{body.get('scene')}")
    if not w.store.run(
        "UPDATE credits SET amount = 0 WHERE openid = ? AND template_id = ? AND amount > 0", key
    ):
        raise ApiError(43101)
    text = ((body.get("data") or {}).get("content") or {}).get("value") or ""
    note(w, "old subscription", body, None, "success")
    card = {
        "title": str(body.get("title") or ""),
        "rows": [{"label": "", "value": str(text)}],
        "url": check_link(body, "url"),
    }
    say(w.store, user["openid"], "account", "template", card, "account" if user["follows"] else "service")
    return ok()


@bp.route("/cgi-bin/message/custom/send", methods=["GET", "POST"])
def send_custom() -> Response:
    w, body = world(), body_json()
    user = receiver(w, body)
    kind = need(body, "msgtype", 40008)
    content = custom_content(w, kind, body)
    if not user["follows"]:
        raise ApiError(45015)
    problem = use_window(w.store, user["openid"])
    if problem:
        raise ApiError(problem)
    note(w, "custom", body, None, "success")
    say(w.store, user["openid"], "account", kind, content)
    return ok()


def custom_content(w: World, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the chat shows for a customer service message."""
    inside = body.get(kind)
    if not isinstance(inside, dict):
        raise ApiError(47001, f"hint: {kind}")
    if kind == "text":
        text = need(inside, "content", 44004)
        if len(text.encode()) > 2048:
            raise ApiError(45002, "content size out of limit")
        return {"text": text}
    if kind in {"image", "voice", "video"}:
        if not has_media(w.store, inside.get("media_id")):
            raise ApiError(40007)
        return {"media_id": inside["media_id"]}
    if kind == "news":
        articles = inside.get("articles") or []
        if len(articles) != 1:
            raise ApiError(45008, "article size out of limit")
        first = articles[0]
        return {
            "title": first.get("title"),
            "text": first.get("description"),
            "url": first.get("url"),
            "picture": first.get("picurl"),
        }
    if kind == "msgmenu":
        choices = [
            {"id": str(each.get("id")), "text": str(each.get("content"))} for each in inside.get("list") or []
        ]
        return {"head": inside.get("head_content"), "choices": choices, "tail": inside.get("tail_content")}
    if kind in {"music", "miniprogrampage", "wxcard", "mpnewsarticle"}:
        return {
            "title": str(inside.get("title") or kind),
            "text": str(inside.get("description") or ""),
            "url": "",
        }
    raise ApiError(40008, "invalid message type")


@bp.route("/cgi-bin/message/custom/typing", methods=["GET", "POST"])
def typing() -> Response:
    w, body = world(), body_json()
    receiver(w, body)
    if body.get("command") not in {"Typing", "CancelTyping"}:
        raise ApiError(40097, "command")
    return ok()
