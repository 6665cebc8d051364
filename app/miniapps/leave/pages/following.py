"""Phone: counsellors and dorm managers look after who is away; the evening's roll call."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Forbidden
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.miniapps.leave import service
from app.miniapps.leave.errors import LeaveMissing
from app.miniapps.leave.labels import KIND_LABELS, RELATIONS, STATUS_COLOURS, STATUS_LABELS
from app.miniapps.leave.pages.phone import parents_url
from app.miniapps.leave.queries.following import DORM, FOLLOW, VIEWS, find_roll, followed, roll_of
from app.miniapps.leave.queries.mine import LeaveView, leave_for, parents_to_call
from app.platform.directory import queries as directory

following = Blueprint("leave_class", __name__, url_prefix="/m/leave/class")
NUMBERS_A_DAY = 60  # of parents, that one person may look at


@following.get("/")
@permit(SIGNED_IN)
def board() -> Any:
    """Overdue first; due tonight; out; still to come."""
    me = caller()
    if not (me.scope(FOLLOW) or me.scope(DORM)):
        raise Forbidden()
    view = request.args.get("view", "tonight")
    view = view if view in VIEWS else "tonight"
    with unit_of_work() as session:
        page = followed(session, me, view, cursor=request.args.get("cursor"))
        return render_template(
            "leave/phone/board.html",
            page=page,
            view=view,
            views=VIEWS,
            names=directory.people(session, {row.person_id for row in page.items}),
            buildings=_my_buildings(session),
            classes=_my_classes(session),
            **_words(),
        )


def _my_buildings(session: Session) -> list[directory.BuildingBrief]:
    scope = caller().scope(DORM)
    dorms = [one for one in directory.buildings(session) if one.is_dorm]
    return [one for one in dorms if scope.everything or one.id in scope.building_ids][:50]


def _my_classes(session: Session) -> list[directory.OrgBrief]:
    """The classes of the units one has: those themselves, or of the college."""
    scope = caller().scope(FOLLOW)
    classes = directory.org_units_of_kind(session, "class")
    below = {unit for mine in scope.unit_ids for unit in directory.ids_below(session, mine)} | scope.unit_ids
    return [one for one in classes if one.id in below][:50]


@following.get("/<leave_id>")
@permit(SIGNED_IN)
def leave(leave_id: str) -> Any:
    with unit_of_work() as session:
        return _leave(session, leave_id, None)


def _leave(
    session: Session, leave_id: str, problem: DomainError | None, *, shown: dict[str, str] | None = None
) -> str:
    view = leave_for(session, caller(), leave_id)
    if view.is_mine:
        raise LeaveMissing()
    people = {view.request.person_id} | {one.by_id for one in view.contacts if one.by_id}
    return render_template(
        "leave/phone/theirs.html",
        view=view,
        r=view.request,
        names=directory.people(session, people),
        phone=directory.masked_phone(session, view.request.person_id),
        may_revoke=_may_decide(view),
        parents=parents_to_call(session, view) if _may_decide(view) else [],
        shown=shown or {},
        relations=RELATIONS,
        parents_url=parents_url(view.request, view.policy) if _may_decide(view) else "",
        problem=problem,
        told=sentence(problem) if problem else "",
        did=request.args.get("did", ""),
        **_words(),
    )


def _may_decide(view: LeaveView) -> bool:
    units = [unit for unit in (view.request.class_id, view.request.college_id) if unit is not None]
    return any(caller().may(FOLLOW, unit_id=unit) for unit in units)


@following.post("/<leave_id>/parents")
@permit(SIGNED_IN)
def call_parents(leave_id: str) -> Any:
    """The number of a parent whom a text did not reach; the student sees that it was looked at."""
    relation = request.form.get("relation", "")
    try:
        limits.hit("leave.parents_phone", str(caller().person_id), limit=NUMBERS_A_DAY, seconds=86_400)
        with unit_of_work() as session:
            view = leave_for(session, caller(), leave_id)
            if view.is_mine or not _may_decide(view):
                raise LeaveMissing()
            phone = service.reveal_guardian(session, by=caller(), request=view.request, relation=relation)
            return _leave(session, leave_id, None, shown={relation: phone})
    except DomainError as error:
        with unit_of_work() as session:
            return _leave(session, leave_id, error), error.status


@following.get("/<leave_id>/parents")
@permit(SIGNED_IN)
def called_parents(leave_id: str) -> Any:
    """A page that answered a form, loaded again."""
    return redirect(url_for("leave_class.leave", leave_id=leave_id))


@following.post("/<leave_id>/<deed>")
@permit(SIGNED_IN)
def act(leave_id: str, deed: str) -> Any:
    """return (seen back), out (seen going), contact, revoke."""
    try:
        with unit_of_work() as session:
            view = leave_for(session, caller(), leave_id)
            if view.is_mine or deed not in DEEDS:
                raise LeaveMissing()
            DEEDS[deed](session, view)
    except DomainError as error:
        with unit_of_work() as session:
            return _leave(session, leave_id, error), error.status
    return redirect(url_for("leave_class.leave", leave_id=leave_id, did=deed), 303)


def _source(view: LeaveView) -> str:
    return "counsellor" if _may_decide(view) else "dorm"


def _return(session: Session, view: LeaveView) -> None:
    service.mark_returned(session, by=caller(), request_id=view.request.id, source=_source(view))


def _out(session: Session, view: LeaveView) -> None:
    service.mark_out(session, by=caller(), request_id=view.request.id, source=_source(view))


def _contact(session: Session, view: LeaveView) -> None:
    service.note_contact(
        session,
        by=caller(),
        request_id=view.request.id,
        way=request.form.get("way", ""),
        outcome=request.form.get("outcome", ""),
        text=request.form.get("note", ""),
    )


def _revoke(session: Session, view: LeaveView) -> None:
    if not _may_decide(view):
        raise Forbidden()
    service.revoke(session, by=caller(), request_id=view.request.id, reason=request.form.get("reason", ""))


DEEDS = {"return": _return, "out": _out, "contact": _contact, "revoke": _revoke}


@following.get("/roll/<place>/<int:place_id>")
@permit(SIGNED_IN)
def roll(place: str, place_id: int) -> Any:
    """Tonight's roll call: who has approved leave is named apart, so that only the unexplained remain."""
    where = _place(place, place_id)
    with unit_of_work() as session:
        people = roll_of(session, **where)
        return render_template(
            "leave/phone/roll.html",
            roll=find_roll(session, **where),
            place=place,
            place_id=place_id,
            expected=[one for one in people if one.away_until is None],
            away=[one for one in people if one.away_until is not None],
            did=request.args.get("did", ""),
        )


@following.post("/roll/<place>/<int:place_id>")
@permit(SIGNED_IN)
def mark(place: str, place_id: int) -> Any:
    """Who is ticked is here; all others that are expected are absent. `close` ends it."""
    where = _place(place, place_id)
    with unit_of_work() as session:
        tonight = service.open_roll(session, by=caller(), **where)
        expected = [one.person_id for one in roll_of(session, **where) if one.away_until is None]
        here = {int(one) for one in request.form.getlist("here") if one.isdecimal() and len(one) < 19}
        marks = {person: "present" if person in here else "absent" for person in expected}
        service.mark_present(session, by=caller(), roll_id=tonight.id, marks=marks, may_be=expected)
        if request.form.get("close"):
            service.close_roll(session, by=caller(), roll_id=tonight.id)
    return redirect(url_for("leave_class.roll", place=place, place_id=place_id, did="saved"), 303)


def _place(place: str, place_id: int) -> dict[str, int | None]:
    """A building or a class in the caller's care; anything else looks missing."""
    if place == "building" and caller().may(DORM, building_id=place_id):
        return {"building_id": place_id, "class_id": None}
    if place == "class" and _may_call_class(place_id):
        return {"building_id": None, "class_id": place_id}
    raise LeaveMissing()


def _may_call_class(class_id: int) -> bool:
    with unit_of_work() as session:
        above = directory.org_path(session, class_id)
    return any(caller().may(FOLLOW, unit_id=unit.id) for unit in above)


def _words() -> dict[str, Any]:
    return {"kinds_": KIND_LABELS, "states": STATUS_LABELS, "colours": STATUS_COLOURS}
