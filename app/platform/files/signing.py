"""Links to photos and attachments: anybody who holds one may look, until it expires."""

import hmac

from app.kit import clock

SIZES = ("thumb", "large")
FILE = "file"
WINDOW = 15 * 60

_key: bytes | None = None


def configure(secret_key: str) -> None:
    """Take the application's secret, from which the key of the links derives."""
    global _key
    _key = hmac.digest(secret_key.encode(), b"files.photos", "sha256")


def photo_url(public_id: str, size: str) -> str:
    """A link good for 15 to 30 minutes; the same within each quarter of an hour, so that caches work."""
    expires = (_seconds() // WINDOW + 2) * WINDOW
    return f"/files/photos/{public_id}/{size}?e={expires}&s={_signature(public_id, size, expires)}"


def attachment_url(public_id: str) -> str:
    """The same for an attachment."""
    expires = (_seconds() // WINDOW + 2) * WINDOW
    return f"/files/attachments/{public_id}?e={expires}&s={_signature(public_id, FILE, expires)}"


def seconds_left(public_id: str, size: str, expires: str, signature: str) -> int:
    """How long this link still holds; 0 when it is forged or expired."""
    if not (expires.isascii() and expires.isdigit() and len(expires) < 12):
        return 0
    expected = _signature(public_id, size, int(expires))
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        return 0
    return max(0, int(expires) - _seconds())


def _signature(public_id: str, size: str, expires: int) -> str:
    if _key is None:
        raise RuntimeError("files has no key: the factory did not run")
    return hmac.digest(_key, f"{public_id}/{size}/{expires}".encode(), "sha256").hex()[:40]


def _seconds() -> int:
    return int(clock.now().timestamp())
