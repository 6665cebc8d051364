"""Text from vendors who say GBK and mean it, mostly."""

import codecs
import re

_LABEL = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.IGNORECASE)


def text_of(content: bytes, content_type: str = "") -> str:
    """What the bytes say, in UTF-8 or GBK, with the label or against it. Raises ValueError.

    Text in GBK is next to never well-formed UTF-8 with a character of three bytes in it, and Chinese in UTF-8
    has nothing but those. Only where that does not decide does the label (GBK when there is none). GB18030
    stands for GBK: the same bytes mean the same, and the rare characters of names are in it.
    """
    if content.startswith(codecs.BOM_UTF8):
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030")
    if _is_chinese(text) or text.isascii() or _label(content, content_type).startswith("utf"):
        return text
    return content.decode("gb18030")


def _is_chinese(text: str) -> bool:
    return any(character >= "\u0800" for character in text)


def _label(content: bytes, content_type: str) -> str:
    found = _LABEL.search(content_type.encode("latin-1", "replace")) or _LABEL.search(content[:100])
    return found.group(1).decode().lower() if found else "gbk"
