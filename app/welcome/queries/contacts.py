"""官方核验: whether a phone, link or payee is one that the school has published."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import paging
from app.kit.paging import Key, Page
from app.welcome.models import OfficialContact

NOT_DIGITS = re.compile(r"\D")
PHONE = re.compile(r"[\d\s()+\-–—.]{3,30}")


def normal(kind: str, text: str) -> str:
    """The one way of writing it that is compared; empty when it can't be one of this kind."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if kind == "phone":
        return _phone(plain)
    if kind == "link":
        return _host(plain)
    return re.sub(r"[\s()\[\]{}·•\-—.,]", "", plain).casefold()


def _phone(text: str) -> str:
    if not PHONE.fullmatch(text):
        return ""
    digits = NOT_DIGITS.sub("", text)
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 10:
            return digits.removeprefix(prefix).removeprefix("0")
    return digits.removeprefix("0") if len(digits) >= 10 else digits


def _host(text: str) -> str:
    """The host alone, in its wire form: what stands before an @, in a path or a query proves nothing."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
        is_plain = parts.scheme in ("http", "https") and parts.username is None and parts.port != 0
    except (ValueError, UnicodeError):
        return ""
    return host if is_plain and "." in host else ""


def find_official(session: Session, kind: str, text: str) -> OfficialContact | None:
    """A link is the school's when its host, or a domain above it, is in the list."""
    value = normal(kind, text)
    if not value:
        return None
    values = [value]
    if kind == "link":
        labels = value.split(".")
        values = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    stmt = select(OfficialContact).where(
        OfficialContact.kind == kind, OfficialContact.value.in_(values), OfficialContact.is_active
    )
    return session.scalars(stmt.limit(1)).first()


def kept(session: Session, cursor: str | None) -> Page[Any]:
    stmt = select(
        OfficialContact.id,
        OfficialContact.kind,
        OfficialContact.shown,
        OfficialContact.owner,
        OfficialContact.note,
        OfficialContact.saved_at,
    ).where(OfficialContact.is_active)
    keys = [Key("kind", OfficialContact.kind), Key("id", OfficialContact.id)]
    return paging.page(session, stmt, keys=keys, cursor=cursor, limit=100)


def mask(text: str) -> str:
    """Enough to see that it was understood, too little to be of use."""
    plain = text.strip()
    if len(plain) < 5:
        return "*" * len(plain)
    return f"{plain[0]}***{plain[-2:]}"
