"""Phone: who may look on (the freshman's page), and what a parent sees: building, way, dates. Nothing else."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow, unit_of_work
from app.kit.errors import NotFound
from app.kit.http import SIGNED_IN, caller, permit
from app.platform.directory import queries as directory
from app.welcome import queries as welcome
from app.welcome import service
from app.welcome.models import GUARDIAN_LABELS, RELATIONS
from app.welcome.queries import claims as queries
from app.welcome.queries import items

guardians_phone = Blueprint("welcome_guardians", __name__, url_prefix="/m/welcome/guardians")


@guardians_phone.get("/")
@permit(SIGNED_IN)
def mine() -> Any:
    me = caller().person_id
    with unit_of_work() as session:
        welcome.admission_of(session, me)
        return render_template(
            "welcome/phone/guardians.html",
            guardians=queries.guardians_of(session, me),
            labels=GUARDIAN_LABELS,
            relations=RELATIONS,
            did=request.args.get("did", ""),
        )


@guardians_phone.post("/<guardian_id>/<deed>")
@permit(SIGNED_IN)
def act(guardian_id: str, deed: str) -> Any:
    """accept or decline a parent who asks; end one who looks on (the parent may end it too)."""
    by = caller()
    if deed not in ("accept", "decline", "end"):
        raise NotFound()
    with unit_of_work() as session:
        if deed == "end":
            service.end_guardian(session, by=by, public_id=guardian_id)
        else:
            service.decide_guardian(session, by=by, public_id=guardian_id, accepts=deed == "accept")
    back = "family" if request.form.get("from") == "family" else "mine"
    return redirect(url_for(f"welcome_guardians.{back}", did=deed), 303)


@guardians_phone.get("/family")
@permit(SIGNED_IN)
def family() -> Any:
    with unit_of_work() as session:
        rows = queries.looked_after_by(session, caller().person_id)
        return render_template(
            "welcome/phone/family.html",
            children=[(row, _shown(session, row)) for row in rows],
            labels=GUARDIAN_LABELS,
            today=clock.today(),
            did=request.args.get("did", ""),
        )


def _shown(session: Session, row: AnyRow) -> dict[str, Any]:
    """Of whom consented: the given place and dates. Of whom has not: nothing, not even a name."""
    guardian, admission, season = row
    if guardian.status != "granted":
        return {}
    place = directory.room_of(session, admission.person_id) if season.dorms_on <= clock.today() else None
    return {
        "name": directory.person(session, admission.person_id).surname,
        "place": place,
        "season": season,
        "major": admission.major,
        "todo": items.to_do(session, admission),
    }
