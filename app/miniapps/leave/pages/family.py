"""Phone: the parents whom the school may tell of one's leave."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import told
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.miniapps.leave import service
from app.miniapps.leave.labels import RELATIONS
from app.miniapps.leave.models import Guardian
from app.platform.directory.queries import mask_phone

family = Blueprint("leave_family", __name__, url_prefix="/m/leave/family")
CHANGES_PER_DAY = 20


@family.get("/")
@permit(SIGNED_IN)
def show() -> Any:
    with unit_of_work() as session:
        return _page(session, None)


@family.post("/")
@permit(SIGNED_IN)
def give() -> Any:
    me = caller()
    limits.hit("leave.family", str(me.person_id), limit=CHANGES_PER_DAY, seconds=86_400)
    relation, phone = request.form.get("relation", ""), request.form.get("phone", "")[:40]
    try:
        with unit_of_work() as session:
            service.give_guardian(session, by=me, relation=relation, phone=phone)
    except DomainError as error:
        with unit_of_work() as session:
            return _page(session, error), error.status
    return redirect(url_for("leave_family.show", did="given"), 303)


@family.post("/<relation>/withdraw")
@permit(SIGNED_IN)
def withdraw(relation: str) -> Any:
    with unit_of_work() as session:
        service.withdraw_guardian(session, by=caller(), key=relation)
    return redirect(url_for("leave_family.show", did="withdrawn"), 303)


@family.get("/<relation>/withdraw")
@permit(SIGNED_IN)
def withdrawn(relation: str) -> Any:
    """A page that answered a form, loaded again."""
    del relation
    return redirect(url_for("leave_family.show"))


def _page(session: Session, problem: DomainError | None) -> str:
    rows = session.scalars(
        select(Guardian)
        .where(Guardian.person_id == caller().person_id, Guardian.phone.is_not(None))
        .order_by(Guardian.id)
    )
    return render_template(
        "leave/phone/family.html",
        guardians=[(one.relation, mask_phone(one.phone or "")) for one in rows],
        relations=RELATIONS,
        typed=request.form,
        told=sentence(problem) if problem else "",
        errors=told(problem),
        did=request.args.get("did", ""),
    )
