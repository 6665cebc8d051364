"""Writes the next migration from what the models have and the migrations so far do not."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from dev import postgres
from dev.problem import Problem

VERSIONS = Path("migrations/versions")
DATABASE = "next_migration"
ALEMBIC = [sys.executable, "-m", "alembic"]


def main(message: str) -> int:
    if not message.strip():
        print('✗ Say what it does: make migration m="add ticket rating"', file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as folder, postgres.start(Path(folder), durable=False) as server:
            server.ensure_database(DATABASE)
            urls = {
                "DATABASE_URL": server.url(DATABASE, postgres.APP),
                "MIGRATION_DATABASE_URL": server.url(DATABASE, postgres.OWNER),
            }
            return write(message, {**os.environ, **urls})
    except Problem as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1


def write(message: str, environment: dict[str, str]) -> int:
    """As 0042_add_ticket_rating.py with revision 0042; check what alembic proposed before you commit it."""
    number = next_number()
    title = ["--rev-id", number, "-m", f"{number} {message}"]
    steps = [[*ALEMBIC, "upgrade", "head"], [*ALEMBIC, "revision", "--autogenerate", *title]]
    for words in (*steps, [sys.executable, "-m", "ruff", "format", "-q", str(VERSIONS)]):
        if code := subprocess.run(words, env=environment, check=False).returncode:
            return code
    return 0


def next_number() -> str:
    return f"{int(head()) + 1:04d}"


def head() -> str:
    """The number of the last migration."""
    numbers = [
        int(found.group()) for path in VERSIONS.glob("*.py") if (found := re.match(r"\d{4}", path.name))
    ]
    return f"{max(numbers, default=0):04d}"


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
