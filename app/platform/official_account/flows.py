"""What the official account asks of WeChat: the menu, scene codes, signed pages, and whether all is well."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.clients.wechat.errors import ForeignUrl, WeChatError
from app.clients.wechat.js import JsSignature
from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.log import log
from app.platform.official_account import service
from app.platform.official_account.errors import PageNotOurs, WeChatAway
from app.platform.official_account.service import words

_FIELD = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: what was looked at, whether it is fine, and what to do if not."""

    what: str
    is_fine: bool
    advice: str = ""


def push_menu(clients: Any) -> None:
    """Replace the account's menu by ours. Phones show it within five minutes. Raises WeChatError."""
    clients.wechat.create_menu(service.account_menu(clients.base_url))


def scene_url(kind: str, reference: str, *, clients: Any) -> str:
    """What the QR for this thing encodes; WeChat is asked once. Raises WeChatAway."""
    with unit_of_work() as session:
        scene = service.scene_about(session, kind, reference)
    if scene.url is not None:
        return scene.url
    seconds = int((scene.expires_at - clock.now()).total_seconds())
    try:
        made = clients.wechat.create_scene_qr(scene.scene, seconds)
    except WeChatError as error:
        log.warning("scene_qr_failed", errcode=error.errcode, error=type(error).__name__)
        raise WeChatAway() from None
    with unit_of_work() as session:
        service.note_scene_url(session, scene.scene, made.url)
    return str(made.url)


def sign_page(url: str, *, clients: Any) -> JsSignature:
    """What wx.config needs for one of our pages. Raises PageNotOurs or WeChatAway."""
    try:
        return clients.wechat.js_signature(url, [urlsplit(clients.base_url).netloc])
    except ForeignUrl:
        raise PageNotOurs() from None
    except WeChatError as error:
        log.warning("js_signature_failed", errcode=error.errcode, error=type(error).__name__)
        raise WeChatAway() from None


def check(clients: Any, templates: Mapping[str, str]) -> list[Finding]:
    """Whether the account works: token, callback, templates. Asks WeChat; changes nothing."""
    try:
        clients.wechat.callback_ips()
    except WeChatError as error:
        advice = f"{error}：检查 AppID、AppSecret 和 IP 白名单"
        return [Finding("access_token", False, advice)]
    return [Finding("access_token", True), *_check_callback(clients), *_check_templates(clients, templates)]


def _check_callback(clients: Any) -> list[Finding]:
    advice = f"微信访问不到 {clients.base_url}/callbacks/wechat：检查域名解析、端口 80/443 和服务器配置"
    try:
        checked = clients.wechat.check_callback()
    except WeChatError as error:
        return [Finding("callback", False, str(error))]
    return [Finding("callback", bool(checked.dns or checked.ping), advice)]


def _check_templates(clients: Any, templates: Mapping[str, str]) -> list[Finding]:
    """Every template our messages use exists and has the fields that we fill."""
    try:
        known = clients.wechat.list_templates()
    except WeChatError as error:
        return [Finding("templates", False, str(error))]
    wanted: dict[str, set[str]] = {}
    for module in words.modules():
        for kind in module.message_kinds:
            wanted.setdefault(kind.template, set()).update(kind.fields)
    return [
        _check_template(key, fields, templates.get(key, ""), known) for key, fields in sorted(wanted.items())
    ]


def _check_template(key: str, fields: set[str], template_id: str, known: Mapping[str, str]) -> Finding:
    what = f"template {key}"
    if not template_id:
        return Finding(what, False, f"WECHAT_TEMPLATES 里没有 {key}")
    if template_id not in known:
        return Finding(what, False, f"{template_id} 不在公众号的模板库里")
    there = set(_FIELD.findall(known[template_id]))
    if there and there != fields:
        odd = "、".join(sorted(there ^ fields))
        return Finding(what, False, f"字段不一致：{odd}")
    return Finding(what, True)
