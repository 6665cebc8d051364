"""What the client must be told about the issuer. Values come from the factory."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.clients.line import LineSettings


@dataclass(frozen=True)
class ReceiptSettings:
    """`key` signs in both directions."""

    url: str
    app_id: str
    key: str = field(repr=False)
    line: LineSettings = LineSettings()

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("receipts.url: an address")
        if len(self.key) < 32:
            raise ValueError("receipts.key: at least 32 characters")
