"""The one way a ticket changes: an action of the table, applied by a conditional UPDATE."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.prepared import Prepared
from app.platform.operations import queries as operations
from app.repairs.errors import (
    ActionNotNow,
    ActionNotYours,
    ActionUnavailable,
    ReasonTextTooShort,
    ReasonUnknown,
    TicketMovedOn,
    TicketNotFound,
)
from app.repairs.events import TicketMoved
from app.repairs.models import LABELS, Reason, Status, Ticket, TicketEvent
from app.repairs.service.actions import ACTIONS, CHANGED, ROLE_NAMES, Action, Role
from app.repairs.service.clocks import Clock, clock_for
from app.repairs.service.naming import actor_name, ago
from app.repairs.service.roles import is_staff, roles_on

MAX_NOTE = 500

# Built once, for every action takes them.
_t, _e = (cast("Table", model.__table__) for model in (Ticket, TicketEvent))
TICKET = Prepared(select(*_t.c).where(_t.c.public_id == bindparam("public_id")))
INSERT_LINE = Prepared(insert(_e).inline())
_CHANGE = Prepared(
    update(_t)
    .where(
        _t.c.id == bindparam("ticket_id"),
        _t.c.version == bindparam("seen_version"),
        _t.c.status == bindparam("seen_status"),
    )
    .returning(_t.c.id)
)


def load(session: Session, by: Caller, public_id: str) -> AnyRow:
    """The ticket, if it exists for this caller. A foreign one is as absent as a missing one."""
    ticket: AnyRow | None = TICKET.first(session, public_id=public_id)
    if ticket is None or not roles_on(by, ticket):
        raise TicketNotFound()
    return ticket


def clock_of(session: Session, ticket: AnyRow) -> Clock:
    return clock_for(ticket.priority, operations.work_calendar(session))


def check(by: Caller, ticket: AnyRow, key: str, *, version: int | None, session: Session) -> Action:
    """The action, if it is open to this caller now. Names what happened instead when it is not."""
    action = ACTIONS[key]
    if not action.is_available:
        raise ActionUnavailable(action=action.name)
    roles = roles_on(by, ticket)
    if not roles.intersection(action.who):
        who = tuple(ROLE_NAMES[role] for role in action.who)
        raise ActionNotYours(action=action.name, who=who)
    if version is not None and version != ticket.version:
        raise moved_on(session, ticket.id, is_for_staff=is_staff(roles))
    if ticket.status not in action.froms:
        raise ActionNotNow(status=LABELS[Status(ticket.status)], action=action.name)
    return action


def apply(
    session: Session,
    *,
    by: Caller,
    ticket: AnyRow,
    action: Action,
    values: Mapping[str, Any],
    reason: str | None = None,
    note: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> int:
    """Change the row, write the timeline, tell the house. Returns the line's seq.

    The UPDATE names the version that was read: of two that act at the same instant one wins, the other
    gets TicketMovedOn.
    """
    now = clock.now()
    to_status = action.to or Status(ticket.status)
    moved = {"status": str(to_status), "status_since": now} if action.to else {}
    seq = ticket.version + 1
    changed = _CHANGE.first(
        session,
        ticket_id=ticket.id,
        seen_version=ticket.version,
        seen_status=ticket.status,
        version=seq,
        **moved,
        **values,
    )
    if changed is None:
        raise moved_on(session, ticket.id, is_for_staff=is_staff(roles_on(by, ticket)))
    INSERT_LINE.rows(
        session,
        ticket_id=ticket.id,
        seq=seq,
        cycle=values.get("cycle", ticket.cycle),
        action=action.key,
        from_status=ticket.status,
        to_status=str(to_status),
        actor_id=by.person_id or None,
        actor_role=str(acting_role(by, ticket, action)),
        reason=reason,
        note=(note or "").strip()[:MAX_NOTE] or None,
        payload=dict(payload or {}),
        at=now,
    )
    outbox.emit(session, TicketMoved(ticket.id, seq, action.key))
    return seq


def acting_role(by: Caller, ticket: AnyRow, action: Action) -> Role:
    """The first of the action's roles that the caller has."""
    mine = roles_on(by, ticket)
    return next(role for role in action.who if role in mine)


def moved_on(session: Session, ticket_id: int, *, is_for_staff: bool) -> TicketMovedOn:
    """Who was first, with what, how long ago."""
    last = session.execute(
        select(TicketEvent.action, TicketEvent.actor_id, TicketEvent.actor_role, TicketEvent.at)
        .where(TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.seq.desc())
        .limit(1)
    ).one()
    done = ACTIONS[last.action].done if last.action in ACTIONS else CHANGED
    who = actor_name(session, last.actor_id, last.actor_role, is_for_staff=is_for_staff)
    return TicketMovedOn(who=who, ago=ago(clock.now() - last.at), done=done)


def reason_of(session: Session, kind: str, code: str, note: str | None) -> Reason:
    """The reason row. A refusal needs words beside it."""
    reason = session.scalar(
        select(Reason).where(Reason.kind == kind, Reason.code == code, Reason.is_active.is_(True))
    )
    if reason is None:
        raise ReasonUnknown(details={"reason": [ReasonUnknown.msgid]})
    if kind == "reject" and len((note or "").strip()) < 5:
        raise ReasonTextTooShort(details={"note": [ReasonTextTooShort.msgid]})
    return reason


def unpause(clock_: Clock, ticket: AnyRow, now: datetime) -> dict[str, Any]:
    """Values that end a pause: the deadline moves on by the work time it lasted."""
    ended: dict[str, Any] = {"hold_reason": None, "hold_until": None, "paused_at": None}
    if ticket.paused_at is None:
        return ended
    resolve_due = clock_.pushed_back(ticket.resolve_due_at, ticket.paused_at, now)
    paused = ticket.paused_seconds + clock_.paused(ticket.paused_at, now)
    return ended | {"resolve_due_at": resolve_due, "paused_seconds": paused}


def urges_today(session: Session, ticket_id: int) -> int:
    since = clock.start_of_day(clock.today())
    return int(
        session.execute(
            select(func.count()).where(
                TicketEvent.ticket_id == ticket_id,
                TicketEvent.action == "urge",
                TicketEvent.at >= since,
            )
        ).scalar_one()
    )
