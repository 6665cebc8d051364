"""What the client must be told about one merchant. Values come from the factory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.clients.line import LineSettings
from app.clients.outbound import TIMEOUT

FAST = {"calls_per_second": 150.0, "burst": 300}
"""WeChat takes some hundred calls a second from one merchant."""
API_BASE = "https://api.mch.weixin.qq.com"


@dataclass(frozen=True)
class WxPaySettings:
    """One merchant number.

    `public_keys` maps WeChat's key id (`PUB_KEY_ID_…`), or the serial of a platform certificate, to its PEM.
    The first is the one we ask WeChat to answer with; name all that may sign while WeChat changes them.
    `serial_no` and `private_key` belong together and change together.
    """

    appid: str
    mchid: str
    serial_no: str
    private_key: str = field(repr=False)
    api_v3_key: str = field(repr=False)
    public_keys: Mapping[str, str] = field(repr=False)
    api_base: str = API_BASE
    timeout: tuple[float, float] = TIMEOUT
    line: Mapping[str, Any] = field(default_factory=dict)
    """Speed limit and breaker, where they differ from those of LineSettings."""

    @property
    def line_settings(self) -> LineSettings:
        connect, answer = self.timeout
        waits = {"connect_seconds": connect, "read_seconds": answer, "write_seconds": answer}
        return LineSettings(**{**waits, **FAST, **self.line})

    def __post_init__(self) -> None:
        missing = [name for name in ("appid", "mchid", "serial_no") if not getattr(self, name).strip()]
        if missing:
            raise ValueError(f"WeChat Pay settings are empty: {', '.join(missing)}")
        if len(self.api_v3_key.encode()) != 32:
            raise ValueError("WeChat Pay's APIv3 key has 32 characters")
        if not self.public_keys:
            raise ValueError("WeChat Pay needs at least one public key or platform certificate")
