"""订单: find one, see all of it, ask for a refund, decide what the machine could not."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.kit import clock, export, http
from app.kit.db import AnyRow, unit_of_work
from app.kit.http import caller, permit
from app.kit.idempotency import Answer
from app.payments import service
from app.payments.models import FULFILMENT_LABELS, FulfilmentStatus
from app.payments.pages.desk.parts import (
    answer,
    fen_from,
    in_yuan,
    masked,
    naming_owners,
    people_of,
    to_the_end,
)
from app.payments.pages.desk.timeline import channel_name, lines_of
from app.payments.queries.desk import orders as queries

desk = Blueprint("payments_orders", __name__, url_prefix="/desk/payments")
DECISIONS = ("applied", "ask", "abandon")
TONES = {
    "waiting": "wait",
    "sending": "go",
    "unknown": "wait",
    "accepted": "go",
    "applied": "done",
    "review": "bad",
    "abandoned": "off",
}


def _filters() -> dict[str, Any]:
    view = request.args.get("view", "all")
    return {"view": view if view in queries.VIEWS else "all", "text": request.args.get("q", "").strip()[:64]}


def state_word(row: AnyRow) -> tuple[str, str]:
    """(word, tone) of an order in a list."""
    if row.fulfilment_status:
        status = FulfilmentStatus(row.fulfilment_status)
        return _(FULFILMENT_LABELS[status]), TONES[status]
    if row.status == "open" and row.expires_at > clock.now():
        return _("待支付"), "ask"
    return _("已关闭"), "off"


@desk.get("/")
@permit("payments.read")
def orders() -> str:
    """The newest first; `order` opens one beside the list."""
    filters = _filters()
    with unit_of_work() as session:
        page = queries.orders(session, **filters, cursor=request.args.get("cursor"))
        return render_template(
            "payments/desk/orders.html",
            page=page,
            people=people_of(session, page.items, "owner_id"),
            counts=queries.counts(session),
            views=queries.VIEWS,
            view=filters["view"],
            q=filters["text"],
            masked=masked,
            state_word=state_word,
            channel_name=channel_name,
            chosen=request.args.get("order"),
        )


@desk.get("/export.xlsx")
@permit("payments.read")
def export_orders() -> Response:
    """The list as it is filtered, to its end."""
    filters = _filters()
    rows = to_the_end(lambda session, **where: queries.orders(session, **filters, **where), "owner_id")
    return naming_owners("订单", EXPORT, rows, reason="payments.orders")


EXPORT = (
    export.Column("订单号", lambda pair: pair[0].number, 18),
    export.Column("状态", lambda pair: state_word(pair[0])[0]),
    export.Column("收费项目", lambda pair: pair[0].item_title, 20),
    export.Column("内容", lambda pair: pair[0].title, 28),
    export.Column("付款人", lambda pair: masked(pair[1], pair[0].owner_id), 20),
    export.Column("金额（元）", lambda pair: in_yuan(pair[0].fen), 12),
    export.Column("已退（元）", lambda pair: in_yuan(pair[0].refunded_fen), 12),
    export.Column("退款中（元）", lambda pair: in_yuan(pair[0].refunding_fen), 12),
    export.Column("渠道", lambda pair: channel_name(pair[0].channel) if pair[0].channel else "", 14),
    export.Column("交易号", lambda pair: pair[0].transaction_id, 32),
    export.Column("下单时间", lambda pair: pair[0].created_at, 18),
    export.Column("支付时间", lambda pair: pair[0].paid_at, 18),
)


@desk.get("/orders/<order_id>")
@permit("payments.read")
def order(order_id: str) -> str:
    """The panel beside the list, or a page of its own."""
    part = "_order" if request.headers.get("HX-Request") else "order"
    with unit_of_work() as session:
        return _panel(session, order_id, part)


def _panel(session: Session, order_id: str, part: str = "_order") -> str:
    by = caller()
    file = queries.order_file(session, by, order_id)
    fulfilment = file.view.fulfilment
    status = fulfilment.status if fulfilment else ""
    return render_template(
        f"payments/desk/{part}.html",
        file=file,
        o=file.view.order,
        lines=lines_of(file),
        masked=masked,
        channel_name=channel_name,
        labels=FULFILMENT_LABELS,
        tones=TONES,
        status=status,
        may_refund=by.may("payments.refund") and file.left_fen > 0,
        may_decide=by.may("payments.settle") and status == FulfilmentStatus.REVIEW,
        is_decided=status in (FulfilmentStatus.APPLIED, FulfilmentStatus.ABANDONED),
    )


@desk.post("/orders/<order_id>/refunds")
@permit("payments.refund")
def ask_refund(order_id: str) -> Any:
    """经办: once per form, however often it is sent."""
    by, fen = caller(), fen_from("yuan")

    with unit_of_work() as session:

        def work() -> Answer:
            reason = request.form.get("reason", "")
            service.request_refund(session, by=by, order_public_id=order_id, fen=fen, reason=reason)
            return Answer(303, "", {"Location": url_for("payments_orders.orders", order=order_id)})

        return http.once(session, work)


@desk.post("/orders/<order_id>/decision")
@permit("payments.settle")
def decide(order_id: str) -> Any:
    """已到账, 再查一次, or 未到账，退款."""
    chosen = request.form.get("decision", "")
    decision = chosen if chosen in DECISIONS else "ask"
    with unit_of_work() as session:
        service.decide(
            session,
            by=caller(),
            order_public_id=order_id,
            decision=decision,
            note=request.form.get("note", ""),
        )
    with unit_of_work() as session:
        return answer(lambda: _panel(session, order_id), url_for("payments_orders.order", order_id=order_id))
