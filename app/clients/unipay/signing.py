"""The signature over a set of names and texts, the same in both directions."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, urlencode


def sign(key: str, fields: Mapping[str, str]) -> str:
    """Over every member but `sign`."""
    pairs = sorted((name, value) for name, value in fields.items() if name != "sign")
    text = urlencode(pairs, quote_via=quote, safe="", errors="surrogatepass")
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_signed(key: str, fields: Mapping[str, str]) -> bool:
    given = fields.get("sign", "")
    return hmac.compare_digest(sign(key, fields).encode(), given.encode("utf-8", "replace"))
