"""退款: agreed to by a second person, or paid out by hand by one and checked by another."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import export
from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.payments import service
from app.payments.models import REFUND_LABELS, RefundStatus
from app.payments.pages.desk.parts import (
    answer,
    colleague,
    in_yuan,
    masked,
    naming_owners,
    people_of,
    to_the_end,
)
from app.payments.pages.desk.timeline import channel_name
from app.payments.queries.desk import refunds as queries

desk = Blueprint("payments_refunds", __name__, url_prefix="/desk/payments/refunds")
TONES = {
    "waiting": "ask",
    "ready": "go",
    "processing": "go",
    "short": "wait",
    "abnormal": "bad",
    "offline": "wait",
    "succeeded": "done",
    "paid_offline": "done",
    "rejected": "off",
}
NAMED = ("owner_id", "requested_by_id", "approved_by_id", "paid_out_by_id", "checked_by_id")


def _filters() -> dict[str, Any]:
    queue = request.args.get("queue", "waiting")
    return {
        "queue": queue if queue in queries.QUEUES else "waiting",
        "text": request.args.get("q", "").strip()[:64],
    }


@desk.get("")
@permit("payments.read")
def refunds() -> str:
    """What waits for a second person, the oldest first; `refund` opens one beside the list."""
    filters = _filters()
    with unit_of_work() as session:
        page = queries.refunds(session, **filters, cursor=request.args.get("cursor"))
        return render_template(
            "payments/desk/refunds.html",
            page=page,
            people=people_of(session, page.items, *NAMED),
            counts=queries.counts(session),
            queues=queries.QUEUES,
            queue=filters["queue"],
            q=filters["text"],
            labels=REFUND_LABELS,
            tones=TONES,
            masked=masked,
            colleague=colleague,
            channel_name=channel_name,
            chosen=request.args.get("refund"),
        )


@desk.get("/export.xlsx")
@permit("payments.read")
def export_refunds() -> Response:
    """The queue as it is filtered, to its end; of 线下退款 it is the roster."""
    filters = _filters()
    rows = to_the_end(lambda session, **where: queries.refunds(session, **filters, **where), *NAMED)
    name = "线下退款名册" if filters["queue"] == "offline" else "退款"
    return naming_owners(name, EXPORT, rows, reason="payments.refunds")


EXPORT = (
    export.Column("退款单号", lambda pair: pair[0].number, 18),
    export.Column("状态", lambda pair: REFUND_LABELS[RefundStatus(pair[0].status)]),
    export.Column("缘由", lambda pair: queries.CAUSES[pair[0].cause], 14),
    export.Column("原因", lambda pair: pair[0].reason, 28),
    export.Column("金额（元）", lambda pair: in_yuan(pair[0].fen), 12),
    export.Column("订单号", lambda pair: pair[0].order_number, 18),
    export.Column("收费项目", lambda pair: pair[0].item_title, 20),
    export.Column("付款人", lambda pair: masked(pair[1], pair[0].owner_id), 20),
    export.Column("渠道", lambda pair: channel_name(pair[0].channel), 14),
    export.Column("交易号", lambda pair: pair[0].transaction_id, 32),
    export.Column("经办", lambda pair: colleague(pair[1], pair[0].requested_by_id), 12),
    export.Column("复核", lambda pair: colleague(pair[1], pair[0].approved_by_id), 12),
    export.Column("线下经办", lambda pair: colleague(pair[1], pair[0].paid_out_by_id), 12),
    export.Column("线下复核", lambda pair: colleague(pair[1], pair[0].checked_by_id), 12),
    export.Column("付款依据", lambda pair: pair[0].paid_out_note, 28),
    export.Column("申请时间", lambda pair: pair[0].created_at, 18),
    export.Column("完成时间", lambda pair: pair[0].ended_at, 18),
)


@desk.get("/<refund_id>")
@permit("payments.read")
def refund(refund_id: str) -> str:
    """The panel beside the list, or a page of its own."""
    part = "_refund" if request.headers.get("HX-Request") else "refund"
    with unit_of_work() as session:
        return _panel(session, refund_id, part)


def _panel(session: Session, refund_id: str, part: str = "_refund") -> str:
    by = caller()
    file = queries.refund_file(session, refund_id)
    r = file.refund
    is_checker = by.may("payments.approve_refund")
    return render_template(
        f"payments/desk/{part}.html",
        r=r,
        people=file.people,
        labels=REFUND_LABELS,
        causes=queries.CAUSES,
        tones=TONES,
        masked=masked,
        colleague=colleague,
        channel_name=channel_name,
        may_approve=is_checker and r.status == "waiting" and r.requested_by_id != by.person_id,
        is_own=r.status == "waiting" and r.requested_by_id == by.person_id,
        may_go_offline=by.may("payments.refund") and r.status == "abnormal",
        may_pay_out=by.may("payments.refund") and r.status == "offline" and not r.paid_out_by_id,
        may_check=is_checker
        and r.status == "offline"
        and bool(r.paid_out_by_id)
        and r.paid_out_by_id != by.person_id,
    )


@desk.post("/<refund_id>/approve")
@permit("payments.approve_refund")
def approve(refund_id: str) -> Any:
    return _moved(refund_id, service.approve_refund)


@desk.post("/<refund_id>/reject")
@permit("payments.approve_refund")
def reject(refund_id: str) -> Any:
    return _moved(refund_id, service.reject_refund)


@desk.post("/<refund_id>/offline")
@permit("payments.refund")
def go_offline(refund_id: str) -> Any:
    return _moved(refund_id, service.move_offline)


@desk.post("/<refund_id>/paid-out")
@permit("payments.refund")
def paid_out(refund_id: str) -> Any:
    return _moved(refund_id, service.note_paid_out, note=request.form.get("note", ""))


@desk.post("/<refund_id>/check")
@permit("payments.approve_refund")
def check(refund_id: str) -> Any:
    return _moved(refund_id, service.check_paid_out)


def _moved(refund_id: str, use_case: Callable[..., None], **values: str) -> Any:
    with unit_of_work() as session:
        use_case(session, by=caller(), public_id=refund_id, **values)
    with unit_of_work() as session:
        target = url_for("payments_refunds.refund", refund_id=refund_id)
        return answer(lambda: _panel(session, refund_id), target)
