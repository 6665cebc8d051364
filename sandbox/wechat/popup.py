"""Consent to subscription messages: the old confirm page, and the popup of wx-open-subscribe."""

import json
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request

from sandbox.cast import BY_NUMBER
from sandbox.wechat.push import Push
from sandbox.world import World, world

bp = Blueprint("wechat_popup", __name__, template_folder="templates")


def credit(w: World, openid: str, template_id: str) -> None:
    w.store.run(
        "INSERT INTO credits (openid, template_id, amount) VALUES (?, ?, 1) "
        "ON CONFLICT (openid, template_id) DO UPDATE SET amount = amount + 1",
        (openid, template_id),
    )


def consent(w: World, openid: str, answers: dict[str, str]) -> None:
    """What a person said in the popup: credits, and the event for the application."""
    for template_id, status in answers.items():
        if status == "accept":
            credit(w, openid, template_id)
    items: list[dict[str, Any]] = [
        {"TemplateId": template_id, "SubscribeStatusString": status, "PopupScene": 1}
        for template_id, status in answers.items()
    ]
    fields = w.pusher.event(openid, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": items})
    w.pusher.later(Push(openid, fields, answers=False))


@bp.get("/mp/subscribemsg")
def old_confirm() -> Response:
    """一次性订阅: choose who answers and what, then back with openid, template_id, action, "
    "scene, reserved."""
    w, args = world(), request.args
    target = args.get("redirect_url", "")
    if (
        args.get("action") != "get_confirm"
        or args.get("appid") != w.config.appid
        or not target.startswith(w.config.app)
    ):
        return make_response(render_template("oauth_refused.html", problem="订阅链接的参数有误"), 200)
    openid, action = args.get("sim_openid", ""), args.get("sim_action", "confirm")
    user = w.user(openid) or w.user_by_number(openid)
    if user is None:
        users = w.store.all("SELECT * FROM users WHERE number IS NOT NULL ORDER BY position")
        people = [(each, BY_NUMBER.get(each["number"])) for each in users]
        return make_response(
            render_template(
                "authorize.html",
                people=people,
                base=True,
                here=request.full_path,
                account=w.config.account_name,
            )
        )
    back = {
        "template_id": args.get("template_id", ""),
        "action": action,
        "scene": args.get("scene", ""),
        "reserved": args.get("reserved", ""),
    }
    if action == "confirm":
        credit(w, user["openid"], f"{back['template_id']}#{back['scene']}")
    glue = "&" if "?" in target else "?"
    return redirect(f"{target}{glue}{urlencode({'openid': user['openid'], **back})}")  # type: ignore[return-value]


@bp.post("/phone/api/consent")
def popup() -> Response:
    w = world()
    body = request.get_json(force=True)
    user = w.user_by_number(str(body.get("person") or ""))
    if user is None:
        return make_response({"error": "no such person"}, 404)
    answers = {str(key): str(value) for key, value in (body.get("answers") or {}).items()}
    consent(w, user["openid"], answers)
    return make_response(json.dumps({"ok": True}))
