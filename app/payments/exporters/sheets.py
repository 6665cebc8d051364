"""Vouchers as every exporter gets them."""

from dataclasses import dataclass
from datetime import date

from app.payments.errors import FormatUnfit

MOST_FEN = 10**15
"""16.2: fourteen figures before the point would do for any university."""


@dataclass(frozen=True)
class Line:
    no: int
    side: str
    account: str
    debit_fen: int
    credit_fen: int
    summary: str
    department: str = ""
    department_name: str = ""
    project: str = ""
    partner: str = ""


@dataclass(frozen=True)
class Sheet:
    """`number` is ours; `no` its figures, for systems that want a number."""

    number: str
    voucher_on: date
    period: str
    lines: tuple[Line, ...]

    @property
    def no(self) -> int:
        return int(self.number[5:])


def yuan(fen: int) -> str:
    """`12.05`. Raises FormatUnfit above what the formats hold."""
    if not 0 <= fen < MOST_FEN:
        raise FormatUnfit(what=str(fen), width=16)
    return f"{fen // 100}.{fen % 100:02d}"


def fitting(text: str, width: int) -> str:
    """Raises FormatUnfit rather than cut a code or a text short."""
    if len(text) > width:
        raise FormatUnfit(what=text, width=width)
    return text


def charset(text: str, encoding: str) -> str:
    """A character that the encoding lacks becomes a question mark."""
    return text.encode(encoding, "replace").decode(encoding)
