"""The token by which the gates know their caller, made once for both sides. Needs no Flask."""

import secrets
from pathlib import Path

from sandbox.keyfile import load_or_write


def load_or_make(data_dir: Path) -> str:
    """Both sides may call this, in any order."""
    made = load_or_write(data_dir / "gates-key.json", lambda: {"token": secrets.token_urlsafe(32)})
    return str(made["token"])
