"""Random tokens that browsers hold, and the hashes of them that we keep."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, fit for a cookie or a link."""
    return secrets.token_urlsafe(32)


def new_state() -> str:
    """32 letters and digits: WeChat takes nothing else in `state`."""
    return secrets.token_hex(16)


def digest(token: str) -> str:
    """What we keep of a random token: the database alone opens no session. Not for passwords."""
    return hashlib.sha256(token.encode()).hexdigest()
