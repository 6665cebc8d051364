"""部门确认 and 来款认领: departments say yes to their month, bank receipts find their fee item."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.export import MIME
from app.kit.http import caller, permit
from app.payments import statements as papers
from app.payments.errors import PeriodInvalid, StatementNotFound
from app.payments.pages.desk.parts import colleague, people_of
from app.payments.queries.desk import receipts as receipt_queries
from app.payments.queries.desk.ledger import item_names
from app.payments.queries.statements import Statement, find_statement, statements
from app.payments.service import claims as claiming
from app.payments.service.statements import CONFIRM, confirm_statement
from app.payments.service.vouchers import Period
from app.platform.directory import queries as directory

desk = Blueprint("payments_statements", __name__, url_prefix="/desk/payments")


def _month() -> date:
    """The month asked for; by default the last one that is over."""
    text = request.values.get("month", "").strip()
    if not text:
        return (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    period = Period.of(text)
    if period.first == period.last:
        raise PeriodInvalid()
    return period.first


def _own(found: list[Statement]) -> list[Statement]:
    """Those of the caller's departments; of all for who looks after all."""
    scope = caller().scope("payments.statements")
    return [one for one in found if scope.everything or one.unit_id in scope.unit_ids]


@desk.get("/statements")
@permit("payments.statements")
def month() -> str:
    """A line a department, those yet to confirm first."""
    wanted = _month()
    with unit_of_work() as session:
        found = _own(statements(session, wanted))
        people = directory.people(session, [one.confirmed_by_id for one in found if one.confirmed_by_id])
    return render_template(
        "payments/desk/statements.html",
        found=found,
        month=wanted,
        people=people,
        colleague=colleague,
        is_over=wanted < clock.today().replace(day=1),
        may_confirm=lambda unit_id: unit_id is not None and caller().may(CONFIRM, unit_id=unit_id),
    )


@desk.post("/statements/<int:unit_id>/confirm")
@permit("payments.confirm_statement")
def confirm(unit_id: int) -> Any:
    wanted = _month()
    with unit_of_work() as session:
        confirm_statement(session, by=caller(), month=wanted, unit_id=unit_id)
    return redirect(url_for("payments_statements.month", month=f"{wanted:%Y-%m}"), 303)


def _one(session: Session, unit_id: int) -> Statement:
    found = find_statement(session, month=_month(), unit_id=unit_id)
    if found is None or not _own([found]):
        raise StatementNotFound()
    return found


@desk.get("/statements/<int:unit_id>.xlsx")
@permit("payments.statements")
def book(unit_id: int) -> Any:
    with unit_of_work() as session:
        found = _one(session, unit_id)
    name = f"收费情况_{found.unit_name}_{found.month:%Y-%m}.xlsx"
    return send_file(
        BytesIO(papers.statement_book(found)), mimetype=MIME, as_attachment=True, download_name=name
    )


@desk.get("/statements/<int:unit_id>.pdf")
@permit("payments.statements")
def paper(unit_id: int) -> Response:
    """For signature and seal."""
    with unit_of_work() as session:
        found = _one(session, unit_id)
        names = directory.people(session, {caller().person_id, found.confirmed_by_id or caller().person_id})
    pdf = papers.statement_pdf(
        found,
        school_name=current_app.config["SCHOOL_NAME"],
        printed_by=colleague(names, caller().person_id),
        printed_at=clock.now(),
        confirmed_by=colleague(names, found.confirmed_by_id),
    )
    return Response(pdf, mimetype="application/pdf")


@desk.get("/claims")
@permit("payments.read")
def claims() -> str:
    """What the bank received and nobody has claimed, and claims that wait for a second person."""
    with unit_of_work() as session:
        found = receipt_queries.claims(session)
        return render_template(
            "payments/desk/claims.html",
            lines=claiming.unclaimed(session),
            claims=found,
            items=sorted(item_names(session).items()),
            people=people_of(session, found, "claimed_by_id", "decided_by_id"),
            colleague=colleague,
            me=caller().person_id,
            may_claim=caller().may("payments.claim"),
            may_check=caller().may("payments.check_claim"),
        )


@desk.post("/claims/<int:line_id>")
@permit("payments.claim")
def claim(line_id: int) -> Any:
    with unit_of_work() as session:
        claiming.claim_line(
            session,
            by=caller(),
            line_id=line_id,
            fee_item=request.form.get("fee_item", ""),
            note=request.form.get("note", ""),
        )
    return redirect(url_for("payments_statements.claims"), 303)


@desk.post("/claims/<int:claim_id>/agree")
@permit("payments.check_claim")
def agree(claim_id: int) -> Any:
    with unit_of_work() as session:
        claiming.agree_claim(session, by=caller(), claim_id=claim_id)
    return redirect(url_for("payments_statements.claims"), 303)


@desk.post("/claims/<int:claim_id>/reject")
@permit("payments.check_claim")
def reject(claim_id: int) -> Any:
    with unit_of_work() as session:
        claiming.reject_claim(session, by=caller(), claim_id=claim_id)
    return redirect(url_for("payments_statements.claims"), 303)
