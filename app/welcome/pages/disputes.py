"""Disputes of claims: on the phone for everybody, on the console for whoever may settle them; alarms beside them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, NotFound
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.platform.directory import queries as directory
from app.welcome import service
from app.welcome.models import DISPUTE_LABELS
from app.welcome.queries import claims as queries
from app.welcome.service import Held

disputes_phone = Blueprint("welcome_disputes", __name__, url_prefix="/m/welcome/disputes")
disputes_desk = Blueprint("welcome_disputes_desk", __name__, url_prefix="/desk/welcome/disputes")
alarms_desk = Blueprint("welcome_alarms_desk", __name__, url_prefix="/desk/welcome/claims")
SETTLE = "welcome.settle_claims"
FIELDS = ("profile", "name", "number", "letter", "phone", "words")
ALARM_TITLES = {"person": "同一个微信", "network": "同一个网络", "all": "全部来源"}
MATCHES = {"number": "考生号", "name": "姓名", "letter": "通知书编号", "phone": "预留电话"}


# --- Phone


@disputes_phone.get("/")
@permit(SIGNED_IN)
def mine() -> Any:
    with unit_of_work() as session:
        return render_template(
            "welcome/phone/disputes.html",
            disputes=queries.disputes_of(session, caller().person_id),
            labels=DISPUTE_LABELS,
            did=request.args.get("did", ""),
        )


@disputes_phone.get("/new")
@permit(SIGNED_IN)
def new() -> Any:
    return _new_page({name: request.args.get(name, "") for name in ("profile",)})


@disputes_phone.post("/")
@permit(SIGNED_IN)
def open_dispute() -> Any:
    by, form = caller(), request.form

    def work() -> Answer:
        held = Held(**{name: form.get(name, "")[:500] for name in FIELDS})
        service.open_dispute(session, by=by, held=held)
        return Answer(303, "", {"Location": url_for("welcome_disputes.mine", did="opened")})

    try:
        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        return _new_page(form, error), error.status


def _new_page(given: Any, error: DomainError | None = None) -> str:
    with unit_of_work() as session:
        return render_template(
            "welcome/phone/dispute_form.html",
            profiles=queries.profiles(session),
            given=given,
            error=error,
            errors=error.details or {} if error else {},
            told=sentence(error) if error else "",
        )


# --- Console


@disputes_desk.get("/")
@permit(SETTLE)
def board() -> Any:
    settled = request.args.get("view") == "settled"
    with unit_of_work() as session:
        page = queries.disputes(session, caller(), settled=settled, cursor=request.args.get("cursor"))
        ids = {row.admitted_id for row in page.items} | {row.decided_by_id for row in page.items}
        return render_template(
            "welcome/desk/disputes.html",
            page=page,
            people=directory.people(session, ids - {None}),
            colleges=directory.org_units(session, {row.college_id for row in page.items if row.college_id}),
            profiles={one.key: one.title for one in queries.profiles(session)},
            labels=DISPUTE_LABELS,
            matches=MATCHES,
            settled=settled,
            count=queries.open_disputes(session, caller()),
        )


@disputes_desk.get("/<dispute_id>")
@permit(SETTLE)
def dispute(dispute_id: str) -> Any:
    part = "_dispute" if request.headers.get("HX-Request") else "dispute"
    with unit_of_work() as session:
        return _panel(session, dispute_id, part)


@disputes_desk.post("/<dispute_id>/phone")
@permit(SETTLE)
def phone(dispute_id: str) -> Any:
    """The number to call back; seeing it is noted."""
    part = "_dispute" if request.headers.get("HX-Request") else "dispute"
    with unit_of_work() as session:
        found, _admission = queries.dispute_for(session, caller(), dispute_id)
        number = service.reveal_phone(session, by=caller(), dispute=found)
        return _panel(session, dispute_id, part, number=number)


@disputes_desk.post("/<dispute_id>/<deed>")
@permit(SETTLE)
def decide(dispute_id: str, deed: str) -> Any:
    """grant or decline, with a reason."""
    if deed not in ("grant", "decline"):
        raise NotFound()
    with unit_of_work() as session:
        found, _admission = queries.dispute_for(session, caller(), dispute_id)
        service.decide_dispute(
            session,
            by=caller(),
            dispute=found,
            grants=deed == "grant",
            reason=request.form.get("reason", ""),
        )
    if not request.headers.get("HX-Request"):
        return redirect(url_for("welcome_disputes_desk.dispute", dispute_id=dispute_id), 303)
    with unit_of_work() as session:
        response = make_response(_panel(session, dispute_id, "_dispute"))
    response.headers["HX-Trigger"] = "board:refresh"
    return response


def _panel(session: Session, dispute_id: str, part: str, *, number: str = "") -> str:
    found, admission = queries.dispute_for(session, caller(), dispute_id)
    admitted = directory.person(session, admission.person_id) if admission else None
    college = (
        directory.org_units(session, {admission.college_id}).get(admission.college_id) if admission else None
    )
    return render_template(
        f"welcome/desk/{part}.html",
        dispute=found,
        admission=admission,
        admitted=admitted,
        college=college,
        decider=directory.person(session, found.decided_by_id) if found.decided_by_id else None,
        profiles={one.key: one.title for one in queries.profiles(session)},
        labels=DISPUTE_LABELS,
        matches=[(title, key in found.matches.split(",")) for key, title in MATCHES.items()],
        tail=found.number[-4:],
        number=number,
    )


@alarms_desk.get("/")
@permit(SETTLE)
def alarms() -> Any:
    """How claims go, and what looks like enumeration. Shows no claim."""
    closed = request.args.get("view") == "closed"
    with unit_of_work() as session:
        page = queries.alarms(session, closed=closed, cursor=request.args.get("cursor"))
        return render_template(
            "welcome/desk/claims.html",
            page=page,
            people=directory.people(session, {row.closed_by_id for row in page.items if row.closed_by_id}),
            titles=ALARM_TITLES,
            closed=closed,
            count=queries.open_alarms(session),
            hour=queries.last_hour(session),
            day=queries.tries_since(session, clock.now() - timedelta(days=1)),
        )


@alarms_desk.post("/<int:alarm_id>/close")
@permit(SETTLE)
def close(alarm_id: int) -> Any:
    with unit_of_work() as session:
        service.close_alarm(session, by=caller(), alarm_id=alarm_id)
    return redirect(url_for("welcome_alarms_desk.alarms"), 303)
