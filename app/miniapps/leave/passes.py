"""The code of a pass: it changes every 30 seconds, so that a picture of it is worth nothing. Pure.

The key of a day is derived from the house's own; a guard's browser gets those of today and tomorrow and no more.
"""

import hashlib
import hmac
import re
from datetime import date, datetime

from app.kit import clock, crypto

SECONDS = 30
LENGTH = 8
PREFIX = "WLP"
CODE = re.compile(r"[0-9A-Fa-f]{8}")


def key_of(pass_id: str, day: date) -> str:
    """What the codes of one Shanghai day are made with."""
    return crypto.blind_index(f"{pass_id}:{day.isoformat()}", "leave.pass")


def code_at(pass_id: str, moment: datetime) -> str:
    step = int(moment.timestamp()) // SECONDS
    key = key_of(pass_id, clock.local(moment).date())
    return hmac.new(key.encode(), str(step).encode(), hashlib.sha256).hexdigest()[:LENGTH]


def text_at(pass_id: str, moment: datetime) -> str:
    """What the QR code says."""
    return f"{PREFIX}:{pass_id}:{code_at(pass_id, moment)}"


def read(text: str) -> tuple[str, str] | None:
    """(pass id, code) of what was scanned; None: it is no pass."""
    parts = text.strip().split(":")
    if len(parts) != 3 or parts[0] != PREFIX or len(parts[1]) > 40 or not CODE.fullmatch(parts[2]):
        return None
    return parts[1], parts[2].lower()


def is_fresh(pass_id: str, code: str, moment: datetime, *, steps: int = 1) -> bool:
    """Whether the code was shown at that moment, or up to so many steps of 30 s before or after."""
    span = clock.timedelta(seconds=SECONDS)
    return any(
        hmac.compare_digest(code_at(pass_id, moment + offset * span), code)
        for offset in range(-steps, steps + 1)
    )
