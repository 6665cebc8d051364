"""Reporting: from what a person filled in to a ticket with a number and a promise."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, Text, bindparam, func, insert, select
from sqlalchemy.orm import Session

from app.kit import clock, crypto, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.errors import NotFound
from app.kit.prepared import Prepared
from app.platform.directory import queries as directory
from app.platform.directory import service as directory_service
from app.platform.operations import queries as operations
from app.repairs.errors import CategoryUnknown, ContactMissing, PlaceUnknown, VisitWindowInvalid
from app.repairs.events import TicketMoved
from app.repairs.models import Category, Route, Status, Ticket
from app.repairs.models.ticket import NUMBERS
from app.repairs.service.clocks import clock_for
from app.repairs.service.hazards import is_hazard
from app.repairs.service.moves import INSERT_LINE
from app.repairs.service.working import add_photos

# Built once, for this is the hot path. A number is R2611-0042: year, month, and a sequence that grows past
# four digits.
_t, _c, _r = (cast("Table", model.__table__) for model in (Ticket, Category, Route))
_NUMBER = func.concat(bindparam("month", type_=Text), func.to_char(NUMBERS.next_value(), "FM99999990000"))
_INSERT_TICKET = Prepared(
    insert(_t)
    .values(number=_NUMBER)
    .returning(_t.c.id, _t.c.public_id, _t.c.number, _t.c.is_hazard, _t.c.resolve_due_at)
)
_successor = _c.alias()
_CATEGORY = Prepared(
    select(
        _c.c.id,
        _c.c.name,
        _c.c.parent_id,
        _c.c.is_urgent,
        _c.c.is_active,
        _successor.c.code.label("successor"),
    )
    .outerjoin_from(_c, _successor, _successor.c.id == _c.c.successor_id)
    .where(_c.c.code == bindparam("code"))
)
_ROUTE = Prepared(
    select(_r.c.unit_id, _r.c.team_id)
    .where(
        _r.c.campus_id.is_(None) | (_r.c.campus_id == bindparam("campus_id")),
        _r.c.building_id.is_(None) | (_r.c.building_id == bindparam("building_id")),
        _r.c.category_id.is_(None)
        | (_r.c.category_id == bindparam("category_id"))
        | (_r.c.category_id == bindparam("trade_id")),
    )
    .order_by(
        _r.c.building_id.is_not(None).desc(),
        (_r.c.category_id.is_not_distinct_from(bindparam("category_id"))).desc(),
        _r.c.category_id.is_not(None).desc(),
        _r.c.campus_id.is_not(None).desc(),
        _r.c.id,
    )
    .limit(1)
)


@dataclass(frozen=True)
class Report:
    """What is broken where, and how to get in. `visit_*` are aware UTC."""

    category: str
    detail: str = ""
    room_id: int | None = None
    building_id: int | None = None
    place_note: str = ""
    access: str = "present"
    visit_from: datetime | None = None
    visit_until: datetime | None = None
    phone: str = ""
    photos: tuple[str, ...] = ()
    channel: str = "phone_page"


@dataclass(frozen=True)
class Submitted:
    """What the reporter is told at once."""

    id: int
    public_id: str
    number: str
    is_hazard: bool
    resolve_due_at: datetime


def submit_ticket(
    session: Session, *, by: Caller, report: Report, reporter_id: int | None = None
) -> Submitted:
    """提交报修 for oneself, or for `reporter_id` on behalf. Runs on the hot path: Core statements only."""
    now = clock.now()
    _check_window(report, now)
    category = _category(session, report.category)
    place = _place(session, report)
    urgent = is_hazard(f"{category.name} {report.detail}")
    priority = "urgent" if urgent or category.is_urgent else "normal"
    reckoning = clock_for(priority, operations.work_calendar(session))
    response_due = reckoning.response_due(now)
    route = _route(session, place, category)
    row = _INSERT_TICKET.first(
        session,
        public_id=ids.public_id("rep"),
        month=f"{clock.local(now):R%y%m-}",
        version=1,
        channel=report.channel,
        reporter_id=reporter_id or by.person_id,
        submitted_by_id=by.person_id,
        contact_phone=report.phone or None,
        contact_phone_index=crypto.blind_index(report.phone, "phone") if report.phone else None,
        campus_id=place.campus_id,
        building_id=place.building_id,
        room_id=place.room_id,
        place_text=place.text,
        place_text_en=place.text_en,
        place_note=report.place_note.strip() or None,
        category_id=category.id,
        category_name=category.name,
        detail=report.detail.strip(),
        is_hazard=urgent,
        priority=priority,
        access=report.access,
        visit_from=report.visit_from,
        visit_until=report.visit_until,
        status=str(Status.SUBMITTED),
        status_since=now,
        unit_id=route.unit_id if route else None,
        team_id=route.team_id if route else None,
        cycle=1,
        sla=reckoning.snapshot(),
        response_due_at=response_due,
        resolve_due_at=reckoning.resolve_due(now),
        next_due_at=response_due,
        paused_seconds=0,
        is_response_late=False,
        is_accept_late=False,
        is_resolve_late=False,
        urge_count=0,
        created_at=now,
    )
    _write_first_line(session, by, row.id, reporter_id, now)
    if report.photos:
        add_photos(session, by=by, ticket=row, photos=report.photos, kind="before")
    outbox.emit(session, TicketMoved(row.id, 1, "submit"))
    return Submitted(*row)


@dataclass(frozen=True)
class PhoneCaller:
    """Somebody on the telephone, as the dispatcher wrote them down."""

    phone: str
    name: str = ""
    number: str = ""


def submit_for_caller(session: Session, *, by: Caller, report: Report, caller: PhoneCaller) -> Submitted:
    """代报: found by student number, else by phone, else noted as a visitor with this phone."""
    if not caller.phone:
        raise ContactMissing(details={"caller_phone": [ContactMissing.msgid]})
    person = directory.find_person_by_number(session, caller.number) if caller.number else None
    known = [person] if person else directory.find_people_by_phone(session, caller.phone)
    if known:
        return submit_ticket(session, by=by, report=report, reporter_id=known[0].id)
    visitor_id = directory_service.create_visitor(session)
    directory_service.update_person(
        session, by=by, person_id=visitor_id, name=caller.name or None, phone=caller.phone
    )
    return submit_ticket(session, by=by, report=report, reporter_id=visitor_id)


def _check_window(report: Report, now: datetime) -> None:
    if report.visit_from is None and report.visit_until is None:
        return
    if (
        report.visit_from is None
        or report.visit_until is None
        or not now < report.visit_until
        or not report.visit_from < report.visit_until
    ):
        raise VisitWindowInvalid(details={"visit_from": [VisitWindowInvalid.msgid]})


def _category(session: Session, code: str) -> AnyRow:
    """The category, or the successor of a retired one. A trade as such can't be reported."""
    row = _CATEGORY.first(session, code=code)
    if row is not None and not row.is_active and row.successor:
        return _category(session, row.successor)
    if row is None or not row.is_active or row.parent_id is None:
        raise CategoryUnknown(details={"category": [CategoryUnknown.msgid]})
    return row


def _place(session: Session, report: Report) -> directory.Place:
    try:
        return directory.place(session, room_id=report.room_id, building_id=report.building_id)
    except NotFound:
        raise PlaceUnknown(details={"building_id": [PlaceUnknown.msgid]}) from None


def _route(session: Session, place: directory.Place, category: AnyRow) -> AnyRow | None:
    """The most specific row that fits: building before campus, fault before trade before any."""
    where = {
        "campus_id": place.campus_id,
        "building_id": place.building_id,
        "category_id": category.id,
        "trade_id": category.parent_id,
    }
    route: AnyRow | None = _ROUTE.first(session, **where)
    return route


def _write_first_line(
    session: Session, by: Caller, ticket_id: int, reporter_id: int | None, now: datetime
) -> None:
    on_behalf = reporter_id is not None and reporter_id != by.person_id
    INSERT_LINE.rows(
        session,
        ticket_id=ticket_id,
        seq=1,
        cycle=1,
        action="submit",
        from_status=None,
        to_status=str(Status.SUBMITTED),
        actor_id=by.person_id,
        actor_role="dispatcher" if on_behalf else "reporter",
        payload={"on_behalf": on_behalf},
        at=now,
    )
