"""What every bill is made of, whoever sent it: lines, totals, and the reason why one is not believed."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, NamedTuple, Protocol

LONGEST = 1 << 16
"""Bytes of one line: a file that is no bill must not fill the memory."""
OFFSET = "+08:00"
BOM = b"\xef\xbb\xbf"
_DECIMAL = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,5}))?")


class BadBill(Exception):
    """The file is not believed, as a whole. `code` says why, `line` where, `params` what stands there."""

    def __init__(self, code: str, line: int | None = None, **params: object) -> None:
        super().__init__(code, line)
        self.code, self.line, self.params = code, line, params


class Line(NamedTuple):
    """One movement, as a row for the archive's index; the columns are those of payments_bill_lines.

    `no` is the line of the file, from 1; `at` an ISO text with its offset; `fen` signed, positive comes to us;
    `fee_e5` in 0.00001 yuan. `start` and `size` are bytes of the file; of a sheet, row and 0.
    """

    no: int
    sort: str
    at: str
    reference: str
    number: str | None
    original: str | None
    key: str | None
    fen: int
    fee_e5: int
    balance_fen: int | None
    status: str | None
    note: str | None
    start: int
    size: int


@dataclass
class Totals:
    """`out_fen` is negative. Balances where the source tells them."""

    lines: int = 0
    in_fen: int = 0
    out_fen: int = 0
    fee_e5: int = 0
    opening_fen: int | None = None
    closing_fen: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Whose bill of which day. `is_proved`: a digest vouches for the bytes, so that their form need not."""

    account: str
    day: date
    is_proved: bool = False


class Reader(Protocol):
    """Reads once. `totals` count when the iteration has come to its end without BadBill."""

    totals: Totals

    def __iter__(self) -> Iterator[Line]: ...


class Texts:
    """The lines of a file, decoded, each whole and with the same end; `no`, `start`, `size` and `raw` are the last's."""

    def __init__(self, stream: BinaryIO, encoding: str, *, takes_lf: bool) -> None:
        self.no = self.start = self.size = 0
        self.raw = b""
        self._stream, self._encoding, self._takes_lf = stream, encoding, takes_lf

    def __iter__(self) -> Iterator[str]:
        encoding, after, end = self._encoding, 0, b"\r\n"
        for raw in iter(functools.partial(self._stream.readline, LONGEST), b""):
            self.no += 1
            self.raw, self.start, self.size = raw, after, len(raw)
            after += self.size
            if self.no == 1:
                raw = raw.removeprefix(BOM)
                if self._takes_lf and not raw.endswith(end):
                    end = b"\n"
            body = raw[: -len(end)]
            if not raw.endswith(end) or b"\r" in body or b"\0" in body:
                raise BadBill(_flaw(raw), self.no)
            try:
                text = body.decode(encoding)
            except UnicodeDecodeError:
                raise BadBill("unreadable", self.no) from None
            yield text


def _flaw(raw: bytes) -> str:
    if len(raw) >= LONGEST:
        return "long_line"
    if not raw.endswith(b"\n"):
        return "cut"
    return "unreadable" if b"\0" in raw else "line_end"


@functools.lru_cache(maxsize=1 << 16)
def fen_of(text: str) -> int:
    """`12.34` → 1234. Raises ValueError for anything but a plain amount of up to two decimals, without a sign."""
    if text[:1] == "-":
        raise ValueError("negative")
    return _scaled(text, 2)


def signed_fen_of(text: str) -> int:
    return _scaled(text, 2)


@functools.lru_cache(maxsize=1 << 16)
def e5_of(text: str) -> int:
    """`-0.02000` → -2000, in 0.00001 yuan."""
    return _scaled(text, 5)


def _scaled(text: str, places: int) -> int:
    found = _DECIMAL.fullmatch(text)
    if found is None or len(found[3] or "") > places:
        raise ValueError("not an amount")
    size = int(found[2]) * 10**places + int((found[3] or "").ljust(places, "0"))
    return -size if found[1] else size


SECONDS = frozenset(f":{second:02d}" for second in range(60))


@functools.lru_cache(maxsize=8)
def minutes_of(day: date) -> frozenset[str]:
    """`2026-11-16 12:00` and so on: with SECONDS, every moment of a day as bills write it, none taken apart."""
    return frozenset(
        f"{day.isoformat()} {hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60)
    )
