"""One's own bills, the card agreement, and 收费公示 for everybody."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from app.kit.db import AnyRow, unit_of_work
from app.kit.http import PUBLIC, SIGNED_IN, caller, permit
from app.payments.flows import cards
from app.payments.models import (
    CHANNEL_NAMES,
    FULFILMENT_LABELS,
    RECEIPT_KINDS,
    RECEIPT_LABELS,
    REFUND_LABELS,
)
from app.payments.queries import orders as queries
from app.payments.queries.desk.receipts import receipts_of
from app.payments.service.agreements import (
    DAY_LIMIT_FEN,
    ORDER_LIMIT_FEN,
    find_agreement,
    revoke_agreement,
)
from app.payments.service.receipts import ask_receipt
from app.payments.service.receipts.holding import LIVE
from app.platform.directory import queries as directory

bills = Blueprint("bills", __name__, url_prefix="/m/bills")
fees = Blueprint("fees", __name__)


@bills.get("/")
@permit(SIGNED_IN)
def mine() -> Any:
    with unit_of_work() as session:
        page = queries.my_orders(session, caller().person_id, cursor=request.args.get("cursor"))
    states = {order.public_id: queries.state_of(order, order.fulfilment_status) for order in page.items}
    return render_template("payments/phone/bills.html", page=page, states=states, labels=FULFILMENT_LABELS)


@bills.get("/<public_id>")
@permit(SIGNED_IN)
def bill(public_id: str) -> Any:
    """The receipt: what, when, how, and where the money is."""
    with unit_of_work() as session:
        view = queries.order_for(session, caller(), public_id)
        receipts = receipts_of(session, [payment.id for payment in view.payments])
        own_title = directory.person(session, caller().person_id).name
    return render_template(
        "payments/phone/bill.html",
        view=view,
        o=view.order,
        receipts=receipts,
        may_ask=_may_ask(view, receipts),
        own_title=own_title,
        receipt_labels=RECEIPT_LABELS,
        receipt_kinds=RECEIPT_KINDS,
        channels=CHANNEL_NAMES,
        labels=FULFILMENT_LABELS,
        refund_labels=REFUND_LABELS,
    )


def _may_ask(view: queries.OrderView, receipts: list[AnyRow]) -> bool:
    """Whether to offer it; the last word is the rule's."""
    is_offered = view.item.receipt_kind is not None and view.state == "applied"
    has_rest = view.order.fen > sum(one.refunding_fen + one.refunded_fen for one in view.payments)
    is_mine = view.order.owner_id == caller().person_id
    return is_offered and has_rest and is_mine and not any(one.status in LIVE for one in receipts)


@bills.post("/<public_id>/receipt")
@permit(SIGNED_IN)
def ask_for_receipt(public_id: str) -> Any:
    with unit_of_work() as session:
        ask_receipt(session, by=caller(), order_public_id=public_id, title=request.form.get("title", ""))
    return redirect(url_for("bills.bill", public_id=public_id), 303)


@bills.get("/card")
@permit(SIGNED_IN)
def card() -> Any:
    """小额免密协议: read it, sign it, revoke it with one tap."""
    with unit_of_work() as session:
        agreement = find_agreement(session, caller().person_id)
    return render_template(
        "payments/phone/card.html",
        agreement=agreement,
        order_limit=ORDER_LIMIT_FEN,
        day_limit=DAY_LIMIT_FEN,
        then=_own_path(request.args.get("then", "")),
    )


@bills.post("/card")
@permit(SIGNED_IN)
def sign() -> Any:
    cards.sign(by=caller(), clients=current_app.extensions["clients"])
    return redirect(_own_path(request.form.get("then", "")) or url_for("bills.card"), 303)


@bills.post("/card/revoke")
@permit(SIGNED_IN)
def revoke() -> Any:
    with unit_of_work() as session:
        revoke_agreement(session, by=caller())
    return redirect(url_for("bills.card"), 303)


def _own_path(given: str) -> str:
    """Only back to a cashier of ours."""
    return given if given.startswith("/m/pay/") and "//" not in given and "\\" not in given else ""


@fees.get("/m/fees")
@permit(PUBLIC)
def published() -> Any:
    """收费公示: every item with its ground, price and contact."""
    with unit_of_work() as session:
        items = queries.fee_items(session)
    return render_template("payments/phone/fees.html", items=items)
