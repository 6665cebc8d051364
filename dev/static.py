"""Packs the static files beside themselves (.gz), so that the phone's pages stay small on the wire."""

import subprocess
import sys
from pathlib import Path

STATIC = Path("app/static")
STAMP = Path(".cache/static.stamp")


def is_stale() -> bool:
    """Whether something changed since the last packing, or came or went."""
    if not STATIC.exists():
        return False
    packed = STAMP.stat().st_mtime if STAMP.exists() else 0.0
    return any(path.stat().st_mtime > packed for path in STATIC.rglob("*") if path.suffix != ".gz")


def main() -> int:
    for packed in STATIC.rglob("*.gz"):
        packed.unlink(missing_ok=True)
    words = [sys.executable, "-m", "whitenoise.compress", "--quiet", str(STATIC)]
    code = subprocess.run(words, check=False).returncode
    if code == 0:
        STAMP.parent.mkdir(exist_ok=True)
        STAMP.touch()
    return code


if __name__ == "__main__":
    sys.exit(main())
