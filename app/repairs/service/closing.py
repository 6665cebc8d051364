"""The reporter's side after the work, and what happens when nobody answers."""

from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.repairs.errors import ActionNotNow, RatedAlready, ReworkTooLate, UrgedEnough, UrgedRecently
from app.repairs.models import LABELS, Rating, Status, Ticket
from app.repairs.service import moves
from app.repairs.service.clocks import AUTO_CLOSE_AFTER, RATE_WITHIN, REWORK_WITHIN
from app.repairs.service.roles import SYSTEM
from app.repairs.service.working import unassigned

URGE_GAP = timedelta(minutes=30)
URGES_A_DAY = 3


def confirm_ticket(session: Session, *, by: Caller, ticket_id: str, version: int) -> None:
    """确认修好了: the times are frozen."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "confirm", version=version, session=session)
    values = {"closed_at": clock.now(), "closed_via": "reporter"}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values)


def rework_ticket(session: Session, *, by: Caller, ticket_id: str, version: int, note: str) -> None:
    """返修 within 7 days: the same worker, a new cycle with its own clock; the first stays as it was."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "rework", version=version, session=session)
    now = clock.now()
    if ticket.closed_at is not None and now > ticket.closed_at + REWORK_WITHIN:
        raise ReworkTooLate()
    reckoning = moves.clock_of(session, ticket)
    accept_due, resolve_due = reckoning.accept_due(now), reckoning.resolve_due(now)
    values = {
        "cycle": ticket.cycle + 1,
        "dispatched_at": now,
        "accept_due_at": accept_due,
        "resolve_due_at": resolve_due,
        "next_due_at": min(accept_due, resolve_due),
        "taken_at": None,
        "arrived_at": None,
        "finished_at": None,
        "closed_at": None,
        "closed_via": None,
        "paused_seconds": 0,
        "rating": None,
    }
    first = {
        "finished_at": ticket.finished_at.isoformat() if ticket.finished_at else None,
        "resolve_due_at": ticket.resolve_due_at.isoformat(),
        "was_late": ticket.is_resolve_late,
        "worker_id": ticket.worker_id,
    }
    moves.apply(session, by=by, ticket=ticket, action=action, values=values, note=note, payload=first)


def cancel_ticket(session: Session, *, by: Caller, ticket_id: str, version: int, note: str = "") -> None:
    """撤销, until a worker has taken it."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "cancel", version=version, session=session)
    payload = {"from_worker_id": ticket.worker_id}
    values = {"closed_at": clock.now()}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values, note=note, payload=payload)


def urge_ticket(session: Session, *, by: Caller, ticket_id: str) -> None:
    """催一下: at most every 30 minutes and three times a day."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "urge", version=None, session=session)
    now = clock.now()
    last = ticket.urged_at or ticket.created_at
    if now < last + URGE_GAP:
        wait = last + URGE_GAP - now
        raise UrgedRecently(minutes=int(wait.total_seconds() // 60) + 1, seconds=int(wait.total_seconds()))
    if moves.urges_today(session, ticket.id) >= URGES_A_DAY:
        raise UrgedEnough()
    values = {"urge_count": ticket.urge_count + 1, "urged_at": now}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values)


def rate_ticket(
    session: Session,
    *,
    by: Caller,
    ticket_id: str,
    speed: int,
    quality: int,
    attitude: int,
    tags: tuple[str, ...] = (),
    comment: str = "",
) -> None:
    """评价 once a cycle, and one 追评, within 30 days."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "rate", version=None, session=session)
    if ticket.closed_at is None or clock.now() > ticket.closed_at + RATE_WITHIN:
        raise ActionNotNow(status=LABELS[Status(ticket.status)], action=action.name)
    given = session.scalars(
        select(Rating.is_follow_up).where(Rating.ticket_id == ticket.id, Rating.cycle == ticket.cycle)
    ).all()
    if len(given) >= 2:
        raise RatedAlready()
    session.execute(
        insert(Rating).values(
            ticket_id=ticket.id,
            cycle=ticket.cycle,
            is_follow_up=bool(given),
            by_id=by.person_id,
            speed=speed,
            quality=quality,
            attitude=attitude,
            tags=list(tags),
            comment=comment.strip() or None,
            created_at=clock.now(),
        )
    )
    values = {"rating": round((speed + quality + attitude) / 3)}
    payload = {"speed": speed, "quality": quality, "attitude": attitude}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values, payload=payload)


def close_unanswered(session: Session, *, limit: int = 200) -> int:
    """超时办结: finished 7 days ago and nobody answered. Hazards wait for a person."""
    due = clock.now() - AUTO_CLOSE_AFTER
    tickets = session.execute(
        select(*Ticket.__table__.c)
        .where(Ticket.status == Status.FINISHED, Ticket.finished_at <= due, Ticket.is_hazard.is_(False))
        .order_by(Ticket.finished_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for ticket in tickets:
        action = moves.check(SYSTEM, ticket, "auto_close", version=None, session=session)
        values = {"closed_at": clock.now(), "closed_via": "system"}
        moves.apply(session, by=SYSTEM, ticket=ticket, action=action, values=values)
    return len(tickets)


def return_unanswered(session: Session, *, limit: int = 200) -> int:
    """超时退回: dispatched, but not taken by its deadline."""
    tickets = session.execute(
        select(*Ticket.__table__.c)
        .where(Ticket.status == Status.DISPATCHED, Ticket.accept_due_at <= clock.now())
        .order_by(Ticket.accept_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for ticket in tickets:
        action = moves.check(SYSTEM, ticket, "auto_return", version=None, session=session)
        values = unassigned(ticket) | {"is_accept_late": True}
        payload = {"from_worker_id": ticket.worker_id}
        moves.apply(session, by=SYSTEM, ticket=ticket, action=action, values=values, payload=payload)
    return len(tickets)


def resume_expired(session: Session, *, limit: int = 200) -> int:
    """A hold past its day goes on by itself."""
    tickets = session.execute(
        select(*Ticket.__table__.c)
        .where(Ticket.status == Status.ON_HOLD, Ticket.hold_until <= clock.now())
        .order_by(Ticket.hold_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for ticket in tickets:
        action = moves.check(SYSTEM, ticket, "resume", version=None, session=session)
        values = moves.unpause(moves.clock_of(session, ticket), ticket, clock.now())
        values["next_due_at"] = values.get("resolve_due_at", ticket.resolve_due_at)
        moves.apply(session, by=SYSTEM, ticket=ticket, action=action, values=values)
    return len(tickets)
