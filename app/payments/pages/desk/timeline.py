"""The life of an order, line by line, as a clerk reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.kit import money
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.payments.models import CHANNEL_NAMES, REFUND_LABELS, Channel, FulfilmentStatus, RefundStatus
from app.payments.pages.desk.parts import colleague, masked
from app.payments.queries.desk.disputes import KINDS
from app.payments.queries.desk.ledger import ENTRY_NAMES, account_parts
from app.payments.queries.desk.orders import OrderFile
from app.payments.queries.desk.refunds import CAUSES

ATTEMPTS = {
    "created": N_("发起支付"),
    "pending": N_("等待付款"),
    "unknown": N_("结果核实中"),
    "paid": N_("已付款"),
    "refused": N_("渠道未受理"),
    "closed": N_("已关闭"),
}
TRADES = {
    "JSAPI": N_("微信内"),
    "H5": N_("浏览器"),
    "NATIVE": N_("扫码"),
    "CARD": N_("免密扣款"),
    "PIN": N_("输密码"),
}
ACTIONS = {"send": N_("请求到账"), "ask": N_("查询是否到账")}
OUTCOMES = {
    "applied": N_("已到账"),
    "accepted": N_("已受理，等待到账"),
    "pending": N_("处理中"),
    "not_found": N_("对方查无此单"),
    "refused": N_("对方明确拒绝"),
    "duplicate": N_("对方已有此单号"),
    "unavailable": N_("对方暂时连不上，未受理"),
    "unknown": N_("没有得到结果"),
    "mismatch": N_("对方有此单号，但金额或对象不同"),
    "lost": N_("调用中断，没有得到结果"),
}
LEARNED = {"notify": N_("渠道通知"), "query": N_("主动查询"), "debit": N_("扣款应答"), "bill": N_("对账单")}
CLOSED = {"expired": N_("超时未付"), "cancelled": N_("本人取消"), "renewed": N_("价格变了，已换新单")}


@dataclass(frozen=True)
class Line:
    """`title` is what happened, `text` the details, `who` by whom."""

    at: datetime
    title: str
    text: str = ""
    who: str = ""


def channel_name(channel: str) -> str:
    known = channel in {str(one) for one in Channel}
    return _(CHANNEL_NAMES[Channel(channel)]) if known else channel


def account_name(code: str, items: dict[str, str]) -> str:
    """科目 in words: 已付待到账 · 学生宿舍电费."""
    return " · ".join(_(part) for part in account_parts(code, items) if part)


def lines_of(file: OrderFile) -> list[Line]:
    """The newest first."""
    makers = (_order, _attempts, _payments, _calls, _decision, _refunds, _entries, _disputes)
    lines = [line for make in makers for line in make(file)]
    return sorted(lines, key=lambda line: line.at)[::-1]


def _order(file: OrderFile) -> Iterator[Line]:
    order = file.view.order
    yield Line(order.created_at, _("下单"), money.yuan(order.fen), masked(file.people, order.owner_id))
    if order.closed_at is not None:
        yield Line(
            order.closed_at, _("订单关闭"), _(CLOSED.get(order.closed_reason, order.closed_reason or ""))
        )


def _attempts(file: OrderFile) -> Iterator[Line]:
    for one in file.attempts:
        trade = TRADES.get(one.trade_type)
        parts = (
            _(ATTEMPTS[one.status]),
            _("支付单号 %(number)s", number=one.number),
            _("商户号 %(number)s", number=one.merchant_no),
            one.refusal,
        )
        way = channel_name(one.channel) + (f"（{_(trade)}）" if trade else "")
        yield Line(
            one.created_at, _("发起支付") + " · " + way, _joined(*parts), masked(file.people, one.payer_id)
        )


def _payments(file: OrderFile) -> Iterator[Line]:
    for one in file.view.payments:
        title = _("收到款项") if one.role == "settles" else _("收到长款")
        yield Line(
            one.received_at,
            f"{title} {money.yuan(one.fen)}",
            _joined(
                channel_name(one.channel),
                _("交易号 %(number)s", number=one.transaction_id),
                _(LEARNED.get(one.learned_by, one.learned_by)),
            ),
        )


def _calls(file: OrderFile) -> Iterator[Line]:
    for one in file.calls:
        outcome = _(OUTCOMES[one.outcome]) if one.outcome in OUTCOMES else _("还没有结果")
        yield Line(one.started_at, _(ACTIONS[one.action]), _joined(outcome, one.code))


def _decision(file: OrderFile) -> Iterator[Line]:
    one = file.view.fulfilment
    if one is None:
        return
    signed = colleague(file.people, one.decided_by_id)
    if one.applied_at is not None:
        text = _("到账流水 %(ref)s", ref=one.vendor_ref) if one.vendor_ref else ""
        note = one.decision_note if signed else ""
        yield Line(one.applied_at, _("已到账"), _joined(text, note), signed)
    elif signed:
        is_over = one.status == FulfilmentStatus.ABANDONED
        title = _("判定未到账，退款") if is_over else _("要求再查一次")
        yield Line(_decided_at(file, one), title, one.decision_note or "", signed)


def _decided_at(file: OrderFile, fulfilment: AnyRow) -> datetime:
    """A decision that refunds is as old as its refund; one that asks again precedes the next call."""
    moments = [one.created_at for one in file.view.refunds if one.cause == "unfulfilled"]
    calls = [one.started_at for one in file.calls]
    return min(moments, default=max(calls, default=fulfilment.created_at))


def _refunds(file: OrderFile) -> Iterator[Line]:
    for one in file.view.refunds:
        asked = colleague(file.people, one.requested_by_id)
        title = _("退款 %(yuan)s · %(cause)s", yuan=money.yuan(one.fen), cause=_(CAUSES[one.cause]))
        number = _("退款单号 %(number)s", number=one.number)
        yield Line(one.created_at, title, _joined(number, one.reason), asked)
        if one.ended_at is not None:
            who = colleague(file.people, one.checked_by_id or one.approved_by_id)
            label = _(REFUND_LABELS[RefundStatus(one.status)])
            yield Line(one.ended_at, f"{label} {money.yuan(one.fen)}", one.number, who)


def _entries(file: OrderFile) -> Iterator[Line]:
    for one in file.entries:
        title = _(
            "记账 · %(name)s %(yuan)s", name=_(ENTRY_NAMES.get(one.kind, one.kind)), yuan=money.yuan(one.fen)
        )
        debit, credit = (account_name(code, file.item_names) for code in (one.debit, one.credit))
        yield Line(one.posted_at, title, _("借 %(debit)s　贷 %(credit)s", debit=debit, credit=credit))


def _disputes(file: OrderFile) -> Iterator[Line]:
    for one in file.disputes:
        name = _(KINDS[one.kind][0]) if one.kind in KINDS else one.kind
        state = _("已处理") if one.closed_at else _("待处理")
        yield Line(one.created_at, _("支付异常 · %(name)s", name=name), state)


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
