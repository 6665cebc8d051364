"""One day out of a bank's statement, CSV or xlsx; the running balance is checked over the whole file.

A bank's file has no total of its own: that it goes to the end of the day only the next day's opening balance shows.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from app.clients.bank.mapping import BankMapping
from app.clients.bill_lines import BadBill, Line, Texts, Totals, Wanted, signed_fen_of
from app.clients.running import Run
from app.kit import clock

XLSX = b"PK\x03\x04"
HEADING_ROWS = 30
"""Above its headings a bank puts titles; further down than this there are none."""


class _Row(NamedTuple):
    no: int
    start: int
    size: int
    cells: Sequence[Any]


class BankStatement:
    """Lines of the wanted day. Rows without a date are titles and sums; after one of those no line may follow."""

    def __init__(self, stream: BinaryIO, wanted: Wanted, mapping: BankMapping) -> None:
        self.totals = Totals()
        self._stream, self._wanted, self._mapping = stream, wanted, mapping

    def __iter__(self) -> Iterator[Line]:
        rows = self._rows()
        columns = self._columns(rows)
        run, ended = Run(), False
        day = Run()
        for row in rows:
            moment = self._moment(row, columns)
            ended = ended or (moment is None and bool(run.count))
            if moment is None:
                continue
            if ended:
                raise BadBill("no_detail", row.no)
            fen, balance = self._amount(row, columns), self._balance(row, columns)
            run.add(fen, balance if balance is not None else run.came + run.went + fen, row.no)
            if moment.date() == self._wanted.day:
                line = self._line(row, columns, moment, fen, balance)
                day.add(fen, balance if balance is not None else day.came + day.went + fen, row.no)
                yield line
        if not day.count:
            raise BadBill("no_such_day", None, wanted=self._wanted.day.isoformat())
        self.totals = day.totals()
        if not self._mapping.balance:
            self.totals.opening_fen = self.totals.closing_fen = None

    def _rows(self) -> Iterator[_Row]:
        start = self._stream.read(4)
        self._stream.seek(0)
        return self._sheet() if start == XLSX else self._csv()

    def _sheet(self) -> Iterator[_Row]:
        try:
            sheet = CalamineWorkbook.from_filelike(self._stream).get_sheet_by_index(0)
            for no, cells in enumerate(sheet.iter_rows(), start=1):
                yield _Row(no, no, 0, cells)
        except CalamineError:
            raise BadBill("unreadable") from None

    def _csv(self) -> Iterator[_Row]:
        texts = Texts(self._stream, self._mapping.encoding, takes_lf=True)
        for text in texts:
            cells = next(csv.reader([text]), [])
            yield _Row(texts.no, texts.start, texts.size, cells)

    def _columns(self, rows: Iterator[_Row]) -> dict[str, int]:
        """Where each heading stands, in the first row that has them all."""
        wanted = self._mapping.headings
        for row in rows:
            names = [str(cell).strip() for cell in row.cells]
            if all(name in names for name in wanted):
                return {name: names.index(name) for name in wanted}
            if row.no >= HEADING_ROWS:
                break
        raise BadBill("missing_columns", None, what="、".join(wanted))

    def _moment(self, row: _Row, columns: dict[str, int]) -> datetime | None:
        """None for a row that is no movement."""
        day = _cell(row, columns, self._mapping.date)
        at = _cell(row, columns, self._mapping.time)
        if day in ("", None):
            return None
        try:
            found = day if isinstance(day, date) else datetime.strptime(_text(day), self._mapping.date_format)  # noqa: DTZ007
            moment = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day)  # noqa: DTZ001
            if at not in ("", None):
                hour = at if hasattr(at, "hour") else datetime.strptime(_text(at), self._mapping.time_format)  # noqa: DTZ007
                moment = moment.replace(hour=hour.hour, minute=hour.minute, second=hour.second)
        except ValueError:
            return None
        return moment.replace(tzinfo=clock.SHANGHAI)

    def _amount(self, row: _Row, columns: dict[str, int]) -> int:
        mapping = self._mapping
        if mapping.amount:
            return _fen(row, columns, mapping.amount)
        came, went = _fen(row, columns, mapping.came), _fen(row, columns, mapping.went)
        if bool(came) == bool(went):
            raise BadBill("value", row.no)
        return came or -abs(went)

    def _balance(self, row: _Row, columns: dict[str, int]) -> int | None:
        return _fen(row, columns, self._mapping.balance) if self._mapping.balance else None

    def _line(
        self, row: _Row, columns: dict[str, int], moment: datetime, fen: int, balance: int | None
    ) -> Line:
        mapping = self._mapping
        reference, number, payer, note = (
            _text(_cell(row, columns, name))
            for name in (mapping.reference, mapping.number, mapping.payer, mapping.note)
        )
        if not reference:
            raise BadBill("number", row.no)
        said = f"{payer} {note}".strip()
        is_settlement = fen > 0 and any(word in said for word in mapping.settlement_words)
        return Line(row.no, "settlement" if is_settlement else "other", moment.isoformat(), reference,
                    number or None, None, None, fen, 0, balance, None, said, row.start, row.size)  # fmt: skip


def _cell(row: _Row, columns: dict[str, int], name: str) -> Any:
    """Empty for a field that the bank has not, and for a row that ends before it."""
    at = columns.get(name, len(row.cells))
    return row.cells[at] if at < len(row.cells) else ""


def _text(cell: Any) -> str:
    """A number in a sheet is a float even where it is a serial number."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _fen(row: _Row, columns: dict[str, int], name: str) -> int:
    cell = _cell(row, columns, name)
    text = f"{cell:.2f}" if isinstance(cell, float | int) else str(cell).replace(",", "").strip().lstrip("+¥")
    try:
        return signed_fen_of(text) if text not in ("", "-") else 0
    except ValueError:
        raise BadBill("value", row.no) from None
