"""Phone: a student's leave."""

import secrets
from contextlib import suppress
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, http, limits, qr
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Invalid
from app.kit.forms import checked, told
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.miniapps.leave import passes, service
from app.miniapps.leave.errors import LeaveMissing
from app.miniapps.leave.labels import (
    KIND_LABELS,
    STATUS_COLOURS,
    STATUS_LABELS,
    STAY_COLOURS,
    STAY_STATES,
)
from app.miniapps.leave.models import ABSENT, ROAMING, LeaveKind, LeaveRequest, LeaveStatus, Policy
from app.miniapps.leave.parents import token_of
from app.miniapps.leave.queries import check_span, find_student, simulate_policy
from app.miniapps.leave.queries.answers import is_open, open_campaigns
from app.miniapps.leave.queries.following import DORM, FOLLOW
from app.miniapps.leave.queries.gates import has_passes
from app.miniapps.leave.queries.mine import LeaveView, leave_for, leaves_of
from app.miniapps.leave.schemas import AskIn, ExtendIn, PeekIn
from app.miniapps.leave.service import Asked
from app.platform.approvals.errors import DefinitionMissing
from app.platform.files import queries as files

phone = Blueprint("leave", __name__, url_prefix="/m/leave")

ASKS_PER_DAY = 20
ICONS = {
    LeaveKind.CASUAL: "calendar",
    LeaveKind.SICK: "pulse",
    LeaveKind.PUBLIC: "school",
    LeaveKind.FAMILY: "people",
    LeaveKind.INTERNSHIP: "bag",
    LeaveKind.NIGHT: "moon",
    LeaveKind.DAY_STUDENT: "home",
}
ASKED_BY_STUDENTS = tuple(kind for kind in LeaveKind if kind != LeaveKind.PUBLIC)
SAFE_HOURS = (2, 4, 8, 12)


@phone.get("/")
@permit(SIGNED_IN)
def mine() -> Any:
    """One's own leave, what one's class is asked, and the way to those one looks after."""
    me = caller()
    with unit_of_work() as session:
        return render_template(
            "leave/phone/mine.html",
            page=leaves_of(session, me.person_id, cursor=request.args.get("cursor")),
            campaigns=open_campaigns(session, me.person_id),
            is_open=is_open,
            stay_states=STAY_STATES,
            stay_colours=STAY_COLOURS,
            is_student=find_student(session, me.person_id) is not None,
            follows=bool(me.scope(FOLLOW) or me.scope(DORM)),
            **_words(),
        )


@phone.get("/new")
@permit(SIGNED_IN)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session, values=dict(request.args), problem=None)


@phone.get("/peek")
@permit(SIGNED_IN)
def peek() -> Any:
    """What this leave would mean, while it is filled in (htmx): the path, the days, what it collides with."""
    with unit_of_work() as session:
        student = find_student(session, caller().person_id)
        try:
            asked = checked(PeekIn(), request.args)
        except Invalid:
            return render_template("leave/phone/_peek.html", found=None, checks=None, is_blank=True)
        if student is None or not asked["starts_at"] < asked["ends_at"]:
            return render_template("leave/phone/_peek.html", found=None, checks=None, is_blank=True)
        flags = {name: asked.pop(name) for name in ("misses_class", "leaves_campus", "leaves_dorm")}
        found = None
        with suppress(DefinitionMissing):
            found = simulate_policy(session, student, form=flags, **asked)
        checks = check_span(session, student, starts_at=asked["starts_at"], ends_at=asked["ends_at"])
        return render_template("leave/phone/_peek.html", found=found, checks=checks, is_blank=False)


@phone.post("/new")
@permit(SIGNED_IN)
def submit() -> Any:
    me = caller()
    limits.hit("leave.ask", str(me.person_id), limit=ASKS_PER_DAY, seconds=86_400)
    try:
        asked = Asked(**checked(AskIn(), _typed()))

        def work() -> Answer:
            leave = service.submit(session, by=me, person_id=me.person_id, asked=asked)
            return Answer(303, "", {"Location": url_for("leave.submitted", leave_id=leave.public_id)})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, values=_typed(), problem=error), error.status


def _typed() -> dict[str, Any]:
    """The form as the schema reads it: `evidence` stays a list."""
    evidence = [value for value in request.form.getlist("evidence") if value]
    return {**request.form, "evidence": evidence}


def _form(session: Session, *, values: dict[str, Any], problem: DomainError | None) -> str:
    kept = files.own_photos(session, person_id=caller().person_id, public_ids=values.get("evidence") or [])
    return render_template(
        "leave/phone/new.html",
        values=values,
        problem=problem,
        told=sentence(problem) if problem else "",
        errors=told(problem),
        kinds=[(kind.value, KIND_LABELS[kind], ICONS[kind]) for kind in ASKED_BY_STUDENTS],
        kept=[{"id": photo.public_id, "thumb": photo.thumb} for photo in kept],
        key=values.get("_key") or secrets.token_urlsafe(16),
        is_student=find_student(session, caller().person_id) is not None,
    )


@phone.get("/<leave_id>/pass")
@permit(SIGNED_IN)
def show_pass(leave_id: str) -> Any:
    """The code for the guard. It asks for the next one by itself."""
    with unit_of_work() as session:
        view = leave_for(session, caller(), leave_id)
        if not view.is_mine or not _may_pass(session, view):
            raise LeaveMissing()
        return render_template(
            "leave/phone/pass.html",
            r=view.request,
            code=qr.svg_uri(passes.text_at(view.request.pass_id, clock.now())),
        )


def parents_url(leave: LeaveRequest, policy: Policy) -> str:
    """The link to show to parents; "" while there is nothing to tell, or where the policy has none."""
    if policy.parents_told == "none" or leave.status not in (LeaveStatus.APPROVED, *ABSENT):
        return ""
    path = url_for("leave_parents.show", token=token_of(leave.public_id, leave.due_at))
    return str(current_app.config["BASE_URL"]) + path


def _may_pass(session: Session, view: LeaveView) -> bool:
    leave = view.request
    is_granted = leave.status in (LeaveStatus.APPROVED, *ABSENT)
    return is_granted and (leave.leaves_campus or leave.kind in ROAMING) and has_passes(session)


@phone.get("/<leave_id>/submitted")
@permit(SIGNED_IN)
def submitted(leave_id: str) -> Any:
    with unit_of_work() as session:
        view = leave_for(session, caller(), leave_id)
        return render_template("leave/phone/submitted.html", view=view, r=view.request, **_words())


@phone.get("/<leave_id>")
@permit(SIGNED_IN)
def leave(leave_id: str) -> Any:
    with unit_of_work() as session:
        return _leave(session, leave_id, None)


def _leave(session: Session, leave_id: str, problem: DomainError | None) -> str:
    view = leave_for(session, caller(), leave_id)
    if not view.is_mine:
        raise LeaveMissing()
    return render_template(
        "leave/phone/leave.html",
        view=view,
        r=view.request,
        problem=problem,
        told=sentence(problem) if problem else "",
        errors=told(problem),
        did=request.args.get("did", ""),
        safe_hours=SAFE_HOURS,
        may_pass=_may_pass(session, view),
        parents_url=parents_url(view.request, view.policy),
        **_words(),
    )


@phone.post("/<leave_id>/<deed>")
@permit(SIGNED_IN)
def act(leave_id: str, deed: str) -> Any:
    """withdraw, return, extend, safe; a refusal shows the leave as it is now."""
    try:
        with unit_of_work() as session:
            view = leave_for(session, caller(), leave_id)
            if not view.is_mine or deed not in DEEDS:
                raise LeaveMissing()
            DEEDS[deed](session, view)
    except DomainError as error:
        with unit_of_work() as session:
            return _leave(session, leave_id, error), error.status
    return redirect(url_for("leave.leave", leave_id=leave_id, did=deed), 303)


@phone.get("/<leave_id>/<deed>")
@permit(SIGNED_IN)
def acted(leave_id: str, deed: str) -> Any:
    """A page that answered a form, loaded again."""
    del deed
    return redirect(url_for("leave.leave", leave_id=leave_id))


def _withdraw(session: Session, view: LeaveView) -> None:
    service.withdraw(session, by=caller(), request_id=view.request.id)


def _return(session: Session, view: LeaveView) -> None:
    service.mark_returned(session, by=caller(), request_id=view.request.id, source="self")


def _extend(session: Session, view: LeaveView) -> None:
    asked = checked(ExtendIn(), request.form)
    service.extend(session, by=caller(), request_id=view.request.id, **asked)


def _safe(session: Session, view: LeaveView) -> None:
    hours = min(max(request.form.get("hours", 2, type=int), 1), 24)
    until = clock.now() + clock.timedelta(hours=hours)
    service.say_safe(session, by=caller(), request_id=view.request.id, until=until)


DEEDS = {"withdraw": _withdraw, "return": _return, "extend": _extend, "safe": _safe}


def _words() -> dict[str, Any]:
    return {"kinds_": KIND_LABELS, "states": STATUS_LABELS, "colours": STATUS_COLOURS}
