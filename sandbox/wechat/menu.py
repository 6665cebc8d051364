"""The custom menu and menus by tag."""

import json
from typing import Any

from flask import Blueprint, Response

from sandbox.store import Row
from sandbox.wechat.reply import ApiError, answer, body_json, need, ok
from sandbox.wechat.users import tags_of
from sandbox.world import World, world

bp = Blueprint("wechat_menu", __name__)
KEYED = {
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
}
OTHER = {"view", "miniprogram", "media_id", "article_id", "article_view_limited", "view_limited"}


def check_buttons(buttons: Any, top: bool = True) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= (3 if top else 5):
        raise ApiError(40016 if top else 40023)
    for button in buttons:
        if not isinstance(button, dict):
            raise ApiError(40017)
        size = len(str(button.get("name") or "").encode())
        if not 1 <= size <= (16 if top else 60):
            raise ApiError(40018)
        if top and button.get("sub_button"):
            check_buttons(button["sub_button"], top=False)
        else:
            check_action(button)


def check_action(button: dict[str, Any]) -> None:
    kind = button.get("type")
    if kind in KEYED:
        if not 1 <= len(str(button.get("key") or "").encode()) <= 128:
            raise ApiError(40019)
    elif kind not in OTHER:
        raise ApiError(40017)
    if kind in {"view", "miniprogram"}:
        url = str(button.get("url") or "")
        if not url.startswith(("http://", "https://")):
            raise ApiError(40055)
        if len(url.encode()) > 1024:
            raise ApiError(40020)


def default_menu(w: World) -> Row | None:
    return w.store.one("SELECT * FROM menus WHERE rule IS NULL ORDER BY menuid DESC LIMIT 1")


def stored(row: Row) -> dict[str, Any]:
    buttons = json.loads(row["button"])
    for button in buttons:
        button.setdefault("sub_button", [])
    menu: dict[str, Any] = {"button": buttons, "menuid": row["menuid"]}
    if row["rule"]:
        menu["matchrule"] = json.loads(row["rule"])
    return menu


def menu_for(w: World, openid: str) -> list[dict[str, Any]]:
    """The buttons this person sees: the newest rule for the last tag set on them, else the default."""
    default = default_menu(w)
    if default is None:
        return []
    tags = tags_of(w, openid)
    if tags:
        for row in w.store.all("SELECT * FROM menus WHERE rule IS NOT NULL ORDER BY menuid DESC"):
            if str(json.loads(row["rule"]).get("tag_id")) == str(tags[-1]):
                return list(stored(row)["button"])
    return list(stored(default)["button"])


@bp.route("/cgi-bin/menu/create", methods=["GET", "POST"])
def create() -> Response:
    w = world()
    buttons = need(body_json(), "button", 40016, list)
    check_buttons(buttons)
    with w.store.tx():
        w.store.run("DELETE FROM menus WHERE rule IS NULL")
        insert(w, buttons, None)
    w.store.announce()
    return ok()


def insert(w: World, buttons: list[Any], rule: dict[str, Any] | None) -> int:
    return w.store.insert(
        "INSERT INTO menus (button, rule, created) VALUES (?, ?, ?)",
        (json.dumps(buttons, ensure_ascii=False), json.dumps(rule) if rule else None, w.store.now()),
    )


@bp.route("/cgi-bin/menu/get", methods=["GET", "POST"])
def get() -> Response:
    w = world()
    default = default_menu(w)
    if default is None:
        raise ApiError(46003)
    found: dict[str, Any] = {"menu": stored(default)}
    special = w.store.all("SELECT * FROM menus WHERE rule IS NOT NULL ORDER BY menuid DESC")
    if special:
        found["conditionalmenu"] = [stored(row) for row in special]
    return answer(found)


@bp.route("/cgi-bin/get_current_selfmenu_info", methods=["GET", "POST"])
def current() -> Response:
    default = default_menu(world())
    buttons = stored(default)["button"] if default else []
    for button in buttons:
        subs = button.pop("sub_button", [])
        if subs:
            button["sub_button"] = {"list": subs}
    return answer({"is_menu_open": int(default is not None), "selfmenu_info": {"button": buttons}})


@bp.route("/cgi-bin/menu/delete", methods=["GET", "POST"])
def delete() -> Response:
    world().store.run("DELETE FROM menus")
    return ok()


@bp.route("/cgi-bin/menu/addconditional", methods=["GET", "POST"])
def add_conditional() -> Response:
    w, body = world(), body_json()
    buttons, rule = need(body, "button", 40016, list), need(body, "matchrule", 65309, dict)
    if set(rule) - {"tag_id", "group_id", "client_platform_type"}:
        raise ApiError(65320)
    check_buttons(buttons)
    if default_menu(w) is None:
        raise ApiError(65303)
    return answer({"menuid": str(insert(w, buttons, rule))})


@bp.route("/cgi-bin/menu/delconditional", methods=["GET", "POST"])
def delete_conditional() -> Response:
    number = str(body_json().get("menuid") or "")
    if not world().store.run("DELETE FROM menus WHERE menuid = ? AND rule IS NOT NULL", (number,)):
        raise ApiError(65301)
    return ok()


@bp.route("/cgi-bin/menu/trymatch", methods=["GET", "POST"])
def try_match() -> Response:
    w = world()
    who = need(body_json(), "user_id", 40035)
    user = w.user(who) or w.user_by_number(who)
    if user is None:
        raise ApiError(40003)
    return answer({"button": menu_for(w, user["openid"])})
