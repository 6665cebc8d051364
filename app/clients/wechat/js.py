"""Signing pages for WeChat's JavaScript."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.clients.wechat.errors import ForeignUrl
from app.kit.clock import now

_ODD = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True)
class JsSignature:
    """The arguments of wx.config that are not constant."""

    appid: str
    timestamp: int
    nonce: str
    signature: str


def page_to_sign(url: str, allowed_hosts: Collection[str]) -> str:
    """The address without its fragment, if its host (with the port, when it has one) is ours."""
    page = url.split("#", 1)[0]
    try:
        parts = urlsplit(page)
    except ValueError:
        raise ForeignUrl from None
    ours = any(
        hmac.compare_digest(parts.netloc.lower().encode(), host.lower().encode()) for host in allowed_hosts
    )
    if _ODD.search(page) or parts.scheme not in ("http", "https") or not ours:
        raise ForeignUrl
    return page


def sign(appid: str, ticket: str, page: str) -> JsSignature:
    """Sign with a fresh nonce."""
    nonce, timestamp = secrets.token_hex(8), int(now().timestamp())
    return JsSignature(appid, timestamp, nonce, signature_of(ticket, nonce, timestamp, page))


def signature_of(ticket: str, nonce: str, timestamp: int, page: str) -> str:
    """WeChat's formula; every value goes in raw, the names in lower case."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={page}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
