"""Fees and the green channel on the phone, the aid office on the console."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from app.kit import http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, NotFound
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.kit.money import yuan
from app.platform.directory import queries as directory
from app.welcome import queries as welcome
from app.welcome.models import DEFERRAL_LABELS
from app.welcome.queries import fees as queries
from app.welcome.service import fees as service

fees_phone = Blueprint("welcome_fees", __name__, url_prefix="/m/welcome/fees")
aid_desk = Blueprint("welcome_aid_desk", __name__, url_prefix="/desk/welcome/aid")
AID = "welcome.aid"


@fees_phone.get("/")
@permit(SIGNED_IN)
def mine() -> Any:
    return _mine({})


def _mine(given: Any, error: DomainError | None = None) -> str:
    with unit_of_work() as session:
        admission = welcome.admission_of(session, caller().person_id)
        return render_template(
            "welcome/phone/fees.html",
            lines=queries.fees_of(session, admission),
            deferral=queries.deferral_of(session, admission.id),
            labels=DEFERRAL_LABELS,
            yuan=yuan,
            given=given,
            errors=error.details or {} if error else {},
            told=sentence(error) if error else "",
        )


@fees_phone.post("/<key>/pay")
@permit(SIGNED_IN)
def pay(key: str) -> Any:
    by = caller()

    def work() -> Answer:
        return Answer(303, "", {"Location": service.pay_fee(session, by=by, key=key)})

    with unit_of_work() as session:
        return http.once(session, work)


@fees_phone.post("/deferral")
@permit(SIGNED_IN)
def ask() -> Any:
    by, form = caller(), request.form

    def work() -> Answer:
        service.ask_deferral(
            session, by=by, statement=form.get("statement", ""), loan_code=form.get("loan_code", "")
        )
        return Answer(303, "", {"Location": url_for("welcome_fees.mine")})

    try:
        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        if error.status == 404:
            raise
        return _mine(form, error), error.status


@fees_phone.post("/deferral/withdraw")
@permit(SIGNED_IN)
def withdraw() -> Any:
    with unit_of_work() as session:
        service.withdraw_deferral(session, by=caller())
    return redirect(url_for("welcome_fees.mine"), 303)


# --- Console


@aid_desk.get("/")
@permit(AID)
def board() -> Any:
    decided = request.args.get("view") == "decided"
    with unit_of_work() as session:
        page = queries.deferrals(session, caller(), decided=decided, cursor=request.args.get("cursor"))
        return render_template(
            "welcome/desk/aid.html",
            page=page,
            people=directory.people(session, {row.person_id for row in page.items}),
            colleges=directory.org_units(session, {row.college_id for row in page.items}),
            labels=DEFERRAL_LABELS,
            decided=decided,
            count=queries.open_deferrals(session, caller()),
        )


@aid_desk.get("/<deferral_id>")
@permit(AID)
def deferral(deferral_id: str) -> Any:
    return _one(deferral_id)


def _one(deferral_id: str, error: DomainError | None = None) -> str:
    with unit_of_work() as session:
        found, admission = queries.deferral_for(session, caller(), deferral_id)
        return render_template(
            "welcome/desk/aid_one.html",
            deferral=found,
            who=directory.person(session, found.person_id),
            college=directory.org_units(session, {admission.college_id}).get(admission.college_id),
            labels=DEFERRAL_LABELS,
            errors=error.details or {} if error else {},
            told=sentence(error) if error else "",
        )


@aid_desk.post("/<deferral_id>/<deed>")
@permit(AID)
def decide(deferral_id: str, deed: str) -> Any:
    """grant or refuse."""
    if deed not in ("grant", "refuse"):
        raise NotFound()
    try:
        with unit_of_work() as session:
            found, _admission = queries.deferral_for(session, caller(), deferral_id)
            service.decide_deferral(
                session,
                by=caller(),
                deferral=found,
                grants=deed == "grant",
                reason=request.form.get("reason", ""),
            )
    except DomainError as error:
        if error.status == 404:
            raise
        return _one(deferral_id, error), error.status
    return redirect(url_for("welcome_aid_desk.board"), 303)
