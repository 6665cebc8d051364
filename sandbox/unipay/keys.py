"""The platform's merchants and their keys, made once for both sides. Needs no Flask."""

import secrets
from pathlib import Path

from sandbox.keyfile import load_or_write

MERCHANTS = {"UP01": "示例大学财务处"}


def load_or_make(data_dir: Path) -> dict[str, str]:
    """Key by merchant number; both sides may call this, in any order."""
    return load_or_write(
        data_dir / "unipay-keys.json", lambda: {number: secrets.token_hex(32) for number in MERCHANTS}
    )
