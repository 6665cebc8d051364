"""The platform's signature: HMAC-SHA256 over the sorted members, percent-encoded."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def sign(key: str, fields: Mapping[str, str]) -> str:
    told = [
        f"{quote(name, safe='')}={quote(fields[name], safe='')}" for name in sorted(fields) if name != "sign"
    ]
    return hmac.new(key.encode(), "&".join(told).encode(), hashlib.sha256).hexdigest()


def is_signed(key: str, fields: Mapping[str, str]) -> bool:
    return hmac.compare_digest(sign(key, fields).encode(), fields.get("sign", "").encode())
