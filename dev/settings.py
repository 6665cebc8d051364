"""What the demo's processes find in their environment; secrets are made once per DATA_DIR."""

import base64
import json
import os
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.problem import Problem
from dev.vendors import write_vendors

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (compared with, not bound)
TEMPLATES = Path("samples/wechat-templates.json")


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    data_dir: Path

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Options":
        port = environment.get("PORT") or "8000"
        if not port.isdecimal() or not 1 <= int(port) <= 65534:
            raise Problem(
                f"PORT={port} is not a port: choose a number from 1024 to 65534, such as PORT=8000."
            )
        host = environment.get("HOST") or "127.0.0.1"
        return cls(host, int(port), Path(environment.get("DATA_DIR") or ".demo").expanduser())

    @property
    def is_private(self) -> bool:
        return self.host in LOOPBACK

    @property
    def app_url(self) -> str:
        return f"http://{self._name()}:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{self._name()}:{self.port + 1}"

    def _name(self) -> str:
        name = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"[{name}]" if ":" in name else name


def secrets_of(data_dir: Path) -> dict[str, str]:
    """Keys and WeChat credentials of this demo, made at its first start; only its owner may read the file."""
    path = data_dir / "demo.env"
    if not path.exists():
        lines = "".join(f"{key}={value}\n" for key, value in _fresh_secrets().items())
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(lines)
        fresh.rename(path)
    return _pairs(path)


def remember_urls(data_dir: Path, urls: Mapping[str, str]) -> None:
    """For tools that join a running demo; secret like the rest, for a DATABASE_URL may hold a password."""
    path = data_dir / "servers.env"
    path.touch(mode=0o600)
    path.write_text("".join(f"{key}={value}\n" for key, value in urls.items()))


def running_urls(data_dir: Path) -> dict[str, str]:
    path = data_dir / "servers.env"
    if not path.exists():
        raise Problem(f"No demo has run with DATA_DIR={data_dir}: `make demo` first, in another terminal.")
    return _pairs(path)


def _pairs(path: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {key: value for key, _, value in pairs}


def environment_of(options: Options, urls: Mapping[str, str]) -> dict[str, str]:
    """For every process of the demo; `urls` are those of PostgreSQL and Redis."""
    data_dir = options.data_dir.resolve()
    sandbox = options.sandbox_url
    given = {
        "ENVIRONMENT": "development",
        "BASE_URL": options.app_url,
        "FILES_DIR": str(data_dir / "files"),
        "CLOCK_OFFSET_FILE": str(data_dir / "clock"),
        "WECHAT_API_BASE": sandbox,
        "WECHAT_OPEN_BASE": sandbox,
        "WECHAT_JS_URL": f"{sandbox}/open/js/jweixin-1.6.0.js",
        "CAS_URL": f"{sandbox}/cas",
        "VENDORS_FILE": str(
            write_vendors(data_dir / "vendors.json", sandbox_dir=data_dir / "sandbox", sandbox_url=sandbox)
        ),
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # threads would each keep memory of their own: a tenth of the process
    }
    if TEMPLATES.exists():
        templates = json.loads(TEMPLATES.read_text(encoding="utf-8"))
        given["WECHAT_TEMPLATES"] = json.dumps({key: it["template_id"] for key, it in templates.items()})
    return {**os.environ, **secrets_of(data_dir), **given, **urls}


def _fresh_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": f"1:{_key()}",
        "BLIND_INDEX_KEY": _key(),
        "AUDIT_KEY": _key(),
        "WECHAT_TOKEN": _letters(32),
        "WECHAT_AES_KEY": _aes_key(),
        "WECHAT_APPID": f"wx{secrets.token_hex(8)}",
        "WECHAT_SECRET": secrets.token_hex(16),
        "WECHAT_ACCOUNT_ID": f"gh_{secrets.token_hex(6)}",
    }


def _aes_key() -> str:
    """As WeChat makes them: base64 of 32 bytes in letters and digits alone."""
    while not (key := base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")).isalnum():
        pass
    return key


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))
