"""证据链 and 抽样: what an auditor opens, with their own access on record."""

import secrets
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.payments.models import FULFILMENT_LABELS, REFUND_LABELS
from app.payments.pages.desk.differences import day_of
from app.payments.pages.desk.parts import masked, people_of
from app.payments.pages.desk.timeline import ACTIONS, OUTCOMES, account_name, channel_name
from app.payments.queries.desk import evidence as queries
from app.payments.queries.desk.ledger import ENTRY_NAMES, item_names
from app.payments.queries.reconciliation import source_name
from app.platform.audit import service as audit

desk = Blueprint("payments_evidence", __name__, url_prefix="/desk/payments/evidence")
LONGEST_SPAN = timedelta(days=366)


@desk.get("/<order_id>")
@permit("payments.read")
def order(order_id: str) -> str:
    """One order in four columns. Who looked is recorded."""
    with unit_of_work() as session:
        found = queries.evidence(session, order_id)
        audit.record(
            session,
            by=caller(),
            action="payments.open_evidence",
            object_type="order",
            object_id=found.order.id,
        )
        items = item_names(session)
        return render_template(
            "payments/desk/evidence.html",
            e=found,
            people=people_of(session, [found.order, *found.attempts], *_named(found)),
            items=items,
            account_name=lambda code: account_name(code, items),
            channel_name=channel_name,
            source_name=source_name,
            entry_names=ENTRY_NAMES,
            refund_labels=REFUND_LABELS,
            fulfilment_labels=FULFILMENT_LABELS,
            actions=ACTIONS,
            outcomes=OUTCOMES,
            masked=masked,
        )


def _named(found: queries.Evidence) -> tuple[str, ...]:
    return ("owner_id",) if not found.attempts else ()


@desk.get("")
@permit("payments.read")
def sample() -> str:
    """A random sample of paid orders; its seed draws it again, for whoever checks the auditor."""
    given = _span()
    with unit_of_work() as session:
        rows = queries.sample(session, **given) if request.args.get("seed") else []
        if rows:
            audit.record(
                session,
                by=caller(),
                action="payments.draw_sample",
                object_type="sample",
                object_id=len(rows),
            )
        return render_template(
            "payments/desk/sample.html",
            rows=rows,
            people=people_of(session, rows, "owner_id"),
            masked=masked,
            given=given,
            is_drawn=bool(request.args.get("seed")),
            fresh_seed=secrets.token_hex(4),
            most=queries.MOST_SAMPLES,
        )


def _span() -> dict[str, Any]:
    today = clock.today()
    first = day_of(request.args.get("first")) or date(today.year, today.month, 1)
    last = day_of(request.args.get("last")) or today
    last = max(first, min(last, first + LONGEST_SPAN))
    size = request.args.get("size", "")
    return {
        "first": first,
        "last": last,
        "seed": request.args.get("seed", "").strip()[:32],
        "size": max(1, min(int(size), queries.MOST_SAMPLES)) if size.isascii() and size.isdigit() else 20,
    }
