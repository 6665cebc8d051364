"""Who may pass the school's own gates, and how it stands between them and us."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.leave.models import (
    ABSENT,
    ROAMING,
    Gate,
    GateEntry,
    GateLink,
    GateList,
    GateLog,
    LeaveRequest,
    LeaveStatus,
)
from app.platform.directory import queries as directory

A_DAY = clock.timedelta(days=1)
AHEAD = clock.timedelta(days=3)
"""Leave that begins later than this is none of the gates' business yet."""


@dataclass(frozen=True)
class Allowed:
    """What the gates know of a leave: nothing of kind, reason or place."""

    number: str
    starts_at: datetime
    until: datetime | None
    direction: str


def allowed(session: Session) -> dict[int, Allowed]:
    """By leave, of those who still study here. Who is late may come in only, whenever that is."""
    stmt = select(
        LeaveRequest.id,
        LeaveRequest.person_id,
        LeaveRequest.kind,
        LeaveRequest.status,
        LeaveRequest.starts_at,
        LeaveRequest.due_at,
    ).where(
        LeaveRequest.status.in_((LeaveStatus.APPROVED, *ABSENT)),
        or_(LeaveRequest.leaves_campus, LeaveRequest.kind.in_(ROAMING)),
        LeaveRequest.starts_at < clock.now() + AHEAD,
    )
    rows = session.execute(stmt).all()
    people = directory.people(session, [row.person_id for row in rows])
    found = {}
    for row in rows:
        person = people.get(row.person_id)
        number = person.number if person is not None and person.is_active else None
        if number:
            is_late = row.status == LeaveStatus.OVERDUE
            direction = "in" if is_late else "both" if row.kind in ROAMING else "out"
            until = None if is_late else _second(row.due_at)
            found[row.id] = Allowed(number, _second(row.starts_at), until, direction)
    return found


def live_entries(session: Session) -> list[GateEntry]:
    return list(session.scalars(select(GateEntry).where(~GateEntry.is_gone)))


def digest_of(entries: Iterable[GateEntry]) -> str:
    """As the gates make theirs (app/clients/gates)."""
    lines = sorted(
        f"{one.public_id}|{one.number}|{_text(one.starts_at)}|{_text(one.until)}|{one.direction}\n"
        for one in entries
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class Standing:
    """For the console. `waits_since`: the gates have not taken what is new since then; None: they have it all.

    `again`: (number, of how many) while the log is read once more. `closed`: names of closed gates that let people pass.
    `is_odd`: within a day there were lines whose time can't be right, or that were not taken.
    """

    version: int
    taken_version: int | None
    taken_at: datetime | None
    waits_since: datetime | None
    heard_at: datetime | None
    log_reached_at: datetime | None
    skipped: int
    unknown_codes: list[str]
    next_try_at: datetime | None
    again: tuple[int, int] | None
    counts: dict[str, int]
    closed: list[str]
    is_odd: bool


def standing(session: Session) -> Standing | None:
    """None: nothing was ever said to any gates."""
    link = session.get(GateLink, 1)
    if link is None:
        return None
    taken = session.execute(
        select(GateList.version, GateList.taken_at)
        .where(GateList.taken_at.is_not(None))
        .order_by(GateList.version.desc())
        .limit(1)
    ).first()
    log = session.get(GateLog, 1)
    return Standing(
        version=link.version,
        taken_version=taken.version if taken else None,
        taken_at=taken.taken_at if taken else None,
        waits_since=waits_since(session),
        heard_at=link.heard_at,
        log_reached_at=log.reached_at if log else None,
        skipped=log.skipped if log else 0,
        unknown_codes=list(log.unknown_codes) if log else [],
        next_try_at=link.next_try_at if link.next_try_at and link.next_try_at > clock.now() else None,
        again=(log.again_cursor or 0, log.again_until) if log and log.again_until is not None else None,
        counts=dict(log.counts) if log else {},
        is_odd=log is not None and log.counts.get("odd_at", 0) > (clock.now() - A_DAY).timestamp(),
        closed=_closed(session, log.closed_codes) if log else [],
    )


def _closed(session: Session, codes: list[str]) -> list[str]:
    stmt = select(Gate.name).where(Gate.code.in_(codes), ~Gate.is_open)
    return list(session.scalars(stmt.order_by(Gate.name)))


def waits_since(session: Session) -> datetime | None:
    """When the oldest version was made that the gates have not taken."""
    return session.scalar(select(func.min(GateList.made_at)).where(GateList.taken_at.is_(None)))


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _text(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def reads_log(session: Session) -> bool:
    """Whether who comes back is known by the gates' log: it was begun, and a gate in use has a code."""
    begun = session.scalar(select(GateLog.id))
    coded = select(Gate.id).where(Gate.is_open, Gate.code.is_not(None)).limit(1)
    return begun is not None and session.scalar(coded) is not None


def log_reached_at(session: Session) -> datetime | None:
    """Up to when the gates' log was read to its end; None: never yet."""
    return session.scalar(select(GateLog.reached_at))


def is_log_whole(session: Session) -> bool:
    """Whether no line that was read was left out: no gate of theirs is none of ours, and nothing is read again."""
    row = session.execute(select(GateLog.unknown_codes, GateLog.again_until)).one_or_none()
    return row is None or (not row.unknown_codes and row.again_until is None)
