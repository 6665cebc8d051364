"""The key that the school and its electricity control share; made once. Needs no Flask."""

import secrets
from pathlib import Path

from sandbox.keyfile import load_or_write


def load_or_make(data_dir: Path) -> str:
    """The signkey. Both sides may call this, in any order."""
    found = load_or_write(data_dir / "meter-key.json", lambda: {"signkey": secrets.token_hex(16)})
    return found["signkey"]
