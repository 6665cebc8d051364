"""How one bank writes its statement: which heading is which field. Kept in VENDORS_FILE, one per account."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class BankMapping:
    """Headings as the file has them. Amounts are either one signed column, or one for each direction.

    `date` may hold the time too; `date_format` and `time_format` are of strptime. Money that comes in with one of
    `settlement_words` in the other side's name or the summary is a settlement of a channel. `settles` names the
    channels that pay the net of each day into this account; a card system that keeps its money elsewhere is none.
    """

    date: str
    reference: str
    amount: str = ""
    came: str = ""
    went: str = ""
    time: str = ""
    balance: str = ""
    number: str = ""
    payer: str = ""
    note: str = ""
    date_format: str = "%Y-%m-%d"
    time_format: str = "%H:%M:%S"
    encoding: str = "gb18030"
    settlement_words: tuple[str, ...] = ("财付通", "微信", "结算款")
    settles: tuple[Literal["card", "platform"], ...] = ("card", "platform")

    def __post_init__(self) -> None:
        if bool(self.amount) == bool(self.came and self.went):
            raise ValueError("give `amount`, or else `came` and `went`")
        "".encode(self.encoding)

    @property
    def headings(self) -> tuple[str, ...]:
        """All that must stand in the file."""
        named = (self.date, self.reference, self.amount, self.came, self.went, self.time, self.balance,
                 self.number, self.payer, self.note)  # fmt: skip
        return tuple(name for name in named if name)
