"""Lines that waited in a device or a log come in after later ones: a leave stands as the times of all of them say.

In whatever order they come in, the times come out the same. A leave that is over is not opened again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.miniapps.leave.models import ABSENT, ROAMING, Gate, LeaveRequest, LeaveStatus, LogLine, Scan
from app.miniapps.leave.service.log import note
from app.miniapps.leave.service.moving import mark_returned

EARLY = clock.timedelta(minutes=10)  # before the leave begins
LINGERS = clock.timedelta(days=1)
"""So long after a leave a way in may still tell when he was back from it."""
BY_HAND = ("self", "counsellor", "dorm")
MOVES = {LeaveStatus.OUT: "out", LeaveStatus.CLOSED: "in"}


@dataclass(frozen=True)
class Passage:
    """He was seen, or somebody said that he went or came. `source` as of `mark_out`."""

    direction: str
    at: datetime
    source: str


@dataclass(frozen=True)
class Times:
    """`out`: when he first went; None: nobody saw it. `back`: when he came after he last went; None: he is away."""

    out: Passage | None
    back: Passage | None


def times_of(passages: Iterable[Passage], *, out_at: datetime | None, is_over: bool) -> Times:
    """What all that is known makes of a leave. `out_at` counts while nobody saw him go.

    Who comes in before he goes comes back from something else. A way out by hand says when he had gone at the latest:
    it is no second one after what a gate saw. Of a leave that `is_over`, a last way out that no way in follows belongs
    to nothing.
    """
    ways = sorted(passages, key=lambda one: (one.at, one.direction == "in"))
    seen = min((one.at for one in ways if one.direction == "out" and one.source not in BY_HAND), default=None)
    ways = [one for one in ways if not (_is_said(one) and seen is not None and seen <= one.at)]
    if is_over and (came := [place for place, one in enumerate(ways) if one.direction == "in"]):
        ways = ways[: came[-1] + 1]
    out = next((one for one in ways if one.direction == "out"), None)
    began = out.at if out else out_at
    ways = [one for one in ways if began is None or one.at >= began]
    back = None
    for one in reversed(ways):
        if one.direction == "out":
            break
        back = one
    return Times(out, back)


def _is_said(one: Passage) -> bool:
    return one.direction == "out" and one.source in BY_HAND


def way_out(session: Session, by: Caller | None, request: LeaveRequest, *, source: str, at: datetime) -> str:
    """He went out on this leave, which may have ended since. A word of WHY."""
    _settle(session, by, request, Passage("out", at, source))
    if request.status in ABSENT:
        return "again"
    return "back" if request.returned_at is not None and at <= request.returned_at else "no_leave"


def way_in(session: Session, by: Caller | None, request: LeaveRequest, *, source: str, at: datetime) -> str:
    """He came in from this leave, which may have ended before. A word of WHY."""
    was_away = request.status in ABSENT
    _settle(session, by, request, Passage("in", at, source))
    if at < (request.out_at or request.starts_at):
        return "not_away"
    if request.returned_at is None or at < request.returned_at:
        return "went_again"
    if at > request.returned_at and not was_away:
        return "not_away"
    return "late" if request.returned_at > request.due_at else "in"


def ended_leaves(
    person_id: int, *, at: datetime, direction: str, pass_id: str | None, source: str
) -> Select[LeaveRequest]:
    """Of which a line may be. A way out counts while the leave lasted, a way in a day longer than it was waited for.

    A leave that extends another goes on from where that began.
    """
    extended = select(LeaveRequest.id).where(
        LeaveRequest.person_id == person_id,
        LeaveRequest.status == LeaveStatus.EXTENDED,
        LeaveRequest.starts_at <= at + EARLY,
    )
    stmt = select(LeaveRequest).where(
        LeaveRequest.person_id == person_id,
        LeaveRequest.status == LeaveStatus.CLOSED,
        LeaveRequest.leaves_dorm if source == "dorm" else LeaveRequest.leaves_campus,
        LeaveRequest.kind.not_in(ROAMING),
        or_(
            LeaveRequest.starts_at <= at + EARLY,
            LeaveRequest.out_at <= at + EARLY,
            LeaveRequest.parent_id.in_(extended),
        ),
    )
    if direction == "out":
        stmt = stmt.where(LeaveRequest.ends_at >= at)
    else:
        stmt = stmt.where(func.greatest(LeaveRequest.due_at, LeaveRequest.returned_at) >= at - LINGERS)
    return stmt if pass_id is None else stmt.where(LeaveRequest.pass_id == pass_id)


def came_back_after(session: Session, ended: Select[LeaveRequest], at: datetime) -> LeaveRequest | None:
    """The leave he was on at that moment, locked."""
    stmt = ended.where(LeaveRequest.returned_at > at)
    return _first(session, stmt.order_by(LeaveRequest.returned_at, LeaveRequest.id))


def came_back_before(session: Session, ended: Select[LeaveRequest], at: datetime) -> LeaveRequest | None:
    """The leave that would have counted had he not come back from it already, locked."""
    stmt = ended.where(LeaveRequest.returned_at <= at)
    return _first(session, stmt.order_by(LeaveRequest.starts_at.desc(), LeaveRequest.id.desc()))


def _first(session: Session, stmt: Select[LeaveRequest]) -> LeaveRequest | None:
    locked = stmt.limit(1).with_for_update()
    return session.scalars(locked, execution_options={"populate_existing": True}).first()


def _settle(session: Session, by: Caller | None, request: LeaveRequest, new: Passage) -> None:
    """The leave as all that is known of it says, with what comes in now."""
    is_over = request.status not in ABSENT
    times = times_of(_known(session, request, new), out_at=request.out_at, is_over=is_over)
    fits = times.back is not None or not is_over or _is_before(times.out, request.returned_at)
    _set(session, by, request, times.out if fits else None, times.back if is_over else None)
    if times.back is not None and not is_over:
        mark_returned(session, by=by, request_id=request.id, source=times.back.source, at=times.back.at)
        session.refresh(request)


def _is_before(passage: Passage | None, moment: datetime | None) -> bool:
    return passage is not None and moment is not None and passage.at <= moment


def _known(session: Session, request: LeaveRequest, new: Passage) -> list[Passage]:
    """Who saw him go and come on this leave and those it extends, at the gates or by hand.

    Also ways out, told of later, that were not good only because he had come back before.
    """
    chain, begun = _chain(session, request)
    is_ours = Scan.request_id.in_(chain)
    rows = session.execute(
        select(Scan.direction, Scan.at, Gate.is_door)
        .join(Gate, Gate.id == Scan.gate_id)
        .where(
            Scan.person_id == request.person_id,
            Scan.at >= begun - EARLY,
            or_(Scan.direction == "in", Scan.at <= request.due_at),
            or_(Scan.request_id.is_(None) & _counts_for(request), is_ours),
            or_(Scan.is_allowed, _was_over() & is_ours),
        )
    )
    seen = [Passage(row.direction, row.at, "dorm" if row.is_door else "gate") for row in rows]
    lines = session.execute(
        select(LogLine.kind, LogLine.at, LogLine.source).where(
            LogLine.request_id.in_(chain),
            LogLine.kind.in_(MOVES),
            LogLine.source.in_(BY_HAND),
            LogLine.actor_id.is_not(None),
        )
    )
    by_hand = [Passage(MOVES[LeaveStatus(row.kind)], row.at, row.source) for row in lines]
    return seen + by_hand + ([new] if new.at >= begun - EARLY else [])


def _counts_for(request: LeaveRequest) -> ColumnElement[bool]:
    """Gates at which this leave counts, as of `leave_at_gate`: who does not sleep here may come and go at the others."""
    at_doors, at_gates = request.leaves_dorm, request.leaves_campus
    if request.kind in ROAMING:
        at_doors = at_gates = True
    return case((Gate.is_door, at_doors), else_=at_gates)


def _was_over() -> ColumnElement[bool]:
    return Scan.is_offline & (Scan.answer["why"].astext == "no_leave")


def _chain(session: Session, request: LeaveRequest) -> tuple[list[int], datetime]:
    """This leave and those it extends; when the first of them begins, or he went before that."""
    ids, begun, parent_id = [request.id], request.starts_at, request.parent_id
    while parent_id is not None:
        parent = session.get_one(LeaveRequest, parent_id)
        ids, begun, parent_id = [*ids, parent.id], parent.starts_at, parent.parent_id
    return ids, min(begun, request.out_at or begun)


def _set(
    session: Session, by: Caller | None, request: LeaveRequest, out: Passage | None, back: Passage | None
) -> None:
    """What was and what is now stands in the leave's history."""
    changed = {}
    for one, time, source in ((out, "out_at", "out_source"), (back, "returned_at", "return_source")):
        was = getattr(request, time)
        if one is not None and was != one.at:
            setattr(request, time, one.at)
            setattr(request, source, one.source)
            changed[time] = [was.isoformat() if was else None, one.at.isoformat()]
    if changed:
        session.flush()
        seen = back if back and "returned_at" in changed else out
        note(session, request.id, "reordered", by=by, source=seen.source if seen else None, **changed)
