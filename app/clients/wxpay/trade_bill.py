"""WeChat's trade bill, read in one pass: ALL, SUCCESS or REFUND, under its present headers or the old ones.

Values begin with a backtick, and `,` does not occur in them (WeChat writes `\\ `), so that `` ,` `` parts them
whatever else they say. https://pay.weixin.qq.com/doc/v3/merchant/4012791854
"""

from collections.abc import Callable, Generator, Iterator
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
    e5_of,
    fen_of,
    minutes_of,
)
from app.clients.wxpay.headers import Form, form_of
from app.clients.wxpay.summary import check_summary

STATUSES = frozenset(("SUCCESS", "REFUND", "REVOKED"))
FILLER = ",`0.00"
_Said = tuple[str, str, str, str, str | None, None, int, int, None, str]
SUMS = ("count", "settled", "refund", "coupon", "total", "asked", "fee")


class TradeBill:
    """One merchant's day; `kind` is ALL, SUCCESS or REFUND. A revoked trade is a payment whose status says so."""

    def __init__(self, stream: BinaryIO, wanted: Wanted, *, kind: str = "ALL") -> None:
        self.totals = Totals()
        self._kind = kind
        self._wanted = wanted
        self._texts = Texts(stream, "utf-8", takes_lf=wanted.is_proved)

    def __iter__(self) -> Iterator[Line]:
        texts, each = self._texts, iter(self._texts)
        names = next(each, "").split(",")
        form = form_of(names)
        if form.kind != self._kind:
            raise BadBill("type", 1, wanted=self._kind, found=form.kind)
        headings, sums = yield from self._details(each, names, form)
        check_summary(texts, each, headings, form.summary, sums)

    def _details(
        self, each: Iterator[str], names: list[str], form: Form
    ) -> Generator[Line, None, tuple[str, dict[str, int]]]:
        """Returns the text after the details, and their sums. A million times through: every step counts."""
        texts, ours, minutes = self._texts, (self._wanted.account, "CNY"), minutes_of(self._wanted.day)
        pick, filler, width = _places(names, form)
        settled = refund = coupon = total = asked = fees = count = came = went = 0
        headings = ""
        for text in each:
            if text[:1] != "`":
                headings = text
                break
            cells = (text[1:] + filler).split(",`")
            if len(cells) != width:
                raise BadBill("cells", texts.no)
            (at, merchant, currency, status, trade, order_no, refund_id, refund_no, state, name, fee_text,
             *amounts) = pick(cells)  # fmt: skip
            if (merchant, currency) != ours or at[:16] not in minutes or at[16:] not in SECONDS:
                raise _stranger(texts.no, self._wanted, at, merchant)
            try:
                fee = e5_of(fee_text)
                a, b, c, d, e = map(fen_of, amounts)
            except ValueError:
                raise BadBill("value", texts.no) from None
            count, settled, refund, coupon, total, asked, fees = (
                count + 1, settled + a, refund + b, coupon + c, total + d, asked + e, fees + fee)  # fmt: skip
            if status not in STATUSES:
                raise BadBill("status", texts.no, found=status)
            if status == "REFUND":
                went += e
                said: _Said = ("refund", at + OFFSET, refund_id, refund_no, trade, None, -e, fee, None, state)
            else:
                came += d
                said = ("payment", at + OFFSET, trade, order_no, None, None, d, fee, None, status)
            if not said[2].isalnum() or said[2] == "0" or (e and status != "REFUND"):
                raise BadBill("number", texts.no)
            yield Line(texts.no, *said, plain(name) if "\\" in name else name, texts.start, texts.size)
        self.totals = Totals(count, came, -went, fees)
        return headings, dict(zip(SUMS, (count, settled, refund, coupon, total, asked, fees), strict=True))


def _places(names: list[str], form: Form) -> tuple[Callable[[list[str]], tuple[str, ...]], str, int]:
    """How to take the columns of a line; one that this form lacks reads 0.00, which `filler` puts at the end."""
    filler = FILLER if None in form.names else ""
    pick = itemgetter(*(names.index(name) if name else len(names) for name in form.names))
    return pick, filler, len(names) + bool(filler)


def _stranger(line: int, wanted: Wanted, at: str, merchant: str) -> BadBill:
    """Why a line is not of this bill."""
    if merchant != wanted.account:
        return BadBill("account", line, wanted=wanted.account, found=merchant)
    if at[:10] != wanted.day.isoformat():
        return BadBill("day", line, wanted=wanted.day.isoformat(), found=at)
    return BadBill("number", line)


def plain(text: str) -> str:
    """A merchant's own words as they were: `\\ ` was a comma, `\\n` a new line."""
    return text.replace("\\ ", ",").replace("\\n", "\n")
