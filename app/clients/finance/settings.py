"""What the client must be told about the finance system. Values come from the factory."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.clients.line import LineSettings


@dataclass(frozen=True)
class FinanceSettings:
    """`url` is the root of its interface, `token` what it knows us by."""

    url: str
    token: str = field(repr=False)
    line: LineSettings = LineSettings()

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("finance.url: an address")
        if len(self.token) < 16 or not self.token.isascii():
            raise ValueError("finance.token: at least 16 characters of ASCII")
