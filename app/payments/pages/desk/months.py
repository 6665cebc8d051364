"""月结: a month on one page, its pack in one click, and 停收 for the end of the year."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, NotFound
from app.kit.http import caller, permit, sentence
from app.payments.errors import StopInvalid
from app.payments.month_pack import DAY_STATES, month_pack
from app.payments.queries import months as queries
from app.payments.queries.reconciliation import source_name
from app.payments.queries.stops import stops_ahead
from app.payments.service import stops

desk = Blueprint("payments_months", __name__, url_prefix="/desk/payments/months")


@desk.get("")
@permit("payments.read")
def latest() -> Any:
    """Until the eighth one works on the month before."""
    today = clock.today()
    chosen = today if today.day > 8 else today.replace(day=1) - timedelta(days=1)
    return redirect(url_for("payments_months.month", month=f"{chosen:%Y-%m}"))


@desk.get("/<month>")
@permit("payments.read")
def month(month: str) -> str:
    with unit_of_work() as session:
        return _page(session, _first_of(month))


def _first_of(text: str) -> date:
    """Raises NotFound for what is no month, or one to come."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotFound() from None
    if first > clock.today():
        raise NotFound()
    return first


def _page(session: Session, first: date, problem: str = "") -> str:
    before = first - timedelta(days=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return render_template(
        "payments/desk/month.html",
        m=queries.month_of(session, first),
        before=f"{before:%Y-%m}",
        after=f"{after:%Y-%m}" if after <= clock.today() else "",
        source_name=source_name,
        states=DAY_STATES,
        stops=stops_ahead(session, clock.now()),
        now=clock.now(),
        may_stop=caller().may("payments.approve_reconcile"),
        problem=problem,
        form=request.form,
    )


@desk.get("/<month>/pack.zip")
@permit("payments.read")
def pack(month: str) -> Response:
    first = _first_of(month)
    with unit_of_work() as session:
        made = month_pack(queries.month_of(session, first), gettext)
    headers = {"Content-Disposition": f"attachment; filename=month-{first:%Y-%m}.zip"}
    return Response(made, mimetype="application/zip", headers=headers)


@desk.post("/<month>/stops")
@permit("payments.approve_reconcile")
def stop(month: str) -> Any:
    first = _first_of(month)
    try:
        given = {"starts_at": _moment("starts_at"), "ends_at": _moment("ends_at")}
        with unit_of_work() as session:
            stops.stop_payments(session, by=caller(), reason=request.form.get("reason", ""), **given)
    except DomainError as error:
        with unit_of_work() as session:
            return _page(session, first, sentence(error)), error.status
    return redirect(url_for("payments_months.month", month=month), 303)


def _moment(field: str) -> datetime:
    """As typed, in Shanghai. Raises StopInvalid."""
    try:
        return datetime.fromisoformat(request.form.get(field, "")).replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise StopInvalid() from None


@desk.post("/<month>/stops/<int:stop_id>/resume")
@permit("payments.approve_reconcile")
def resume(month: str, stop_id: int) -> Any:
    with unit_of_work() as session:
        stops.resume_payments(session, by=caller(), stop_id=stop_id)
    return redirect(url_for("payments_months.month", month=month), 303)
