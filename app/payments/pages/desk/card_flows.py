"""校园卡流水: how far the card centre's flow has been read, and beginning anew where it can't be mended."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.payments.errors import CardFlowEnded
from app.payments.queries import card_flows as queries
from app.payments.service import card_flows
from app.payments.service.bill_alarms import PROBLEMS

desk = Blueprint("payments_card_flows", __name__, url_prefix="/desk/payments/card-flows")


@desk.get("")
@permit("payments.read")
def flows() -> str:
    with unit_of_work() as session:
        return render_template(
            "payments/desk/card_flows.html",
            flows=queries.flows(session),
            problems=PROBLEMS,
            may_restart=caller().may("payments.approve_reconcile"),
        )


@desk.post("/<int:flow_id>/restart")
@permit("payments.approve_reconcile")
def restart(flow_id: int) -> Any:
    """Given up here; the next reading, minutes later, begins anew at the flow's end as it is then."""
    with unit_of_work() as session:
        if not card_flows.end(session, by=caller(), flow_id=flow_id):
            raise CardFlowEnded()
    return redirect(url_for("payments_card_flows.flows"), 303)
