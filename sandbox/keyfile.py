"""A file of keys that is written once, whoever comes first."""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def load_or_write(path: Path, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """What the file holds; when it is not there yet, what `make` makes, unless another process was faster."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(make(), file)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found
