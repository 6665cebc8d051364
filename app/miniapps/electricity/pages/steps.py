"""The way of the money in words, newest first, with the numbers that prove each step."""

from typing import Any

from flask_babel import gettext as _

from app.payments.queries.timeline import CallLine, Timeline

Step = dict[str, Any]


def timeline_of(order: Timeline) -> list[Step]:
    """For the macro `steps`: order, payment, vendor, meter, refund."""
    lines = [_step(_("已下单"), order.created_at, _("订单号 %(number)s", number=order.number))]
    lines += [
        _step(
            _("已支付 · %(channel)s", channel=_(line.channel)) if line.settles else _("多付的一笔，退回"),
            line.paid_at,
            _("交易号 %(number)s", number=line.transaction_id),
        )
        for line in order.payments
    ]
    lines += _sent(order)
    lines += _refunded(order)
    if order.status == "closed":
        lines.append(_step(_("订单已关闭，没有扣款"), order.closed_at, ""))
    # A channel tells whole seconds: within one, the order is that of the list.
    return sorted(lines, key=lambda line: line["at"].replace(microsecond=0))[::-1]


def _step(title: str, at: Any, text: str) -> Step:
    return {"title": title, "at": at, "text": text}


def _sent(order: Timeline) -> list[Step]:
    lines = []
    sends = [call for call in order.calls if call.action == "send"]
    if sends:
        text = _("充值号 %(number)s", number=order.delivery_number)
        lines.append(_step(_("已送往电费系统"), sends[0].started_at, text))
    if (doubt := _doubt(order.calls)) and order.applied_at is None:
        lines.append(_step(_("正在核实是否到账"), doubt.ended_at, _("不会重复充值，也不会丢。")))
    reference = _("电费系统流水 %(number)s", number=order.vendor_ref) if order.vendor_ref else ""
    if order.accepted_at:
        lines.append(_step(_("电费系统已受理"), order.accepted_at, reference))
    if order.applied_at:
        lines.append(_step(_("已到电表"), order.applied_at, reference))
    return lines


def _doubt(calls: tuple[CallLine, ...]) -> CallLine | None:
    """The first send that brought no clear answer."""
    unclear = ("unknown", "lost", "duplicate")
    return next((call for call in calls if call.action == "send" and call.outcome in unclear), None)


def _refunded(order: Timeline) -> list[Step]:
    lines = []
    for refund in order.refunds:
        number = _("退款号 %(number)s", number=refund.number)
        lines.append(_step(_("已申请退款"), refund.created_at, number))
        if refund.ended_at:
            lines.append(_step(_(refund.label), refund.ended_at, _("原路退回付款账户")))
    return lines
