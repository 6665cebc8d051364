"""票据: electronic receipts, and those that wait for a person."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.payments.models import RECEIPT_KINDS, RECEIPT_LABELS
from app.payments.pages.desk.parts import answer
from app.payments.queries.desk import receipts as queries
from app.payments.service.receipts import ask_receipt_again, reverse_again

desk = Blueprint("payments_receipts", __name__, url_prefix="/desk/payments/receipts")
TONES = {"issuing": "go", "issued": "done", "refused": "bad", "reversed": "off"}


@desk.get("")
@permit("payments.read")
def receipts() -> str:
    view = request.args.get("view", "wait")
    text = request.args.get("q", "").strip().upper()[:64]
    with unit_of_work() as session:
        return render_template(
            "payments/desk/receipts.html",
            page=queries.receipts(session, view=view, text=text, cursor=request.args.get("cursor")),
            waiting=queries.receipts_waiting(session, caller()),
            views=queries.VIEWS,
            view=view if view in queries.VIEWS else "wait",
            q=text,
            kinds=RECEIPT_KINDS,
            labels=RECEIPT_LABELS,
            tones=TONES,
            chosen=request.args.get("receipt"),
        )


@desk.get("/<receipt_id>")
@permit("payments.read")
def receipt(receipt_id: str) -> str:
    """The panel beside the list, or a page of its own."""
    part = "_receipt" if request.headers.get("HX-Request") else "receipt"
    with unit_of_work() as session:
        return _panel(session, receipt_id, part)


def _panel(session: Session, receipt_id: str, part: str = "_receipt") -> str:
    row, reds = queries.receipt_file(session, receipt_id)
    may = caller().may("payments.settle")
    return render_template(
        f"payments/desk/{part}.html",
        r=row,
        reds=reds,
        kinds=RECEIPT_KINDS,
        labels=RECEIPT_LABELS,
        tones=TONES,
        may_ask=may and row.status == "refused",
        may_reverse=may and row.status == "issued" and row.needs_somebody,
    )


@desk.post("/<receipt_id>/again")
@permit("payments.settle")
def ask_again(receipt_id: str) -> Any:
    return _moved(receipt_id, ask_receipt_again)


@desk.post("/<receipt_id>/reverse")
@permit("payments.settle")
def reverse(receipt_id: str) -> Any:
    return _moved(receipt_id, reverse_again)


def _moved(receipt_id: str, use_case: Callable[..., None]) -> Any:
    with unit_of_work() as session:
        use_case(session, by=caller(), public_id=receipt_id)
    with unit_of_work() as session:
        target = url_for("payments_receipts.receipt", receipt_id=receipt_id)
        return answer(lambda: _panel(session, receipt_id), target)
