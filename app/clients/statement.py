"""A vendor's statement of one business day, whole or not at all.

No card vendor publishes the layout of its 对账文件. This one is ours, spoken by the sandbox: GBK, CRLF,
`H|merchant|day|count|total`, one `D|…` per movement, `T|count|total|md5 of the D lines`. An adapter for another
layout makes the same lines.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import BinaryIO

from app.clients.bill_lines import BadBill, Line, Texts, Totals, Wanted
from app.clients.vendor import BadReply, Unavailable
from app.kit import clock

SORTS = {"TOPUP": "top_up", "DEBIT": "payment", "REFUND": "refund", "REVERSAL": "reversal"}
KINDS = frozenset(SORTS)


class StatementMissing(Unavailable):
    """The vendor has not made this day's statement yet; ask again in an hour."""


@dataclass(frozen=True)
class StatementRow:
    """One movement as the vendor booked it. `key` is the room's or the account's."""

    vendor_ref: str
    order_no: str | None
    biz_date: date
    at: datetime
    kind: str
    key: str
    meter: str
    fen: int
    status: str


@dataclass(frozen=True)
class Statement:
    """`content` is the file to the byte, for the archive; it was read once and holds."""

    merchant: str
    day: date
    total_fen: int
    content: bytes = field(repr=False)

    @cached_property
    def rows(self) -> tuple[StatementRow, ...]:
        return tuple(_row(line.decode("gb18030")) for line in self.content.split(b"\r\n")[1:-2])


def read_statement(content: bytes, *, merchant: str, day: date, call: str) -> Statement:
    """Raises BadReply whose code says what is wrong; one wrong line rejects the file."""
    file = StatementFile(io.BytesIO(content), Wanted(merchant, day))
    seen: set[str] = set()
    try:
        for line in file:
            if line.reference in seen:
                raise BadBill("twice", line.no)
            seen.add(line.reference)
    except BadBill as error:
        reason = error.code
    else:
        return Statement(merchant, day, file.totals.in_fen + file.totals.out_fen, content)
    raise BadReply(f"statement_{reason}", call=call)


def write_statement(merchant: str, day: date, sold: Iterable[tuple[str, str, int]]) -> bytes:
    """The same layout, put together by us from a vendor's purchase records: (room key, meter, fen).

    They have neither number nor time. The same records make the same bytes, in whatever order they came.
    """
    rows, counts = [], Counter[tuple[str, str, int]]()
    for key, meter, fen in sorted(sold):
        counts[key, meter, fen] += 1
        ref = f"{key}.{meter}.{fen}.{counts[key, meter, fen]}"
        rows.append(f"D|{ref}||{day:%Y%m%d}|{day:%Y%m%d}000000|TOPUP|{key}|{meter}|{fen}|1".encode("gb18030"))
    total = sum(fen * count for (_key, _meter, fen), count in counts.items())
    details = b"".join(row + b"\r\n" for row in rows)
    digest = hashlib.md5(details, usedforsecurity=False).hexdigest()
    head = f"H|{merchant}|{day:%Y%m%d}|{len(rows)}|{total}\r\n".encode()
    return head + details + f"T|{len(rows)}|{total}|{digest}\r\n".encode()


class StatementFile:
    """The same file as lines, read in one pass. `account` of what is wanted is our number at the vendor.

    That no reference comes twice is for whoever keeps them: this does not remember them.
    """

    def __init__(self, stream: BinaryIO, wanted: Wanted) -> None:
        self.totals = Totals()
        self._wanted = wanted
        self._texts = Texts(stream, "gb18030", takes_lf=False)

    def __iter__(self) -> Iterator[Line]:
        texts, each, totals = self._texts, iter(self._texts), Totals()
        head = _members(next(each, ""), "H", 5, 1)
        digest = hashlib.md5(usedforsecurity=False)  # against broken transfers, not against anybody
        tail = ""
        self._check_head(head)
        for text in each:
            if text[:2] != "D|":
                tail = text
                break
            line = self._line(text)
            digest.update(texts.raw)
            totals.lines += 1
            if line.fen >= 0:
                totals.in_fen += line.fen
            else:
                totals.out_fen += line.fen
            yield line
        _check_tail(texts, each, head, tail, totals, digest.hexdigest())
        self.totals = totals

    def _check_head(self, head: list[str]) -> None:
        wanted = self._wanted
        if head[1] != wanted.account:
            raise BadBill("account", 1, wanted=wanted.account, found=head[1])
        if head[2] != f"{wanted.day:%Y%m%d}":
            raise BadBill("day", 1, wanted=wanted.day.isoformat(), found=head[2])

    def _line(self, text: str) -> Line:
        texts = self._texts
        try:
            row = _row(text)
        except ValueError:
            raise BadBill("value", texts.no) from None
        if row.biz_date != self._wanted.day or not _is_near(row.at, self._wanted.day):
            raise BadBill(
                "day", texts.no, wanted=self._wanted.day.isoformat(), found=row.at.date().isoformat()
            )
        return Line(texts.no, SORTS[row.kind], row.at.isoformat(), row.vendor_ref, row.order_no, None, row.key,
                    row.fen, 0, None, row.status, row.meter or None, texts.start, texts.size)  # fmt: skip


def _members(text: str, mark: str, count: int, line: int) -> list[str]:
    members = text.split("|")
    if members[0] != mark or len(members) != count:
        raise BadBill("no_detail" if text else "cut", line)
    return members


def _check_tail(
    texts: Texts, each: Iterator[str], head: list[str], tail: str, totals: Totals, digest: str
) -> None:
    if not tail:
        raise BadBill("cut", texts.no)
    last = _members(tail, "T", 4, texts.no)
    checks = {
        "明细笔数": (head[3], last[1], str(totals.lines)),
        "总金额": (head[4], last[2], str(totals.in_fen + totals.out_fen)),
        "校验值": (last[3], digest),
    }
    for name, values in checks.items():
        if len(set(values)) != 1:
            raise BadBill("sum", texts.no, name=name, stated=values[0], found=values[-1])
    if next(each, None) is not None:
        raise BadBill("after_end", texts.no)


def _row(line: str) -> StatementRow:
    mark, ref, order_no, biz_date, at, kind, key, meter, fen, status = line.split("|")
    if mark != "D" or not ref or kind not in KINDS or not fen.removeprefix("-").isdecimal():
        raise ValueError("not a movement")
    moment = datetime.strptime(at, "%Y%m%d%H%M%S").replace(tzinfo=clock.SHANGHAI)
    booked = datetime.strptime(biz_date, "%Y%m%d").replace(tzinfo=clock.SHANGHAI).date()
    return StatementRow(ref, order_no or None, booked, moment, kind, key, meter, int(fen), status)


def _is_near(moment: datetime, day: date) -> bool:
    """Within a day: what happened at midnight may be booked on either side."""
    return abs(moment.date() - day) <= timedelta(days=1)
