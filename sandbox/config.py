"""The sandbox's settings: where it listens, where the application is, and the keys both sides hold."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_APPID = "wx5a11db0c5a11db0c"
DEFAULT_SECRET = "sandbox-secret-0123456789abcdef0"
DEFAULT_TOKEN = "sandboxTokenSandboxTokenSandbox0"
DEFAULT_AES_KEY = "SandboxSandboxSandboxSandboxSandboxSandbox0"
DEFAULT_ACCOUNT = "gh_5a11db0c5a11"


@dataclass(frozen=True)
class Config:
    """Everything the outside world must know; nothing of it is a real secret."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8001
    app_url: str = "http://127.0.0.1:8000"
    public_url: str = ""
    callback_url: str = ""
    appid: str = DEFAULT_APPID
    secret: str = DEFAULT_SECRET
    token: str = DEFAULT_TOKEN
    aes_key: str = DEFAULT_AES_KEY
    account_id: str = DEFAULT_ACCOUNT
    account_name: str = "微生活"
    samples_dir: Path = Path("samples")

    @property
    def base(self) -> str:
        """The sandbox's own public root."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    @property
    def app(self) -> str:
        return self.app_url.rstrip("/")

    @property
    def app_host(self) -> str:
        return urlsplit(self.app_url).hostname or ""

    @property
    def callback(self) -> str:
        """Where the platform delivers messages (服务器配置 URL)."""
        return self.callback_url or f"{self.app}/callbacks/wechat"


def from_env(env: Mapping[str, str] | None = None, **given: object) -> Config:
    """Settings from WECHAT_* variables; arguments win over them."""
    env = os.environ if env is None else env
    names = {
        "appid": "WECHAT_APPID",
        "secret": "WECHAT_SECRET",
        "token": "WECHAT_TOKEN",
        "aes_key": "WECHAT_AES_KEY",
        "account_id": "WECHAT_ACCOUNT_ID",
        "callback_url": "WECHAT_CALLBACK_URL",
        "public_url": "SANDBOX_PUBLIC_URL",
    }
    found = {field: env[name] for field, name in names.items() if env.get(name)}
    return Config(**{**found, **given})  # type: ignore[arg-type]
