"""The application's id and key at the issuer, made once for both sides. Needs no Flask."""

import secrets
from pathlib import Path

from sandbox.keyfile import load_or_write


def load_or_make(data_dir: Path) -> tuple[str, str]:
    """Id and key; both sides may call this, in any order."""
    made = load_or_write(
        data_dir / "receipts-key.json", lambda: {"app_id": "SDDX01", "key": secrets.token_hex(32)}
    )
    return made["app_id"], made["key"]
