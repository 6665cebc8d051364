"""金蝶 K/3: rows of an xlsx, with eight 核算项目 as triples of class, code and name."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.payments.exporters.books import workbook
from app.payments.exporters.sheets import Line, Sheet, fitting, yuan

CLASSES = 8
TITLES = (
    "FDATE",
    "FTRANSDATE",
    "FPERIOD",
    "FGROUP",
    "FNUM",
    "FENTRYID",
    "FEXP",
    "FACCTID",
    *(f"{name}{no}" for no in range(1, CLASSES + 1) for name in ("FCLSNAME", "FOBJID", "FOBJNAME")),
    "FTRANSID",
    "FCYID",
    "FEXCHRATE",
    "FDC",
    "FFCYAMT",
    "FQTY",
    "FPRICE",
    "FDEBIT",
    "FCREDIT",
    "FSETTLCODE",
    "FSETTLENO",
    "FPREPARE",
)


def write(settings: Mapping[str, Any], sheets: Sequence[Sheet]) -> bytes:
    """FENTRYID counts from 0 within a voucher; FDC is 1 for debit, 0 for credit."""
    rows = (_row(settings, sheet, line, entry) for sheet in sheets for entry, line in enumerate(sheet.lines))
    return workbook("凭证", TITLES, rows)


def _row(settings: Mapping[str, Any], sheet: Sheet, line: Line, entry: int) -> list[Any]:
    day = sheet.voucher_on.isoformat()
    triples = [part for triple in _classes(settings, line) for part in triple]
    is_debit = line.debit_fen > 0
    return [
        day,
        day,
        sheet.voucher_on.month,
        fitting(str(settings.get("group", "记")), 10),
        sheet.no,
        entry,
        fitting(line.summary, 80),
        fitting(line.account, 40),
        *triples,
        *[None] * (3 * CLASSES - len(triples)),
        fitting(sheet.number, 80),
        fitting(str(settings.get("currency", "RMB")), 10),
        1,
        1 if is_debit else 0,
        Decimal(yuan(line.debit_fen or line.credit_fen)),
        0,
        0,
        Decimal(yuan(line.debit_fen)),
        Decimal(yuan(line.credit_fen)),
        None,
        sheet.number,
        settings.get("maker", ""),
    ]


def _classes(settings: Mapping[str, Any], line: Line) -> list[tuple[str, str, str]]:
    names = {"department": "部门", "project": "项目", "partner": "往来单位", **settings.get("classes", {})}
    given = (
        (names["department"], line.department, line.department_name or line.department),
        (names["project"], line.project, line.project),
        (names["partner"], line.partner, line.partner),
    )
    return [triple for triple in given if triple[1]]
