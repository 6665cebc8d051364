"""Texts for the wire: no character that XML or JSON forbids, never too many bytes, never half a character."""

import re

LONGEST_TEXT = 2048
"""Bytes of a chat message."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Without control characters and halves of characters; line breaks and tabs stay."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    """At most `longest` bytes; what was cut shows as …"""
    raw = text.encode()
    if len(raw) <= longest:
        return text
    return raw[: longest - 3].decode(errors="ignore") + "…"


def cdata(text: str) -> str:
    """The text inside XML, unable to end its own section."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
