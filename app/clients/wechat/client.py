"""What the project asks of WeChat, as typed calls. Raises WeChatError and nothing else."""

import mimetypes
import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from redis import Redis

from app.clients.wechat import js, media, oauth
from app.clients.wechat.account import Account
from app.clients.wechat.errors import NoMenu
from app.clients.wechat.settings import WeChatSettings
from app.clients.wechat.shared import SharedValue
from app.clients.wechat.texts import clean, cut
from app.clients.wechat.wire import open_session, unreadable

TICKET_MARGIN = 300
LONGEST_SCENE = 2_592_000
"""Seconds a temporary scene QR may live."""


class SceneQr(NamedTuple):
    """`url` is what the picture encodes; draw it ourselves instead of fetching WeChat's picture."""

    ticket: str
    url: str


@dataclass(frozen=True)
class Follower:
    """What WeChat tells about a person; names and pictures are no longer among it."""

    openid: str
    follows: bool
    unionid: str | None = None
    scene: str = ""


@dataclass(frozen=True)
class CallbackCheck:
    """WeChat's own test of our callback: address lookup and reachability, as WeChat words them."""

    dns: tuple[dict[str, Any], ...]
    ping: tuple[dict[str, Any], ...]


class _Connection:
    """What may not cross a fork: sockets and locks."""

    def __init__(self, settings: WeChatSettings, redis: Redis) -> None:
        self.pid = os.getpid()
        self.http = open_session(settings)
        self.account = Account(settings, redis, self.http)


class WeChat:
    """One official account. Make one per process; threads share it; a fork makes its own connection."""

    def __init__(self, settings: WeChatSettings, redis: Redis) -> None:
        self.settings = settings
        self._redis = redis
        self._connect()

    def _connect(self) -> None:
        self._connection = _Connection(self.settings, self._redis)
        self._ticket = SharedValue(
            self._redis, f"wechat:{self.settings.appid}:jsapi", self._fetch_ticket, margin=TICKET_MARGIN
        )

    @property
    def _account(self) -> Account:
        if self._connection.pid != os.getpid():
            self._connect()
        return self._connection.account

    # messages

    def send_template(
        self, openid: str, template_id: str, *, url: str, data: dict[str, str], client_msg_id: str
    ) -> str:
        """Send a template message; the answer is WeChat's msgid (64 bits, so text).

        Within ten minutes WeChat sends the same `client_msg_id` to the same person once only: after
        WeChatUnknown, repeat it within that time with the same id, or not at all.
        """
        body = {
            "touser": openid,
            "template_id": template_id,
            "client_msg_id": client_msg_id,
            "data": _fields(data),
        } | ({"url": url} if url else {})
        return str(
            _take(self._account.post("message/template/send", data=body), "msgid", "message/template/send")
        )

    def send_subscription(self, openid: str, template_id: str, *, page: str, data: dict[str, str]) -> None:
        """Send a subscription message (bizsend). There is no id: after WeChatUnknown never repeat it."""
        body = {"touser": openid, "template_id": template_id, "data": _fields(data)}
        body |= {"page": page} if page else {}
        self._account.post("message/subscribe/bizsend", data=body)

    def send_text(self, openid: str, text: str) -> None:
        """Send a customer-service text; only after the person acted in the chat, else OutOfWindow."""
        self._account.message.send_text(openid, cut(clean(text)))

    # account

    def create_menu(self, menu: dict[str, Any]) -> None:
        """Replace the account's menu."""
        self._account.post("menu/create", data=menu, has_effect=False)

    def get_menu(self) -> dict[str, Any] | None:
        """The menu as WeChat has it, or None."""
        try:
            answer: dict[str, Any] = self._account.get("menu/get")
        except NoMenu:
            return None
        return answer

    def create_scene_qr(self, scene: str, seconds: int) -> SceneQr:
        """A temporary QR to the account; following or scanning brings `scene` (1–64 characters)."""
        if not 1 <= len(scene) <= 64:
            raise ValueError("a scene has 1 to 64 characters")
        body = {
            "expire_seconds": max(60, min(seconds, LONGEST_SCENE)),
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        answer = self._account.post("qrcode/create", data=body, has_effect=False)
        return SceneQr(_take(answer, "ticket", "qrcode/create"), _take(answer, "url", "qrcode/create"))

    def user_info(self, openid: str) -> Follower:
        """Whether the person follows, and by which scene they came."""
        answer = self._account.user.get(openid)
        return Follower(
            openid=openid,
            follows=bool(_take(answer, "subscribe", "user/info")),
            unionid=answer.get("unionid") or None,
            scene=str(answer.get("qr_scene_str") or ""),
        )

    def callback_ips(self) -> list[str]:
        """The addresses WeChat calls from: a second factor for the callback, fetched once a day."""
        return [str(ip) for ip in _take(self._account.get("getcallbackip"), "ip_list", "getcallbackip")]

    def check_callback(self) -> CallbackCheck:
        """Let WeChat test whether it reaches our callback (for the doctor command)."""
        body = {"action": "all", "check_operator": "DEFAULT"}
        answer = self._account.post("callback/check", data=body, has_effect=False)
        return CallbackCheck(tuple(answer.get("dns") or ()), tuple(answer.get("ping") or ()))

    def list_templates(self) -> dict[str, str]:
        """The account's message templates: id → content with {{field.DATA}} gaps (for the doctor command)."""
        answer = self._account.get("template/get_all_private_template")
        listed = _take(answer, "template_list", "template/get_all_private_template")
        return {str(each["template_id"]): str(each.get("content", "")) for each in listed}

    # files

    def upload_image(self, file: IO[bytes], filename: str) -> str:
        """A temporary media id (three days) for a picture in a reply."""
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        form = {"media": (filename, file, kind)}
        answer = self._account.post("media/upload", params={"type": "image"}, files=form)
        return str(_take(answer, "media_id", "media/upload"))

    def download_media(self, media_id: str, max_bytes: int) -> media.Media:
        """A picture that a person sent or uploaded on a page; never more than `max_bytes` in memory."""
        return media.download(self._account, media_id, max_bytes)

    # pages

    def js_ticket(self) -> str:
        """The key that signs pages. It never leaves the server."""
        self._account  # noqa: B018  a fork renews the locks first
        return self._ticket.get()

    def js_signature(self, url: str, allowed_hosts: Collection[str]) -> js.JsSignature:
        """What wx.config needs for the page at `url` (as the browser shows it); ForeignUrl if not ours."""
        page = js.page_to_sign(url, allowed_hosts)
        return js.sign(self.settings.appid, self.js_ticket(), page)

    def _fetch_ticket(self) -> tuple[str, int]:
        answer = self._account.get("ticket/getticket", params={"type": "jsapi"})
        ticket = str(_take(answer, "ticket", "ticket/getticket"))
        return ticket, int(answer.get("expires_in", 7200))

    # sign-in

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Where to send the browser so that it comes back with a code."""
        return oauth.authorize_url(self.settings, state, redirect_uri)

    def exchange_code(self, code: str) -> oauth.OAuthAnswer:
        """Who came back with this code; works once."""
        self._account  # noqa: B018  a fork renews the connection first
        return oauth.exchange_code(self.settings, self._connection.http, code)


def _fields(data: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"value": value} for name, value in data.items()}


def _take(answer: dict[str, Any], name: str, path: str) -> Any:
    if name not in answer:
        raise unreadable(path, has_effect=path.startswith(("message/", "media/")))
    return answer[name]
