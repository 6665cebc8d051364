"""Installs pinned requirements into this environment: `python -m dev.install requirements.txt …`.

uv does it, from the mirrors that pip would use; pip does it where uv cannot. Standard library only.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from dev.problem import Problem

UV_NAME_OF = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}


def install(*files: str) -> None:
    words = [word for file in files for word in ("-r", file)]
    environment = {**os.environ, **uv_settings(os.environ)}
    if Path(sys.prefix, "bin", "uv").exists():
        uv = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "install",
            "-q",
            "--python",
            sys.executable,
            "--require-hashes",
        ]
        if subprocess.run([*uv, *words], env=environment, check=False).returncode == 0:
            return
        print("uv could not install them; trying pip.", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
    if subprocess.run([*pip, *words], check=False).returncode:
        raise Problem(
            f"{', '.join(files)} could not be installed: "
            "check the network, or set PIP_INDEX_URL to a mirror you can reach."
        )


def uv_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What pip is told by its environment and files, in uv's names; uv's own settings stay."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip does; the hashes keep it safe
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        if name := UV_NAME_OF.get(key.rpartition(".")[2]):
            settings[name] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    return {name: value for name, value in settings.items() if name not in environment}


def main() -> int:
    try:
        install(*sys.argv[1:])
    except Problem as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
