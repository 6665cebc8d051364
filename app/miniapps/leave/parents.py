"""A link for parents: who has it sees that a leave was granted and until when, and nothing of why. Pure.

It says itself until when it holds, and is signed; a day after he is due back it shows nothing any more.
"""

import hmac
from datetime import UTC, datetime

from app.kit import clock, crypto

AFTER = clock.timedelta(days=1)
LENGTH = 24


def token_of(public_id: str, due_at: datetime) -> str:
    until = int((due_at + AFTER).timestamp())
    return f"{public_id}.{until}.{_signature(public_id, until)}"


def read(token: str, now: datetime) -> str | None:
    """The public id of the leave; None for a link that is over, or that we did not make."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > 100 or not parts[1].isdecimal() or len(parts[1]) > 11:
        return None
    public_id, until, signature = parts[0], int(parts[1]), parts[2]
    if not hmac.compare_digest(_signature(public_id, until).encode(), signature.encode()):
        return None
    return public_id if now < datetime.fromtimestamp(until, UTC) else None


def _signature(public_id: str, until: int) -> str:
    return crypto.blind_index(f"{public_id}:{until}", "leave.parents")[:LENGTH]
