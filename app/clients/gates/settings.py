"""What the client must be told about the gates. Values come from the factory."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.clients.line import LineSettings


@dataclass(frozen=True)
class GateSettings:
    """`url` is the root of the controller's interface, `token` what it knows us by.

    `silent_minutes`: for how long it may leave a new list untaken before the office hears of it.
    """

    url: str
    token: str = field(repr=False)
    silent_minutes: int = 15
    line: LineSettings = LineSettings()

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("gates.url: an address")
        if len(self.token) < 16 or not self.token.isascii():
            raise ValueError("gates.token: at least 16 characters of ASCII")
        if not 1 <= self.silent_minutes <= 1440:
            raise ValueError("gates.silent_minutes: 1 to 1440")
