"""WeChat's fund flow (资金账单) of one merchant's account, read in one pass.

The balance after each movement is the one before it plus the movement: in the order of the file, or, since that
order is promised nowhere, from its end to its start.
https://pay.weixin.qq.com/doc/v3/merchant/4012791857
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import BinaryIO

from app.clients.bill_lines import (
    OFFSET,
    SECONDS,
    BadBill,
    Line,
    Texts,
    Totals,
    Wanted,
    fen_of,
    minutes_of,
    signed_fen_of,
)
from app.clients.running import Run
from app.clients.wxpay.summary import check_summary

COLUMNS = (
    "记账时间",
    "微信支付业务单号",
    "资金流水单号",
    "业务名称",
    "业务类型",
    "收支类型",
    "收支金额(元)",
    "账户结余(元)",
    "资金变更提交申请人",
    "备注",
    "业务凭证号",
)
SUMMARY = {
    "资金流水总笔数": "count",
    "收入笔数": "in_count",
    "收入金额": "came",
    "支出笔数": "out_count",
    "支出金额": "went",
}
SORTS = {
    "交易": "payment",
    "退款": "refund",
    "扣除交易手续费": "fee",
    "提现": "settlement",
    "充值": "top_up",
    "充值/提现": "settlement",
}
SIGNS = {"收入": 1, "支出": -1}


class FundBill:
    """One account's day. The file names the merchant only where its API moved money: 1900000109API.

    `reference` is 微信支付业务单号, `original` 资金流水单号, `number` 业务凭证号; matching needs all three.
    """

    def __init__(self, stream: BinaryIO, wanted: Wanted) -> None:
        self.totals = Totals()
        self._wanted, self._minutes = wanted, minutes_of(wanted.day)
        self._texts = Texts(stream, "utf-8", takes_lf=wanted.is_proved)

    def __iter__(self) -> Iterator[Line]:
        texts, each = self._texts, iter(self._texts)
        names = next(each, "").replace("（", "(").replace("）", ")").split(",")
        _check_columns(names)
        pick = itemgetter(*(names.index(name) for name in COLUMNS))
        headings, run = "", Run()
        for text in each:
            if text[:1] != "`":
                headings = text
                break
            cells = text[1:].split(",`")
            if len(cells) != len(COLUMNS):
                raise BadBill("cells", texts.no)
            line = self._line(pick(cells))
            run.add(line.fen, line.balance_fen or 0, texts.no)
            yield line
        sums = {"count": run.count, "in_count": run.in_count, "out_count": run.count - run.in_count}
        check_summary(texts, each, headings, SUMMARY, sums | {"came": run.came, "went": -run.went})
        self.totals = run.totals()

    def _line(self, cells: tuple[str, ...]) -> Line:
        texts = self._texts
        at, reference, flow, name, kind, direction, amount, balance, by, note, voucher = cells
        try:
            fen, after = fen_of(amount) * SIGNS[direction], signed_fen_of(balance)
        except (ValueError, KeyError):
            raise BadBill("value", texts.no) from None
        if at[:16] not in self._minutes or at[16:] not in SECONDS:
            raise BadBill("day", texts.no, wanted=self._wanted.day.isoformat(), found=at)
        if by.endswith("API") and by[:-3].isdigit() and by[:-3] != self._wanted.account:
            raise BadBill("account", texts.no, wanted=self._wanted.account, found=by[:-3])
        if not reference.isalnum():
            raise BadBill("number", texts.no)
        said = f"{name} {note}".strip() if name != kind else note
        return Line(texts.no, SORTS.get(kind, "other"), at + OFFSET, reference, voucher, flow, None, fen, 0, after,
                    kind, said, texts.start, texts.size)  # fmt: skip


def _check_columns(names: list[str]) -> None:
    odd = [name for name in names if name not in COLUMNS or names.count(name) > 1]
    if odd:
        raise BadBill("unknown_columns", 1, what="、".join(odd)[:200])
    if missing := [name for name in COLUMNS if name not in names]:
        raise BadBill("missing_columns", 1, what="、".join(missing)[:200])
