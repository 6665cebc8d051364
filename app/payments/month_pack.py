"""月结包: one archive with the month's tie-out, its differences and their age, departments and vouchers."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.payments.exporters.books import workbook
from app.payments.models import (
    DIFFERENCE_NAMES,
    VOUCHER_LABELS,
    DifferenceKind,
    DifferenceStatus,
    VoucherStatus,
)
from app.payments.queries.desk.differences import STATUS_NAMES
from app.payments.queries.months import Month
from app.payments.queries.reconciliation import source_name
from app.payments.statements import statement_book

Translate = Callable[[str], str]
STAMP = (2020, 1, 1, 0, 0, 0)
ACCOUNTS = (
    "来源",
    "商户号",
    "账单净额",
    "对平",
    "差错说明",
    "本系统净额",
    "手续费",
    "已结算到银行",
    "月末渠道余额",
)
DIFFERENCES = ("业务日", "差错号", "来源", "商户号或系统", "类别", "差额", "状态", "账龄（天）")
DAYS = ("业务日", "状态", "未处理差错", "挂账", "账单份数")
VOUCHERS = ("凭证号", "期间", "制单日期", "金额", "状态", "财务系统凭证号")
DEPARTMENTS = ("部门编码", "部门", "收款", "退款", "净额", "确认")
DAY_STATES = {
    "closed": "已关账",
    "explained": "已对平",
    "differences": "有差错",
    "missing": "缺账单",
    "new": "未对账",
}


def month_pack(month: Month, translate: Translate) -> bytes:
    """A zip of workbooks; the same month gives the same bytes."""
    name = f"{month.first:%Y-%m}"
    files = {
        f"1-四方核对-{name}.xlsx": workbook("四方核对", ACCOUNTS, _accounts(month, translate)),
        f"2-逐日状态-{name}.xlsx": workbook("逐日状态", DAYS, _days(month)),
        f"3-差错与账龄-{name}.xlsx": workbook("差错与账龄", DIFFERENCES, _differences(month, translate)),
        f"4-部门确认-{name}.xlsx": workbook("部门确认", DEPARTMENTS, _departments(month)),
        f"5-凭证清单-{name}.xlsx": workbook("凭证清单", VOUCHERS, _vouchers(month, translate)),
    }
    for one in month.statements:
        files[f"部门/{one.unit_code or '未设部门'}-{name}.xlsx"] = statement_book(one)
    return _zip(files)


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _accounts(month: Month, translate: Translate) -> Iterable[Sequence[Any]]:
    for one in month.accounts:
        sums = (
            one.bill_fen,
            one.matched_fen,
            one.explained_fen,
            one.our_fen,
            one.fee_fen,
            one.settled_fen,
            one.balance_fen,
        )
        yield [translate(source_name(one.source)), one.account, *map(_yuan, sums)]
    for one in month.meters:
        compared = map(_yuan, (one.bill_fen, one.matched_fen, one.explained_fen, one.our_fen))
        yield [translate(source_name(one.source)), one.account, *compared, None, None, None]


def _days(month: Month) -> Iterable[Sequence[Any]]:
    for one in reversed(month.days):
        yield [one.day, DAY_STATES[one.state], one.live, one.suspended, one.bills]


def _differences(month: Month, translate: Translate) -> Iterable[Sequence[Any]]:
    for row in month.differences:
        ended: date = row.ended_at.date() if row.ended_at else month.last
        yield [
            row.day,
            row.number,
            translate(source_name(row.source)),
            row.account,
            translate(DIFFERENCE_NAMES[DifferenceKind(row.kind)]),
            _yuan(row.fen),
            translate(STATUS_NAMES[DifferenceStatus(row.status)]),
            max(0, (ended - row.day).days),
        ]


def _departments(month: Month) -> Iterable[Sequence[Any]]:
    for one in month.statements:
        said = "有变动，待重新确认" if one.is_changed else "已确认" if one.confirmed_at else "待确认"
        sums = map(_yuan, (one.received_fen, one.refunded_fen, one.net_fen))
        yield [one.unit_code, one.unit_name, *sums, said]


def _vouchers(month: Month, translate: Translate) -> Iterable[Sequence[Any]]:
    for row in month.vouchers:
        status = translate(VOUCHER_LABELS[VoucherStatus(row.status)])
        yield [row.number, row.period, row.voucher_on, _yuan(row.fen), status, row.finance_no]


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
