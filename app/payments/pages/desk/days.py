"""对账: the days, whether each is explained, its table, its closing and its certificate."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kit import clock, limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, NotFound
from app.kit.http import caller, permit, sentence
from app.kit.i18n import N_
from app.payments.certificate import certificate_pdf, certificate_sheets
from app.payments.flows import closing, reconciling
from app.payments.models import DIFFERENCE_NAMES
from app.payments.pages.desk.differences import TONES, day_of
from app.payments.pages.desk.differences import sentence as sentence_of
from app.payments.queries import closing as queries
from app.payments.queries.desk import differences as cases
from app.payments.queries.desk import ledger
from app.payments.queries.reconciliation import source_name
from app.platform.directory import queries as directory

desk = Blueprint("payments_days", __name__, url_prefix="/desk/payments/days")
STATES = {
    "closed": (N_("已关账"), "done"),
    "explained": (N_("已对平，可关账"), "go"),
    "differences": (N_("有差错"), "ask"),
    "missing": (N_("缺账单"), "wait"),
    "new": (N_("未对账"), "off"),
}
BILL_KINDS = {
    "trade": N_("交易"),
    "fund": N_("资金"),
    "delivery": N_("充值"),
    "bank": N_("银行流水"),
    "flow": N_("卡务流水"),
}
SPAN = timedelta(days=30)


@desk.get("")
@permit("payments.read")
def days() -> str:
    """A month, the newest day first; `until` turns the page."""
    last = min(day_of(request.args.get("until")) or date.max, clock.today() - timedelta(days=1))
    with unit_of_work() as session:
        states = queries.day_states(session, first=last - SPAN, last=last)
        moved = ledger.movements(session, first=last - SPAN, last=last)
        return render_template(
            "payments/desk/days.html",
            days=states,
            totals={one.day: _totals(one) for one in states},
            moved=[(one.day, *moved.get(one.day, (0, 0))) for one in reversed(states)],
            names=STATES,
            ages=cases.ageing(session, clock.today()),
            counts=cases.counts(session),
            older=last - SPAN - timedelta(days=1),
            may_close=caller().may("payments.approve_reconcile"),
        )


def _totals(state: queries.DayState) -> dict[str, int]:
    """What the last run saw of the channels: taken and given back, agreed, our side."""
    accounts = state.run.figures.get("accounts", []) if state.run else []
    trades = [one for one in accounts if one["kind"] == "trade"]
    return {name: sum(one[name] for one in trades) for name in ("lines", "fen", "matched", "our_fen")}


@desk.post("/close")
@permit("payments.approve_reconcile")
def close_several() -> Any:
    """After a holiday: those that are chosen, each by itself."""
    chosen = [day for day in map(day_of, request.form.getlist("ids")) if day is not None][:62]
    told = closing.close_days(chosen, by=caller(), clients=current_app.extensions["clients"])
    failed = {day: sentence(error) for day, error in told.items() if error is not None}
    return render_template("payments/desk/closed.html", told=told, failed=failed)


@desk.get("/<day>")
@permit("payments.read")
def day(day: str) -> str:
    with unit_of_work() as session:
        return _page(session, _known(day))


def _known(text: str) -> date:
    found = day_of(text)
    if found is None or found >= clock.today():
        raise NotFound()
    return found


def _page(session: Session, day: date, problem: str = "") -> str:
    by = caller()
    state = queries.day_state(session, day)
    people = directory.people(session, {state.row.closed_by_id} - {None}) if state.row else {}
    return render_template(
        "payments/desk/day.html",
        state=state,
        figures=state.run.figures if state.run else {},
        page=cases.differences(session, view="all", day=day, limit=200),
        names=STATES,
        kinds=BILL_KINDS,
        kind_names=DIFFERENCE_NAMES,
        source_name=source_name,
        status_names=cases.STATUS_NAMES,
        tones=TONES,
        sentence=sentence_of,
        people=people,
        problem=problem,
        may_run=by.may("payments.reconcile") and state.state != "closed",
        may_close=by.may("payments.approve_reconcile") and state.state == "explained",
    )


@desk.post("/<day>/run")
@permit("payments.reconcile")
def run(day: str) -> Any:
    """Compare now. A large day takes a minute; it is the same as the clock does."""
    by = caller()
    limits.hit("reconcile", str(by.person_id), limit=10, seconds=600)
    clients = current_app.extensions["clients"]
    return _done(day, lambda known: reconciling.reconcile_day(known, by_id=by.person_id, clients=clients))


@desk.post("/<day>/close")
@permit("payments.approve_reconcile")
def close(day: str) -> Any:
    by, clients = caller(), current_app.extensions["clients"]
    return _done(day, lambda known: closing.close_day(known, by=by, clients=clients))


def _done(day: str, work: Callable[[date], Any]) -> Any:
    known = _known(day)
    try:
        work(known)
    except DomainError as error:
        with unit_of_work() as session:
            return _page(session, known, sentence(error)), error.status
    return redirect(url_for("payments_days.day", day=known), 303)


@desk.get("/<day>/certificate.pdf")
@permit("payments.read")
def pdf(day: str) -> Response:
    known = _known(day)
    with unit_of_work() as session:
        certificate, people = _signed(session, known)
    return Response(
        certificate_pdf(certificate, people, gettext),
        mimetype="application/pdf",
        headers={"Content-Disposition": f"inline; filename=RJ{known:%Y%m%d}.pdf"},
    )


@desk.get("/<day>/certificate.xlsx")
@permit("payments.read")
def sheets(day: str) -> Response:
    known = _known(day)
    with unit_of_work() as session:
        certificate, people = _signed(session, known)
    return certificate_sheets(certificate, people, gettext)


def _signed(session: Session, day: date) -> tuple[dict[str, Any], dict[int, str]]:
    """As it was signed, with the names of who is in it."""
    certificate = queries.certificate_of(session, day)
    named = {certificate["closed_by_id"]} | {
        one[column]
        for one in certificate["differences"]
        for column in ("owner_id", "proposed_by_id", "decided_by_id")
    }
    people = directory.people(session, named - {None})
    return certificate, {key: person.name for key, person in people.items()}
