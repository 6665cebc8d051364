"""Console: which service fees freshmen pay here, and what is only linked."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import caller, permit, sentence
from app.kit.money import fen_of, yuan
from app.payments.queries import orders
from app.welcome import queries as welcome
from app.welcome.models import Fee
from app.welcome.queries import fees as queries
from app.welcome.service import fees as service
from app.welcome.service.fees import FeeTerms

fees_desk = Blueprint("welcome_fees_desk", __name__, url_prefix="/desk/welcome/fees")
EDIT = "welcome.edit"
OURS = "welcome"  # the service that delivers what is paid for


@fees_desk.get("/")
@permit(EDIT)
def index() -> Any:
    with unit_of_work() as session:
        season = welcome.current_season(session)
        return render_template(
            "welcome/desk/fees.html", rows=queries.fees_with_counts(session, season.id), yuan=yuan
        )


@fees_desk.get("/new")
@permit(EDIT)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session, "", {})


@fees_desk.get("/<key>")
@permit(EDIT)
def edit(key: str) -> Any:
    with unit_of_work() as session:
        found = queries.fee(session, welcome.current_season(session).id, key)
        return _form(session, key, _given(found))


def _given(fee: Fee) -> dict[str, Any]:
    given = {column.name: getattr(fee, column.name) for column in fee.__table__.columns}
    return given | {"yuan": f"{fee.fen / 100:.2f}" if fee.fen is not None else ""}


@fees_desk.post("/")
@permit(EDIT)
def save() -> Any:
    """Adds the fee or changes it: twice is once."""
    form = request.form
    try:
        with unit_of_work() as session:
            season = welcome.current_season(session)
            service.save_fee(
                session, by=caller(), season_id=season.id, key=form.get("key", ""), terms=_terms(form)
            )
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, form.get("old_key", ""), form, error), error.status
    return redirect(url_for("welcome_fees_desk.index"), 303)


def _form(session: Session, key: str, given: Any, error: DomainError | None = None) -> str:
    items = [row for row in orders.fee_items(session) if row.service_key == OURS]
    return render_template(
        "welcome/desk/fees_form.html",
        key=key,
        given=given,
        items=[(row.code, row.title) for row in items],
        errors=error.details or {} if error else {},
        told=sentence(error) if error else "",
    )


def _terms(form: Any) -> FeeTerms:
    return FeeTerms(
        title=form.get("title", "").strip(),
        closes_on=_day(form.get("closes_on", "")),
        title_en=form.get("title_en", "").strip() or None,
        fee_item=form.get("fee_item", "").strip() or None,
        fen=_fen(form.get("yuan", "")),
        link_url=form.get("link_url", "").strip() or None,
        may_defer=form.get("may_defer") == "1",
        position=_whole(form.get("position", "")) or 100,
        is_active=form.get("is_active") == "1",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return service.NO_DAY


def _fen(text: str) -> int | None:
    """None of nothing; of what is no amount, one that no fee has."""
    if not text.strip():
        return None
    try:
        return fen_of(text)
    except ValueError:
        return 0


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None
