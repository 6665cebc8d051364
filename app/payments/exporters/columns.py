"""Any other system: its columns named one by one, each a text with fields in braces. CSV or xlsx.

{"exporter": "columns", "file": "csv", "encoding": "gbk", "separator": ",", "header": true,
 "columns": [{"name": "凭证日期", "value": "{voucher_on:%Y%m%d}", "width": 8}, …]}
"""

import codecs
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.payments.errors import FormatUnfit, TemplateInvalid
from app.payments.exporters.books import workbook
from app.payments.exporters.sheets import Line, Sheet, charset, fitting, yuan
from app.payments.exporters.texts import check_text, filled

FIELDS = frozenset(
    (
        *("voucher_on", "period", "number", "no", "line_no", "entry_no", "lines"),
        *("side", "side_name", "summary", "account", "department", "department_name", "project", "partner"),
        *("debit", "credit", "amount", "debit_fen", "credit_fen", "dc", "dc_digit"),
    )
)
AMOUNTS = ("{debit}", "{credit}", "{amount}")
"""Numbers in a workbook; empty where the other side has the sum."""
SEPARATORS = (",", "\t", "|", ";")


def check(settings: Mapping[str, Any]) -> None:
    """Raises TemplateInvalid that says at what."""
    try:
        codecs.lookup(settings.get("encoding", "utf-8"))
    except LookupError:
        raise TemplateInvalid(text=settings["encoding"]) from None
    if settings.get("file") not in ("csv", "xlsx") or settings.get("separator", ",") not in SEPARATORS:
        raise TemplateInvalid(text=f"{settings.get('file')} {settings.get('separator', ',')}")
    if not settings.get("columns"):
        raise TemplateInvalid(text="columns")
    for column in settings["columns"]:
        if set(column) - {"name", "value", "width"}:
            raise TemplateInvalid(text=str(column.get("name")))
        check_text(column["value"], FIELDS)


def write(settings: Mapping[str, Any], sheets: Sequence[Sheet]) -> bytes:
    """Raises FormatUnfit for a value wider than its column, or with a separator in it."""
    columns = settings["columns"]
    titles = [column["name"] for column in columns]
    rows = [_row(columns, sheet, line) for sheet in sheets for line in sheet.lines]
    if settings["file"] == "xlsx":
        numbers = [column["value"] in AMOUNTS for column in columns]
        return workbook(
            "凭证", titles, ([_cell(*pair) for pair in zip(row, numbers, strict=True)] for row in rows)
        )
    encoding, separator = settings.get("encoding", "utf-8"), settings.get("separator", ",")
    heads = [titles] if settings.get("header", True) else []
    text = "".join(_joined(row, separator) for row in [*heads, *rows])
    return charset(text, encoding).encode(encoding)


def _row(columns: Sequence[Mapping[str, Any]], sheet: Sheet, line: Line) -> list[str]:
    fields = _fields(sheet, line)
    return [fitting(filled(column["value"], fields), int(column.get("width") or 1000)) for column in columns]


def _cell(text: str, is_number: bool) -> Any:
    return Decimal(text) if is_number and text else text


def _joined(row: Sequence[str], separator: str) -> str:
    for value in row:
        if separator in value or any(mark in value for mark in '\r\n"'):
            raise FormatUnfit(what=value, width=len(value))
    return f"{separator.join(row)}\r\n"


def _fields(sheet: Sheet, line: Line) -> dict[str, Any]:
    is_debit = line.debit_fen > 0
    return {
        **vars(line),
        "voucher_on": sheet.voucher_on,
        "period": sheet.period,
        "number": sheet.number,
        "no": sheet.no,
        "line_no": line.no,
        "entry_no": line.no - 1,
        "lines": len(sheet.lines),
        "side_name": {"financial": "财务会计", "budget": "预算会计"}[line.side],
        "debit": yuan(line.debit_fen) if is_debit else "",
        "credit": "" if is_debit else yuan(line.credit_fen),
        "amount": yuan(line.debit_fen or line.credit_fen),
        "dc": "借" if is_debit else "贷",
        "dc_digit": 1 if is_debit else 0,
    }
