"""What people and WeChat send us, as one frozen shape."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.clients.wechat.errors import BadCallback

MESSAGES = ("text", "image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage")
"""Message types we name; any other is "unknown"."""

RENAMED = {
    "templatesendjobfinish": "template_sent",
    "subscribe_msg_popup_event": "subscribe_popup",
    "subscribe_msg_change_event": "subscribe_change",
    "subscribe_msg_sent_event": "subscribe_sent",
}
"""Events under a name that says what happened; any other is its own name in lower case."""

LISTS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")
_ABOUT_A_USER = ("user_info_modified", "user_authorization_revoke", "user_authorization_cancellation")
_NAME = re.compile(r"[a-z0-9_]{1,64}")
_SCENE = "qrscene_"


@dataclass(frozen=True)
class Subscription:
    """One template in an event about subscription messages."""

    template_id: str
    choice: str = ""
    """accept, reject, … of a pop-up or a change."""
    msg_id: str = ""
    error_code: str = ""
    error_status: str = ""


@dataclass(frozen=True)
class Incoming:
    """One message (`kind` "text", "image", …) or event (`kind` "event:subscribe", "event:scan", …).

    `openid` is the person it is about, also where WeChat puts them elsewhere than in FromUserName. `key` is
    a menu key, an address or the id of a tapped choice; `scene` comes without WeChat's prefix and is a hint,
    never a credential. `fields` is everything as it came, for what has no attribute here.
    """

    kind: str
    openid: str
    at: datetime
    sender: str = ""
    msg_id: str | None = None
    text: str = ""
    key: str = ""
    scene: str = ""
    ticket: str = ""
    media_id: str = ""
    status: str = ""
    subscriptions: tuple[Subscription, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_event(self) -> bool:
        return self.kind.startswith("event:")

    @property
    def dedupe_key(self) -> str:
        """The same for every repetition of one push and for no other; holds no personal value.

        Events have no MsgId (wechatpy says 0): person, second, event, key and, where there is one, the id of
        the message it reports on.
        """
        if self.msg_id and not self.is_event:
            return f"msg:{self.msg_id}"
        parts = [self.sender, self.openid, str(int(self.at.timestamp())), self.kind, self.key, self.scene]
        parts += [self.msg_id or "", self.text, self.media_id, *map(repr, self.subscriptions)]
        return "event:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


def read(fields: Mapping[str, Any]) -> Incoming:
    """From the decrypted XML's elements; BadCallback when an element is missing or not what it should be."""
    sender = _text(fields, "FromUserName")
    at = _moment(_text(fields, "CreateTime"))
    message_type = _text(fields, "MsgType").lower()
    if not sender:
        raise BadCallback("malformed")
    if message_type == "event":
        return _event(fields, sender, at)
    return Incoming(
        kind=message_type if message_type in MESSAGES else "unknown",
        openid=sender,
        sender=sender,
        at=at,
        msg_id=_text(fields, "MsgId") or None,
        text=_text(fields, "Content") or _text(fields, "Label") or _text(fields, "Title"),
        key=_text(fields, "bizmsgmenuid") or _text(fields, "Url"),
        media_id=_text(fields, "MediaId"),
        fields=fields,
    )


def _event(fields: Mapping[str, Any], sender: str, at: datetime) -> Incoming:
    event = _text(fields, "Event").lower()
    name = RENAMED.get(event, event if _NAME.fullmatch(event) else "unknown")
    key = _text(fields, "EventKey")
    scene = key if name == "scan" else ""
    if name == "subscribe" and key.startswith(_SCENE):
        scene = key.removeprefix(_SCENE)
    status = _text(fields, "Status") or _text(fields, "RevokeInfo")
    return Incoming(
        kind=f"event:{name}",
        openid=(_text(fields, "OpenID") or sender) if event in _ABOUT_A_USER else sender,
        sender=sender,
        at=at,
        msg_id=_text(fields, "MsgID") or _text(fields, "MsgId") or None,
        key="" if scene else key,
        scene=scene,
        ticket=_text(fields, "Ticket"),
        status=status.replace(": ", ":"),
        subscriptions=_subscriptions(fields),
        fields=fields,
    )


def _subscriptions(fields: Mapping[str, Any]) -> tuple[Subscription, ...]:
    """`List` is one element or several; and change events come under the pop-up's wrapper too."""
    found: list[Any] = []
    for name in LISTS:
        wrapper = fields.get(name)
        inner = wrapper.get("List") if isinstance(wrapper, Mapping) else None
        found += inner if isinstance(inner, list) else [inner]
    return tuple(_subscription(item) for item in found if isinstance(item, Mapping))


def _subscription(item: Mapping[str, Any]) -> Subscription:
    return Subscription(
        template_id=_text(item, "TemplateId"),
        choice=_text(item, "SubscribeStatusString"),
        msg_id=_text(item, "MsgID"),
        error_code=_text(item, "ErrorCode"),
        error_status=_text(item, "ErrorStatus"),
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    """An element's text; twice the same element, or one with children, is not WeChat's doing."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadCallback("malformed")
    return value


def _moment(seconds: str) -> datetime:
    if (
        not (seconds.isascii() and seconds.isdigit())
        or not 1_000_000_000 <= int(seconds[:11]) < 10_000_000_000
    ):
        raise BadCallback("malformed")
    return datetime.fromtimestamp(int(seconds), UTC)
