"""Gates, who may pass them, and who did."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.kit.paging import Key, Page, page
from app.miniapps.leave import passes
from app.miniapps.leave.errors import GateMissing
from app.miniapps.leave.models import ABSENT, LIVE, ROAMING, Gate, LeaveRequest, LeaveStatus, Scan
from app.platform.directory import queries as directory

LIST_HOURS = 36  # that a browser's list is good for, if its keys are; it is made anew each half-day
MOST_LISTED = 20_000


def gates(session: Session) -> list[Gate]:
    return list(session.scalars(select(Gate).order_by(Gate.is_open.desc(), Gate.name, Gate.id)))


def gate_for(session: Session, public_id: str, *, is_past: bool = False) -> Gate:
    """An open gate; with `is_past` also a closed one, for what was checked there. Raises GateMissing."""
    found = session.scalars(select(Gate).where(Gate.public_id == public_id)).one_or_none()
    if found is None or not (found.is_open or is_past):
        raise GateMissing()
    return found


def has_passes(session: Session) -> bool:
    """Whether the school checks passes at all."""
    return session.scalar(select(Gate.id).where(Gate.is_open).limit(1)) is not None


def leave_at_gate(
    session: Session, person_id: int, *, at: datetime, pass_id: str | None, source: str = "gate"
) -> LeaveRequest | None:
    """The leave that counts for somebody at a gate, locked: of the pass he shows, else the one he is on, else the next.

    A pass of a leave that is over counts no more: then it is as if he had none. At a dormitory's door (`source` dorm)
    it is the leave in which he does not sleep there.
    """
    stmt = select(LeaveRequest).where(
        LeaveRequest.person_id == person_id,
        LeaveRequest.status.in_(LIVE),
        or_(
            LeaveRequest.leaves_dorm if source == "dorm" else LeaveRequest.leaves_campus,
            LeaveRequest.kind.in_(ROAMING),
        ),
    )
    if pass_id is not None:
        stmt = stmt.where(LeaveRequest.pass_id == pass_id)
    rank = case(
        (LeaveRequest.status.in_(ABSENT), 0), (LeaveRequest.status == LeaveStatus.APPROVED, 1), else_=2
    )
    is_over = LeaveRequest.ends_at < at
    stmt = stmt.order_by(rank, is_over, LeaveRequest.starts_at, LeaveRequest.id).limit(1)
    return session.scalars(stmt.with_for_update(), execution_options={"populate_existing": True}).first()


def may_pass(session: Session) -> Sequence[AnyRow]:
    """The leaves with which somebody may pass while the list is good."""
    stmt = (
        select(
            LeaveRequest.pass_id,
            LeaveRequest.person_id,
            LeaveRequest.status,
            LeaveRequest.kind,
            LeaveRequest.starts_at,
            LeaveRequest.ends_at,
            LeaveRequest.due_at,
        )
        .where(
            LeaveRequest.status.in_((LeaveStatus.APPROVED, *ABSENT)),
            or_(LeaveRequest.leaves_campus, LeaveRequest.kind.in_(ROAMING)),
            LeaveRequest.starts_at < clock.now() + clock.timedelta(hours=LIST_HOURS),
        )
        .order_by(LeaveRequest.starts_at.desc(), LeaveRequest.id)
        .limit(MOST_LISTED)
    )
    return session.execute(stmt).all()


def mark_of(rows: Sequence[AnyRow], key: str) -> str:
    """The same for a browser as long as its list would say the same; another one each half-day: a list that is kept
    when the network goes is then good for a day more.
    """
    half = f"{clock.today()} {clock.local(clock.now()).hour // 12}"
    text = "\n".join([key, half, *(str(tuple(row)) for row in rows)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def allow_list(session: Session, rows: Sequence[AnyRow]) -> dict[str, Any]:
    """These leaves, for a browser without a network: masked names, keys of two days, no numbers.

    A number that is typed is compared by its hash, salted with `made_at`.
    """
    now = clock.now()
    days = [clock.today(), clock.today() + clock.timedelta(days=1)]
    good_until = clock.start_of_day(clock.today() + clock.timedelta(days=2))
    people = directory.people(session, [row.person_id for row in rows])
    return {
        "made_at": now.isoformat(),
        "expires_at": min(now + clock.timedelta(hours=LIST_HOURS), good_until).isoformat(),
        "passes": [
            {
                "id": row.pass_id,
                "keys": {day.isoformat(): passes.key_of(row.pass_id, day) for day in days},
                "number": _hash(now.isoformat(), people[row.person_id].number or row.pass_id),
                "name": directory.mask_name(people[row.person_id].name),
                "from": row.starts_at.isoformat(),
                "to": row.ends_at.isoformat(),
                "due": row.due_at.isoformat(),
                "is_away": row.status in ABSENT,
                "is_roaming": row.kind in ROAMING,
            }
            for row in rows
            if row.person_id in people
        ],
    }


def _hash(salt: str, number: str) -> str:
    return hashlib.sha256(f"{salt}:{number.upper()}".encode()).hexdigest()[:24]


def scans_at(session: Session, gate_id: int, *, cursor: str | None, limit: int = 50) -> Page[Any]:
    """Who was checked at a gate, the latest first."""
    stmt = select(
        Scan.id,
        Scan.person_id,
        Scan.direction,
        Scan.found_by,
        Scan.is_allowed,
        Scan.is_offline,
        Scan.answer,
        Scan.at,
    ).where(Scan.gate_id == gate_id)
    return page(session, stmt, keys=[Key("id", Scan.id, descending=True)], cursor=cursor, limit=limit)
