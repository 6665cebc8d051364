"""What the client must be told about one merchant. Values come from the factory."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.clients.line import LineSettings

SHORTEST_KEY = 32


@dataclass(frozen=True)
class UniPaySettings:
    """`url` is the platform's root, for browsers and for us; `key` signs in both directions."""

    merchant_no: str
    key: str = field(repr=False)
    url: str
    line: LineSettings = LineSettings()

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise ValueError(f"unipay.{self.merchant_no}.key: at least {SHORTEST_KEY} characters")
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"unipay.{self.merchant_no}.url: an address")
