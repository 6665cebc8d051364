"""Phone pages: report, my repairs, one ticket, the worker's jobs, and door codes."""

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app.kit import clock, http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import told
from app.kit.http import PUBLIC, SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer, KeyReused
from app.kit.ids import normal_code
from app.platform.directory import queries as directory
from app.platform.files import queries as files
from app.platform.identity import queries as identity
from app.repairs import queries, service
from app.repairs.api import limit_reports, report_from
from app.repairs.errors import TicketNotFound
from app.repairs.models import Status
from app.repairs.pages import moments
from app.repairs.pages.forms import form_values, loaded, report_of
from app.repairs.schemas import TAGS, ActIn
from app.repairs.service.actions import Role
from app.repairs.service.clocks import AUTO_CLOSE_AFTER, RATE_WITHIN, REWORK_WITHIN
from app.repairs.service.closing import URGE_GAP
from app.repairs.service.hazards import HAZARDS, NEGATED

phone = Blueprint("repairs", __name__, url_prefix="/m/repairs")
doors = Blueprint("doors", __name__)


@doors.get("/q/<code>")
@permit(PUBLIC)
def door(code: str) -> Any:
    """A door's label leads to the report form with the place filled in."""
    return redirect(url_for("repairs.new", door=normal_code(code)[:20]))


@phone.get("/")
@permit(SIGNED_IN)
def mine() -> Any:
    with unit_of_work() as session:
        page = queries.my_tickets(session, caller().person_id, cursor=request.args.get("cursor"))
        is_worker = bool(directory.teams_of(session, caller().person_id))
        return render_template(
            "repairs/phone/mine.html",
            page=page,
            labels=queries.STUDENT_LABELS,
            is_worker=is_worker,
            english=_english(session),
        )


@phone.get("/new")
@permit(SIGNED_IN)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session, values=form_values(request.args), problem=None)


def _form(session: Session, *, values: dict[str, Any], problem: DomainError | None) -> str:
    """The report form: empty, prefilled by a door code or one's own room, or as it was typed."""
    me = caller().person_id
    place, door_problem = _door(session, values)
    home = None if place else directory.room_of(session, me)
    building_id = _number(values.get("building_id"))
    is_reused = isinstance(problem, KeyReused)
    return render_template(
        "repairs/phone/new.html",
        trades=queries.categories(session),
        place=place,
        door_code=values.get("door") or values.get("door_code") or "",
        door_problem=door_problem,
        home=home,
        at_home=home is not None and values.get("where", "other" if building_id else "home") == "home",
        buildings=directory.buildings(session),
        rooms=directory.rooms(session, building_id) if building_id and not place else [],
        values=values,
        visits=moments.visits(),
        my_phone=directory.masked_phone(session, me),
        kept_photos=_kept_photos(session, values),
        hazard_words=HAZARDS.pattern,
        calm_words=NEGATED.pattern,
        problem=problem,
        told=sentence(problem) if problem else "",
        is_reused=is_reused,
        errors=told(problem),
        key=secrets.token_urlsafe(16) if is_reused else values.get("_key") or secrets.token_urlsafe(16),
    )


def _kept_photos(session: Session, values: dict[str, Any]) -> list[dict[str, str]]:
    """The photos of a form that is shown again: those that are still the caller's and free."""
    photos = files.own_photos(session, person_id=caller().person_id, public_ids=values.get("photos") or [])
    return [{"id": photo.public_id, "thumb": photo.thumb} for photo in photos]


def _door(session: Session, values: dict[str, Any]) -> tuple[directory.Place | None, DomainError | None]:
    code = values.get("door") or values.get("door_code")
    if not code:
        return None, None
    try:
        return queries.door(session, code), None
    except DomainError as error:
        return None, error


@phone.get("/rooms")
@permit(SIGNED_IN)
def rooms() -> Any:
    """The rooms of a building, as options (htmx)."""
    building_id = _number(request.args.get("building_id"))
    with unit_of_work() as session:
        found = directory.rooms(session, building_id) if building_id else []
        return render_template("repairs/phone/_rooms.html", rooms=found, chosen=None)


@phone.get("/similar")
@permit(SIGNED_IN)
def similar() -> Any:
    """Whether the same fault at the same place is open already (htmx)."""
    with unit_of_work() as session:
        found = _similar(session)
        return render_template(
            "repairs/phone/_similar.html",
            found=found,
            mine=caller().person_id,
            labels=queries.STUDENT_LABELS,
        )


def _similar(session: Session) -> Any:
    values = form_values(request.args)
    values |= _own_room(session, values)
    building_id, room_id = _number(values.get("building_id")), _number(values.get("room_id"))
    code = values.get("category", "")
    if not building_id or not code:
        return None
    category = queries.category(session, code)
    return queries.find_open_for(session, building_id=building_id, room_id=room_id, category_id=category.id)


def _own_room(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The reporter's own room, where they said “my room”."""
    if values.get("where") != "home" or values.get("door_code"):
        return {}
    home = directory.room_of(session, caller().person_id)
    return {"building_id": home.building_id, "room_id": home.room_id} if home else {}


@phone.post("/new")
@permit(SIGNED_IN)
def submit() -> Any:
    by, values = caller(), form_values(request.form)
    if values.get("step") == "rooms":  # a browser without scripts asks for the rooms of its building
        with unit_of_work() as session:
            return _form(session, values=values, problem=None)
    try:
        data = report_of(values)
        check_limit = limit_reports()

        def work() -> Answer:
            check_limit()
            report = report_from(session, data | _own_room(session, values), "phone_page")
            ticket = service.submit_ticket(session, by=by, report=report)
            return Answer(303, "", {"Location": url_for("repairs.submitted", ticket_id=ticket.public_id)})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, values=values, problem=error), error.status


@phone.get("/<ticket_id>/submitted")
@permit(SIGNED_IN)
def submitted(ticket_id: str) -> Any:
    """Success: the number, the promise, what happens next."""
    with unit_of_work() as session:
        view = queries.ticket_for(session, caller(), ticket_id)
        link = identity.link_of_person(session, caller().person_id)
        return render_template(
            "repairs/phone/submitted.html",
            view=view,
            t=view.ticket,
            follows=link is not None and link.is_following,
            english=_english(session),
        )


@phone.get("/<ticket_id>")
@permit(SIGNED_IN)
def ticket(ticket_id: str) -> Any:
    with unit_of_work() as session:
        return _ticket(session, ticket_id)


def _ticket(
    session: Session, ticket_id: str, problem: DomainError | None = None, tried: str = "", call: str = ""
) -> str:
    view = queries.ticket_for(session, caller(), ticket_id)
    photo_ids = [id_ for ids in view.photos.values() for id_ in ids]
    typed = form_values(request.form)
    is_worker = Role.WORKER in view.roles
    english = _english(session)
    return render_template(
        "repairs/phone/ticket.html",
        view=view,
        t=view.ticket,
        is_worker=is_worker,
        is_reporter=Role.REPORTER in view.roles,
        can=_can(view),
        photo_urls=files.photo_urls(session, photo_ids),
        kept_photos=_kept_photos(session, typed),
        reasons={kind: _choices(session, kind, english) for kind in ("decline", "hold")},
        guidance="" if english else _guidance(session, view),  # the catalogue has it in Chinese alone
        contact=_contact(session, view) if is_worker else "",
        call=call,
        needs_photo=is_worker and _needs_photo(session, view.ticket.category_id),
        holds=moments.holds(),
        history=moments.history(view, english),
        left=moments.left,
        tags=TAGS,
        closes_at=view.ticket.finished_at and view.ticket.finished_at + AUTO_CLOSE_AFTER,
        urge_at=(view.ticket.urged_at or view.ticket.created_at) + URGE_GAP,
        english=english,
        problem=problem,
        told=sentence(problem) if problem else "",
        tried=tried,
        errors=told(problem),
        typed=typed,
    )


def _choices(session: Session, kind: str, english: dict[str, str]) -> list[tuple[str, str]]:
    return [(row.code, english.get(row.name, row.name)) for row in queries.reasons(session, kind)]


def _guidance(session: Session, view: queries.TicketView) -> str:
    """What a reporter whose report was refused can do instead."""
    if view.ticket.status != Status.REJECTED:
        return ""
    said = next((line.reason for line in view.lines if line.action == "reject"), "")
    rows = queries.reasons(session, "reject")
    return next((row.guidance or "" for row in rows if row.name == said), "")


def _can(view: queries.TicketView) -> set[str]:
    """The actions to show: those of the table, less what the calendar has closed."""
    keys = {action.key for action in view.actions if action.has_button}
    closed_at, now = view.ticket.closed_at, clock.now()
    rated = sum(rating.cycle == view.ticket.cycle for rating in view.ratings)
    if closed_at and now > closed_at + REWORK_WITHIN:
        keys.discard("rework")
    if rated > 1 or (closed_at and now > closed_at + RATE_WITHIN):
        keys.discard("rate")
    return keys


def _needs_photo(session: Session, category_id: int) -> bool:
    faults = [fault for trade in queries.categories(session) for fault in trade.faults]
    return any(fault.id == category_id and fault.needs_after_photo for fault in faults)


def _contact(session: Session, view: queries.TicketView) -> str:
    own = view.ticket.contact_phone
    number = directory.mask_phone(own) if own else directory.masked_phone(session, view.ticket.reporter_id)
    return " ".join(part for part in (directory.mask_name(view.reporter or ""), number) if part)


@phone.get("/<ticket_id>/<action>")
@permit(SIGNED_IN)
def acted(ticket_id: str, action: str) -> Any:
    """A page that answered a form, loaded again."""
    return redirect(url_for("repairs.ticket", ticket_id=ticket_id))


@phone.post("/<ticket_id>/call")
@permit(SIGNED_IN)
def call(ticket_id: str) -> Any:
    """The number for the worker who is on this job, each look noted in audit."""
    with unit_of_work() as session:
        view = queries.ticket_for(session, caller(), ticket_id)
        if Role.WORKER not in view.roles or not (view.is_open or view.ticket.status == Status.FINISHED):
            raise TicketNotFound()
        number = service.reveal_phone(session, by=caller(), ticket_id=ticket_id)
        return _ticket(session, ticket_id, call=number)


@phone.post("/<ticket_id>/<action>")
@permit(SIGNED_IN)
def act(ticket_id: str, action: str) -> Any:
    """Any action of the table; a refusal shows the ticket as it is now, with what was typed."""
    try:
        data = loaded(ActIn(), request.form)
        with unit_of_work() as session:
            service.act_on(session, by=caller(), ticket_id=ticket_id, action=action, data=data)
    except DomainError as error:
        with unit_of_work() as session:
            return _ticket(session, ticket_id, error, tried=action), error.status
    if request.form.get("back") == "jobs":
        return redirect(url_for("repairs.jobs", did=action), 303)
    return redirect(url_for("repairs.ticket", ticket_id=ticket_id, did=action), 303)


@phone.get("/jobs")
@permit(SIGNED_IN)
def jobs() -> Any:
    """The worker's jobs by building, those with urgent work first."""
    with unit_of_work() as session:
        me = caller().person_id
        mine = queries.my_jobs(session, me)
        buildings = directory.places_of_buildings(session, {job.building_id for job in mine})
        return render_template(
            "repairs/phone/jobs.html",
            groups=[
                (place, [job for job in mine if job.building_id == building_id])
                for building_id, place in ((id_, buildings[id_]) for id_ in _in_order(mine))
            ],
            count=len(mine),
            done=queries.jobs_done_today(session, me),
            is_worker=bool(directory.teams_of(session, me)),
            labels=queries.LABELS,
            left=moments.left,
            english=_english(session),
        )


def _in_order(rows: Any) -> list[int]:
    return list(dict.fromkeys(row.building_id for row in rows))


def _english(session: Session) -> dict[str, str]:
    """English names of faults and reasons by their Chinese ones; empty on a Chinese page."""
    if str(get_locale()).startswith("zh"):
        return {}
    names = {fault.name: fault.name_en for trade in queries.categories(session) for fault in trade.faults}
    for kind in ("reject", "decline", "hold", "reassign"):
        names |= {reason.name: reason.name_en for reason in queries.reasons(session, kind)}
    return {name: english for name, english in names.items() if english}


def _number(text: Any) -> int | None:
    return int(text) if str(text or "").isdigit() else None
