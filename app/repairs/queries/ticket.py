"""One ticket in full, as this caller may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.prepared import Prepared
from app.platform.directory import queries as directory
from app.repairs.errors import TicketNotFound
from app.repairs.models import (
    LABELS,
    OPEN,
    STUDENT_LABELS,
    Rating,
    Status,
    Ticket,
    TicketEvent,
    TicketPhoto,
)
from app.repairs.queries.catalogue import reason_names
from app.repairs.queries.lists import IS_OPEN_SQL
from app.repairs.service.actions import ACTIONS, INTERNAL, SUBMIT_DONE, Action, Role, allowed
from app.repairs.service.moves import TICKET
from app.repairs.service.naming import name_of, worker_title
from app.repairs.service.roles import is_staff, roles_on


@dataclass(frozen=True)
class Line:
    """One line of the timeline."""

    at: datetime
    action: str
    done: str
    who: str
    role: str
    reason: str
    note: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class TicketView:
    """A ticket with what belongs on its page. Personal values only as far as `is_for_staff` allows."""

    ticket: AnyRow
    roles: frozenset[Role]
    is_for_staff: bool
    label: str
    actions: list[Action]
    lines: list[Line]
    photos: dict[str, list[int]] = field(default_factory=dict)
    ratings: list[AnyRow] = field(default_factory=list)
    worker: str = ""
    worker_number: str = ""
    reporter: str = ""
    reporter_number: str = ""
    team: str = ""
    hold_reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.ticket.status in OPEN


# Built once: the page that is opened most.
_OF_TICKET: Any = bindparam("ticket_id")
_EVENTS = Prepared(
    select(
        TicketEvent.at,
        TicketEvent.action,
        TicketEvent.actor_id,
        TicketEvent.actor_role,
        TicketEvent.reason,
        TicketEvent.note,
        TicketEvent.payload,
    )
    .where(TicketEvent.ticket_id == _OF_TICKET)
    .order_by(TicketEvent.seq.desc())
)
_PHOTOS = Prepared(
    select(TicketPhoto.kind, TicketPhoto.photo_id)
    .where(TicketPhoto.ticket_id == _OF_TICKET)
    .order_by(TicketPhoto.id)
)
_RATINGS = Prepared(
    select(
        Rating.cycle,
        Rating.is_follow_up,
        Rating.speed,
        Rating.quality,
        Rating.attitude,
        Rating.tags,
        Rating.comment,
        Rating.created_at,
    )
    .where(Rating.ticket_id == _OF_TICKET)
    .order_by(Rating.id)
)


def ticket_for(session: Session, by: Caller, public_id: str) -> TicketView:
    """Raises TicketNotFound for a ticket that is missing or not this caller's business."""
    ticket = TICKET.first(session, public_id=public_id)
    if ticket is None or not (roles := roles_on(by, ticket)):
        raise TicketNotFound()
    staff = is_staff(roles)
    rows = _events(session, ticket.id)
    is_reasoned = bool(ticket.hold_reason) or any(row.reason for row in rows)
    names = reason_names(session) if is_reasoned else {}
    involved = {ticket.worker_id, ticket.reporter_id, *(row.actor_id for row in rows)}
    people = directory.people(session, [person_id for person_id in involved if person_id])
    worker = people.get(ticket.worker_id) if ticket.worker_id else None
    reporter = people.get(ticket.reporter_id)
    hold = names.get(("hold", ticket.hold_reason or ""))
    status = Status(ticket.status)
    return TicketView(
        ticket=ticket,
        roles=roles,
        is_for_staff=staff,
        label=LABELS[status] if staff else STUDENT_LABELS[status],
        actions=allowed(ticket.status, roles),
        lines=_lines(rows, people, names, staff),
        photos=_photos(session, ticket.id),
        ratings=_ratings(session, ticket.id),
        worker=(worker.name if staff else worker_title(worker.surname)) if worker else "",
        worker_number=(worker.number or "") if worker else "",
        reporter=(reporter.name or "") if staff and reporter else "",
        reporter_number=(reporter.number or "") if staff and reporter else "",
        team=directory.unit(session, ticket.team_id).name if ticket.team_id else "",
        hold_reason=hold.name if hold else "",
    )


def _events(session: Session, ticket_id: int) -> Sequence[AnyRow]:
    return _EVENTS.rows(session, ticket_id=ticket_id)


def _lines(
    rows: Sequence[AnyRow],
    people: Mapping[int, directory.PersonBrief],
    names: dict[tuple[str, str], AnyRow],
    staff: bool,
) -> list[Line]:
    lines = []
    for row in rows:
        action = ACTIONS.get(row.action)
        reason = names.get((action.reason_kind, row.reason or "")) if action and action.reason_kind else None
        is_shown = staff or row.action not in INTERNAL
        lines.append(
            Line(
                at=row.at,
                action=row.action,
                done=action.done if action else SUBMIT_DONE,
                who=name_of(people.get(row.actor_id), row.actor_role, is_for_staff=staff),
                role=row.actor_role,
                reason=reason.name if reason and is_shown else "",
                note=(row.note or "") if is_shown else "",
                payload=row.payload if is_shown else {},
            )
        )
    return lines


def _photos(session: Session, ticket_id: int) -> dict[str, list[int]]:
    photos: dict[str, list[int]] = {"before": [], "after": []}
    rows = _PHOTOS.rows(session, ticket_id=ticket_id)
    for kind, photo_id in rows:
        photos.setdefault(kind, []).append(photo_id)
    return photos


def _ratings(session: Session, ticket_id: int) -> list[AnyRow]:
    return _RATINGS.rows(session, ticket_id=ticket_id)


@dataclass(frozen=True)
class Candidate:
    """A worker who could be sent: with open jobs, and jobs in the same building now."""

    person_id: int
    name: str
    number: str
    team: str
    open_jobs: int
    here: int


def workers_for(session: Session, by: Caller, ticket: AnyRow) -> list[Candidate]:
    """Workers of the ticket's unit (or of all units), the ticket's own team first, then the least busy;
    up to two jobs in the same building count as being there already."""
    teams = [
        team
        for team in directory.teams(session, ticket.unit_id)
        if by.may("repairs.dispatch") or by.may("repairs.lead", team_id=team.id)
    ]
    members = directory.members_of_teams(session, [team.id for team in teams])
    load = _load_of(session, [m.id for group in members.values() for m in group], ticket.building_id)
    candidates = [
        (
            team.id != ticket.team_id,
            Candidate(m.id, m.name or "", m.number or "", team.name, *load.get(m.id, (0, 0))),
        )
        for team in teams
        for m in members[team.id]
    ]
    candidates.sort(key=lambda pair: (pair[0], pair[1].open_jobs - min(pair[1].here, 2), pair[1].number))
    return [candidate for _, candidate in candidates]


def workers_in_reach(session: Session, by: Caller) -> list[Candidate]:
    """Everybody the caller may send, for the board's selection bar; the least busy first."""
    teams = [team for team in directory.teams(session) if by.may("repairs.dispatch", unit_id=team.unit_id)]
    members = directory.members_of_teams(session, [team.id for team in teams])
    found = [(member, team) for team in teams for member in members[team.id]]
    load = _load_of(session, [member.id for member, _ in found], -1)
    rows = [
        Candidate(m.id, m.name or "", m.number or "", team.name, load.get(m.id, (0, 0))[0], 0)
        for m, team in found
    ]
    return sorted(rows, key=lambda row: (row.open_jobs, row.number))


def has_phone(session: Session, ticket: AnyRow) -> bool:
    """Whether there is a number to call."""
    return bool(ticket.contact_phone_index) or directory.masked_phone(session, ticket.reporter_id) is not None


_LOAD = Prepared(
    select(
        Ticket.worker_id,
        func.count().label("jobs"),
        func.count().filter(Ticket.building_id == bindparam("building_id")).label("here"),
    )
    .where(
        IS_OPEN_SQL,
        Ticket.worker_id == any_(bindparam("people", type_=ARRAY(BigInteger))),
    )
    .group_by(Ticket.worker_id)
)


def _load_of(session: Session, people: list[int], building_id: int) -> dict[int, tuple[int, int]]:
    rows = _LOAD.rows(session, people=people, building_id=building_id)
    return {worker: (count, here) for worker, count, here in rows if worker is not None}


def find_open_for(
    session: Session, *, building_id: int, room_id: int | None, category_id: int
) -> AnyRow | None:
    """An open ticket of the last 14 days for the same place and fault."""
    return session.execute(
        select(Ticket.public_id, Ticket.number, Ticket.status, Ticket.created_at, Ticket.reporter_id)
        .where(
            Ticket.building_id == building_id,
            Ticket.room_id.is_not_distinct_from(room_id),
            Ticket.category_id == category_id,
            Ticket.status.in_([str(s) for s in OPEN]),
            Ticket.created_at >= clock.now() - timedelta(days=14),
        )
        .order_by(Ticket.id.desc())
        .limit(1)
    ).one_or_none()
