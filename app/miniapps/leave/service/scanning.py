"""Somebody at the gate: may he pass? Every check is written down once, and moves his leave."""

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.miniapps.leave import passes
from app.miniapps.leave.errors import ScanWrong
from app.miniapps.leave.models import ABSENT, ROAMING, LeaveRequest, LeaveStatus, Scan
from app.miniapps.leave.queries.gates import leave_at_gate
from app.miniapps.leave.service import given_up, late_lines
from app.miniapps.leave.service.late_lines import EARLY
from app.miniapps.leave.service.moving import mark_out
from app.miniapps.leave.service.verdicts import DIRECTIONS, GOOD, Shown, Verdict
from app.platform.directory import queries as directory
from app.platform.directory.queries import PersonBrief

LARGEST = 2**53
OLDEST = clock.timedelta(hours=48)  # of a line that waited in a browser without a network
OLDEST_LOG = clock.timedelta(days=30)  # of a line in a log of the school's own gates
OFFLINE_STEPS = 10  # a guard's clock may be five minutes off after it was set right


def check(
    session: Session,
    *,
    by: Caller | None,
    gate_id: int,
    client: str,
    sequence: int,
    shown: Shown,
    device_id: int | None = None,
    person: PersonBrief | None = None,
) -> dict[str, Any]:
    """One check; the same line again is answered as the first time and changes nothing. Raises ScanWrong.

    `by` None: a log of the school's own gates. `person`: who it is, when that is known already.
    """
    if not 8 <= len(client) <= 80 or not 0 < sequence < LARGEST or shown.direction not in DIRECTIONS:
        raise ScanWrong()
    now = clock.now()
    at = _moment_of(shown, now)
    line = {
        "gate_id": gate_id,
        "client": client,
        "sequence": sequence,
        "direction": shown.direction,
        "found_by": shown.found_by,
        "is_offline": shown.at is not None,
        "at": at,
        "received_at": now,
        "by_id": by.person_id if by else None,
        "device_id": device_id,
    }
    scan_id = _write_down(session, line)
    if scan_id is None:
        return _answered(session, by, gate_id, client, sequence, shown)
    person_id, request, verdict = _judge(session, by, shown, at, person)
    values = {
        "person_id": person_id,
        "request_id": request.id if request else None,
        "is_allowed": verdict.is_allowed,
        "answer": asdict(verdict),
    }
    session.execute(update(Scan).where(Scan.id == scan_id).values(**values))
    return asdict(verdict)


def log_sequence(number: str, at: datetime, direction: str) -> int:
    """Of a line in a log: made of its own words, so that the same event, told twice, is one."""
    words = f"{number}|{at.isoformat()}|{direction}".encode()
    return int.from_bytes(hashlib.sha256(words).digest()[:6], "big") % (LARGEST - 1) + 1


def _moment_of(shown: Shown, now: datetime) -> datetime:
    """When he passed. Raises ScanWrong for a line of a log that is too old: it is not moved to a later day."""
    is_log = shown.found_by == "log"
    if is_log and shown.at is not None and shown.at < now - OLDEST_LOG:
        raise ScanWrong()
    return min(max(shown.at or now, now - (OLDEST_LOG if is_log else OLDEST)), now)


def _write_down(session: Session, line: dict[str, Any]) -> int | None:
    """Its id; None when it is known."""
    return session.scalar(
        insert(Scan)
        .values(**line, is_allowed=False, answer={})
        .on_conflict_do_nothing(index_elements=["client", "sequence"])
        .returning(Scan.id)
    )


def _answered(
    session: Session, by: Caller | None, gate_id: int, client: str, sequence: int, shown: Shown
) -> dict[str, Any]:
    """What this line was told before. Raises ScanWrong when the number stands for somebody else's."""
    row = session.execute(
        select(Scan.answer, Scan.gate_id, Scan.direction, Scan.by_id).where(
            Scan.client == client, Scan.sequence == sequence
        )
    ).one()
    if (row.gate_id, row.direction, row.by_id) != (gate_id, shown.direction, by.person_id if by else None):
        raise ScanWrong()
    return dict(row.answer)


def _judge(
    session: Session, by: Caller | None, shown: Shown, at: datetime, person: PersonBrief | None
) -> tuple[int | None, LeaveRequest | None, Verdict]:
    person_id, pass_id, problem = (person.id, None, "") if person else _who(session, shown, at)
    if person_id is None:
        return None, None, Verdict(is_allowed=False, why=problem)
    name = directory.mask_name((person or directory.person(session, person_id)).name)
    if problem:
        return person_id, None, Verdict(is_allowed=False, why=problem, name=name)
    # Who comes in is back whichever of his leaves the pass is of: it may have been extended.
    pass_id = pass_id if shown.direction == "out" else None
    request, why = _move(session, by, person_id, pass_id, shown, at)
    until = clock.local(request.due_at).strftime("%m-%d %H:%M") if request and why in ("out", "again") else ""
    return person_id, request, Verdict(is_allowed=why in GOOD, why=why, name=name, until=until)


def _who(session: Session, shown: Shown, at: datetime) -> tuple[int | None, str | None, str]:
    """(person, pass, what is wrong): by the pass, or by the student's number."""
    if shown.found_by != "code":
        person = directory.find_person_by_number(session, shown.text[:32])
        return (person.id, None, "") if person else (None, None, "unknown")
    found = passes.read(shown.text)
    if found is None:
        return None, None, "not_a_pass"
    pass_id, code = found
    owner = session.scalar(select(LeaveRequest.person_id).where(LeaveRequest.pass_id == pass_id))
    if owner is None:
        return None, None, "not_a_pass"
    steps = OFFLINE_STEPS if shown.at else 1
    return owner, pass_id, "" if passes.is_fresh(pass_id, code, at, steps=steps) else "stale"


def _move(
    session: Session, by: Caller | None, person_id: int, pass_id: str | None, shown: Shown, at: datetime
) -> tuple[LeaveRequest | None, str]:
    """The leave it is of, and what this does to it, as a word of WHY. Rows are locked: gates go one after the other."""
    live = leave_at_gate(session, person_id, at=at, pass_id=pass_id, source=shown.source)
    if shown.source == "dorm" and shown.direction == "out":
        return live, "door"
    if (over := _over(session, person_id, pass_id, live, shown, at)) is not None:
        return over, _pass(session, by, over, shown, at)
    if shown.direction == "out" and (gone := _gone(session, person_id, pass_id, live, shown, at)):
        given_up.reopen(session, gone, source=shown.source, at=at)
        why = _pass(session, by, gone, shown, at)
        return gone, "out" if why == "again" else why
    if live is None:
        return None, "no_leave" if shown.direction == "out" else "not_away"
    if _roams(live, at):
        return live, "roaming"
    if shown.direction == "out" and live.status not in ABSENT:
        return live, _go_out(session, by, live, shown.source, at)
    if live.status not in ABSENT:
        return live, "not_away"
    if shown.direction == "out" and at > live.due_at:
        return live, "over"  # who is late is not let out again
    return live, _pass(session, by, live, shown, at)


def _over(
    session: Session,
    person_id: int,
    pass_id: str | None,
    live: LeaveRequest | None,
    shown: Shown,
    at: datetime,
) -> LeaveRequest | None:
    """The leave this is of though he has come back from it: a line that waited, or a way in."""
    ended = late_lines.ended_leaves(
        person_id, at=at, direction=shown.direction, pass_id=pass_id, source=shown.source
    )
    if shown.at is not None and (found := late_lines.came_back_after(session, ended, at)):
        return found
    counts = live is not None and (live.status in ABSENT or live.starts_at - EARLY <= at)
    if counts or (shown.at is None and shown.direction == "out"):
        return None
    return late_lines.came_back_before(session, ended, at)


def _gone(
    session: Session,
    person_id: int,
    pass_id: str | None,
    live: LeaveRequest | None,
    shown: Shown,
    at: datetime,
) -> LeaveRequest | None:
    """The leave he went with though it was given up before the line of it came in."""
    if shown.at is None or (live is not None and (live.status in ABSENT or live.starts_at - EARLY <= at)):
        return None
    return given_up.gone_with(session, person_id, at=at, pass_id=pass_id)


def _pass(session: Session, by: Caller | None, request: LeaveRequest, shown: Shown, at: datetime) -> str:
    way = late_lines.way_in if shown.direction == "in" else late_lines.way_out
    return way(session, by, request, source=shown.source, at=at)


def _roams(request: LeaveRequest, at: datetime) -> bool:
    is_now = request.status in (LeaveStatus.APPROVED, *ABSENT)
    return is_now and request.kind in ROAMING and request.starts_at - EARLY <= at <= request.due_at


def _go_out(session: Session, by: Caller | None, request: LeaveRequest, source: str, at: datetime) -> str:
    if request.status in (LeaveStatus.APPROVING, LeaveStatus.CHANGING):
        return "undecided"
    if at < request.starts_at - EARLY:
        return "early"
    if at > request.ends_at:
        return "over"
    mark_out(session, by=by, request_id=request.id, source=source, at=at)
    why = late_lines.way_out(session, by, request, source=source, at=at)
    return "out" if why == "again" else why
