"""Lines of the gates' log. Of who has no leave nothing is kept but a count."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.cells import normal_number
from app.kit.errors import DomainError
from app.miniapps.leave.models import ABSENT, GIVEN_UP, LIVE, Gate, GateLog, LeaveRequest, LeaveStatus
from app.miniapps.leave.service.late_lines import EARLY, LINGERS
from app.miniapps.leave.service.scanning import OLDEST_LOG, check, log_sequence
from app.miniapps.leave.service.verdicts import Shown
from app.platform.audit import queries as audit
from app.platform.directory import queries as directory
from app.platform.directory.queries import PersonBrief
from app.platform.identity import queries as identity
from app.platform.notifications import service as notifications

WRONG_CLOCK = clock.timedelta(minutes=5)
"""So far ahead of ours a gate's clock may be."""
COUNTED = ("unreadable", "unknown", "no leave", "too old", "future", "refused", "closed gate")
ALARMING = ("too old", "future", "refused")
ODD_AT = "odd_at"  # among the counts: when the last alarming one came, in seconds since 1970
MOST_CODES = 20
KNOWN = (*LIVE, LeaveStatus.CLOSED, LeaveStatus.EXTENDED, *GIVEN_UP)


@dataclass(frozen=True)
class Passed:
    """A line of their log; `gate` is what they call it. Without a direction it could not be read."""

    no: int
    gate: str
    number: str
    direction: str
    at: datetime


def take_lines(
    session: Session, log: GateLog, lines: Sequence[Passed], *, is_again: bool = False
) -> Counter[str]:
    """Check everybody who has leave, and count all; counts by word. Lines of gates that are none of ours are left out.

    A line dated ahead of our clock counts as of this moment, one of a closed gate as if it were open: he has passed.
    Read again, nothing is counted twice in the console, nor told.
    """
    gates = {one.code: one for one in session.scalars(select(Gate).where(Gate.code.is_not(None)))}
    ours = [line for line in lines if line.direction and line.gate in gates]
    known = _known(session, ours)
    said: Counter[str] = Counter()
    for line in sorted(lines, key=lambda one: (one.at, one.no)):
        gate = gates.get(line.gate)
        source = "dorm" if gate and gate.is_door else "gate"
        said[_take(session, gate, line, known, source=source)] += 1
    said["future"] += sum(line.at > clock.now() + WRONG_CLOCK for line in ours)
    closed = _through_closed(session, gates, ours)
    said["closed gate"] += len(closed)
    unknown = {line.gate for line in lines if line.direction} - gates.keys()
    log.unknown_codes = sorted({*log.unknown_codes, *unknown} - gates.keys())[:MOST_CODES]
    log.closed_codes = sorted({*log.closed_codes, *closed})[:MOST_CODES]
    if not is_again:
        log.counts = {**log.counts, **{word: log.counts.get(word, 0) + said[word] for word in COUNTED}}
        if odd := sum(said[word] for word in ALARMING):
            log.counts = {**log.counts, ODD_AT: int(clock.now().timestamp())}
            _tell_odd(session, odd)
    return +said


def _through_closed(session: Session, gates: Mapping[str | None, Gate], lines: Sequence[Passed]) -> list[str]:
    """Codes of gates, for each line that passed after its gate was closed: what was before may come in late."""
    shut = {line.gate for line in lines if not gates[line.gate].is_open}
    since = {code: _closed_at(session, gates[code]) for code in shut}
    return [line.gate for line in lines if line.gate in shut and line.at > since[line.gate]]


def _closed_at(session: Session, gate: Gate) -> datetime:
    """As it was recorded; long ago when nothing was."""
    acts = audit.entries_about(session, "leave.gate", gate.id)
    return next((one.at for one in acts if one.action == "leave.close_gate"), clock.now() - OLDEST_LOG)


def take_file(session: Session, gate: Gate, lines: Sequence[Passed], *, source: str) -> Counter[str]:
    """Lines of a file of one gate, whatever it is called there; counts by word. One after the other with the log's."""
    session.get(GateLog, 1, with_for_update=True)
    known = _known(session, lines)
    return Counter(_take(session, gate, line, known, source=source) for line in lines)


@dataclass(frozen=True)
class _Known:
    """Who the lines are of, by number; and when they have leave of which a line may tell, by person. None: still."""

    people: Mapping[str, PersonBrief]
    spans: dict[int, list[tuple[datetime, datetime | None]]]

    def has_leave(self, person: PersonBrief, at: datetime) -> bool:
        spans = self.spans.get(person.id, ())
        return any(start <= at and (until is None or at <= until) for start, until in spans)


def _known(session: Session, lines: Sequence[Passed]) -> _Known:
    """Looked up at once; what leave they have is locked."""
    people = directory.people_by_numbers(session, {line.number[:32] for line in lines})
    _lock_leaves(session, people.values())
    since = min((line.at for line in lines), default=clock.now())
    return _Known(people, _spans(session, people.values(), since=since))


def _lock_leaves(session: Session, people: Collection[PersonBrief]) -> None:
    """By id, as who revokes a list does: lines, which come by time, would lock them crosswise."""
    session.execute(
        select(LeaveRequest.id)
        .where(LeaveRequest.person_id.in_([one.id for one in people]), LeaveRequest.status.in_(LIVE))
        .order_by(LeaveRequest.id)
        .with_for_update()
    ).all()


def _spans(
    session: Session, people: Collection[PersonBrief], *, since: datetime
) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """What was given up tells of him until then, unless he turns out to have gone."""
    until = case(
        (LeaveRequest.status.in_(GIVEN_UP), LeaveRequest.ended_at),
        else_=func.greatest(LeaveRequest.due_at, LeaveRequest.returned_at) + LINGERS,
    )
    begun = func.least(LeaveRequest.starts_at, LeaveRequest.out_at)
    rows = session.execute(
        select(LeaveRequest.person_id, LeaveRequest.status, begun.label("begun"), until.label("until")).where(
            LeaveRequest.person_id.in_([one.id for one in people]),
            LeaveRequest.status.in_(KNOWN),
            or_(LeaveRequest.status.in_(ABSENT), until >= since),
        )
    )
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for row in rows:
        span = (row.begun - EARLY, None if row.status in ABSENT else row.until)
        found.setdefault(row.person_id, []).append(span)
    return found


def _take(session: Session, gate: Gate | None, line: Passed, known: _Known, *, source: str) -> str:
    if not line.direction:
        return "unreadable"
    if gate is None:
        return "unknown gate"
    if line.at < clock.now() - OLDEST_LOG:
        return "too old"
    person = known.people.get(normal_number(line.number[:32]))
    if person is None:
        return "unknown"
    if not known.has_leave(person, min(line.at, clock.now())):
        return "no leave"
    try:
        with session.begin_nested():  # one line that is refused must not hold up the others
            told = check(
                session,
                by=None,
                gate_id=gate.id,
                client=f"log:{gate.public_id}",
                sequence=log_sequence(line.number, line.at, line.direction),
                shown=Shown(line.number[:32], line.direction, line.at, "log", source=source),
                person=person,
            )
    except DomainError:
        return "refused"
    if told["why"] == "out":
        known.spans[person.id].append(
            (line.at, None)
        )  # what was given up may be open again: he is waited for
    return str(told["why"])


def _tell_odd(session: Session, count: int) -> None:
    """The office hears once a day of lines that can't be right: a gate's clock is wrong, or its log is late by weeks."""
    for person_id in identity.people_with(session, "leave.office"):
        notifications.tell(
            session,
            kind="leave.gates_odd",
            person_id=person_id,
            params={"count": count, "since": f"{clock.local(clock.now()):%m-%d %H:%M}"},
            key=f"leave:gates_odd:{clock.today()}",
        )
