"""What the client must be told about the account. Values come from the factory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.clients.line import LineSettings


@dataclass(frozen=True)
class Template:
    """The gateway's id of an approved template, and the names of its parameters in their order."""

    id: str
    params: tuple[str, ...] = ()


@dataclass(frozen=True)
class TencentSettings:
    """`sign` is the approved signature that stands before every text; `templates` are by our keys."""

    app_id: str
    secret_id: str
    secret_key: str = field(repr=False)
    sign: str
    templates: Mapping[str, Template]
    url: str = "https://sms.tencentcloudapi.com"
    region: str = "ap-guangzhou"
    country: str = "+86"
    line: LineSettings = LineSettings()

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("sms.url: an address")
        if len(self.secret_key) < 16 or not self.secret_key.isascii():
            raise ValueError("sms.secret_key: at least 16 characters of ASCII")
