"""The callback's envelope, safe mode only: who sent it, is it for us, is it fresh; and replies in it."""

import base64
import hashlib
import hmac
import re
import secrets
import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from app.clients.wechat.errors import BadCallback, StaleCallback
from app.clients.wechat.incoming import Incoming, read
from app.clients.wechat.replies import Reply, render
from app.clients.wechat.settings import WeChatSettings
from app.clients.wechat.texts import cdata, clean
from app.kit import clock

LARGEST_BODY = 64 * 1024
FRESH = 300
"""Seconds a timestamp may differ from now."""
NOTHING = "success"
"""The answer that tells WeChat: received, no reply."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[0-9A-Za-z_-]{1,64}")
_WRONG = (ValueError, KeyError, TypeError, IndexError, AttributeError, ExpatError, RecursionError)


class _Crypto(PrpCrypto):
    def get_random_string(self) -> str:
        return secrets.token_hex(8)  # wechatpy's own is predictable


def verify_echo(token: str, signature: str, timestamp: str, nonce: str) -> bool:
    """Whether a GET that wants its echostr back comes from WeChat. An empty token never agrees."""
    return bool(token) and _same(_signature(token, timestamp, nonce), signature)


def decode(
    settings: WeChatSettings, query: Mapping[str, str], body: bytes, *, now: datetime | None = None
) -> Incoming:
    """The message inside, or BadCallback (StaleCallback when genuine but old), and no other exception."""
    try:
        fields = xmltodict.parse(clean(open_envelope(settings, query, body)), disable_entities=True)["xml"]
        incoming = read(fields)
    except _WRONG:
        raise BadCallback("malformed") from None
    if not _same(str(fields.get("ToUserName")), settings.account_id):
        raise BadCallback("account")
    moment = now or clock.now()
    age = int(moment.timestamp()) - int(query["timestamp"])
    if abs(age) > FRESH:
        raise StaleCallback(incoming, age)
    return incoming


def open_envelope(settings: WeChatSettings, query: Mapping[str, str], body: bytes) -> str:
    """Check size, mode, signature and appid, in this order, and return the text that was encrypted.

    Only what was encrypted is believed; the plain part that the compatible mode adds is never looked at.
    """
    if len(body) > LARGEST_BODY:
        raise BadCallback("too_large")
    secret_text = _encrypted_part(body)
    if query.get("encrypt_type") != "aes" or not secret_text:
        raise BadCallback("not_encrypted")
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    expected = _signature(settings.token, timestamp, nonce, secret_text)
    if not settings.token or not _same(expected, query.get("msg_signature", "")):
        raise BadCallback("signature")
    if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
        raise BadCallback("malformed")
    return _decrypt(settings, secret_text)


def encode_reply(
    settings: WeChatSettings, incoming: Incoming, reply: Reply, *, nonce: str, timestamp: str
) -> str:
    """The body to answer with; `nonce` and `timestamp` are those of the request."""
    plain = render(reply, to=incoming.openid, sender=settings.account_id, at=int(timestamp))
    return seal(settings, plain, nonce=nonce, timestamp=timestamp) if plain else NOTHING


def seal(settings: WeChatSettings, plain: str, *, nonce: str, timestamp: str) -> str:
    """Encrypt and sign an answer."""
    secret_text = _crypto(settings).encrypt(plain, settings.appid).decode()
    signature = _signature(settings.token, timestamp, nonce, secret_text)
    return (
        f"<xml><Encrypt>{cdata(secret_text)}</Encrypt><MsgSignature>{cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{int(timestamp)}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )


def _encrypted_part(body: bytes) -> str:
    """What stands in the one Encrypt element, or "". No XML parser sees a body that nobody has signed."""
    _, opening, rest = body.partition(b"<Encrypt>")
    inner, closing, tail = rest.partition(b"</Encrypt>")
    if not opening or not closing or b"<Encrypt" in inner or b"<Encrypt" in tail:
        return ""
    inner = inner.strip().removeprefix(b"<![CDATA[").removesuffix(b"]]>")
    return b"".join(inner.split()).decode("ascii", "replace")


def _decrypt(settings: WeChatSettings, secret_text: str) -> str:
    try:
        return str(_crypto(settings).decrypt(secret_text, settings.appid))
    except InvalidAppIdException:
        failure = BadCallback("appid")
    except (ValueError, TypeError, IndexError, struct.error):  # whatever garbage makes wechatpy raise
        failure = BadCallback("malformed")
    raise failure


def _crypto(settings: WeChatSettings) -> Any:
    return _Crypto(base64.b64decode(settings.aes_key + "="))


def _signature(*parts: str) -> str:
    text = "".join(sorted(parts))
    return hashlib.sha1(text.encode(errors="replace"), usedforsecurity=False).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))
