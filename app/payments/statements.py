"""The monthly statement of a department, as workbook and as a page to sign."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from app.kit import clock, money, pdf
from app.payments.exporters.books import workbook
from app.payments.queries.statements import ItemFigures, Statement

TEMPLATE = Path(__file__).parent / "templates" / "payments" / "statement.typ"
TITLES = (
    "项目编码",
    "收费项目",
    "收款笔数",
    "收款金额",
    "退款笔数",
    "退款金额",
    "认领笔数",
    "认领金额",
    "手续费",
    "净额",
)


def statement_book(statement: Statement) -> bytes:
    """xlsx, with a line of totals."""
    numbers = [_numbers(item) for item in statement.items]
    rows = [[item.code, item.title, *own] for item, own in zip(statement.items, numbers, strict=True)]
    totals = [sum(column, Decimal(0)) for column in zip(*numbers, strict=True)]
    return workbook(f"{statement.month:%Y-%m}", TITLES, [*rows, ["合计", "", *totals]])


def _numbers(item: ItemFigures) -> list[Decimal]:
    return [
        Decimal(item.received_count),
        _yuan(item.received_fen),
        Decimal(item.refunded_count),
        _yuan(item.refunded_fen),
        Decimal(item.claimed_count),
        _yuan(item.claimed_fen),
        _yuan(item.fee_fen),
        _yuan(item.net_fen),
    ]


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def statement_pdf(
    statement: Statement, *, school_name: str, printed_by: str, printed_at: datetime, confirmed_by: str = ""
) -> bytes:
    """A4, with the figures, the confirmation if there is one, and lines for signature and seal."""
    confirmed_at = statement.confirmed_at
    values = {
        "school": school_name,
        "month": f"{statement.month.year} 年 {statement.month.month} 月",
        "unit": statement.unit_name,
        "rows": [
            [
                item.title,
                f"{item.received_count}",
                money.yuan(item.received_fen),
                f"{item.refunded_count}",
                money.yuan(item.refunded_fen),
                money.yuan(item.claimed_fen),
                money.yuan(item.fee_fen),
                money.yuan(item.net_fen),
            ]
            for item in statement.items
        ],
        "received": money.yuan(statement.received_fen),
        "refunded": money.yuan(statement.refunded_fen),
        "net": money.yuan(statement.net_fen),
        "confirmed": f"{confirmed_by}，{clock.local(confirmed_at):%Y-%m-%d %H:%M}" if confirmed_at else "",
        "printed": f"{printed_by} {clock.local(printed_at):%Y-%m-%d %H:%M}",
    }
    return pdf.typeset(TEMPLATE, values)
