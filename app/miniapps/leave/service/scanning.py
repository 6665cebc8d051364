"""Somebody at the gate: may he pass? Every check is written down once, and moves his leave."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.miniapps.leave import passes
from app.miniapps.leave.errors import ScanWrong
from app.miniapps.leave.models import ABSENT, ROAMING, LeaveRequest, LeaveStatus, Scan
from app.miniapps.leave.queries.gates import leave_at_gate
from app.miniapps.leave.service import late_lines
from app.miniapps.leave.service.late_lines import EARLY
from app.miniapps.leave.service.moving import mark_out, mark_returned
from app.platform.directory import queries as directory

DIRECTIONS = ("out", "in")
LARGEST = 2**53
OLDEST = clock.timedelta(hours=48)  # of a line that waited in a browser without a network
OLDEST_LOG = clock.timedelta(days=30)  # of a line in a log of the school's own gates
OFFLINE_STEPS = 10  # a guard's clock may be five minutes off after it was set right

WHY = {
    "out": N_("可以出校"),
    "again": N_("可以出校，已登记过外出"),
    "in": N_("可以进校，已销假"),
    "late": N_("可以进校，晚于应返时间，已销假"),
    "back": N_("可以出校，之后已返校销假"),
    "went_again": N_("可以进校，之后又出校"),
    "roaming": N_("可以进出"),
    "not_away": N_("可以进校，没有外出记录"),
    "early": N_("还没到请假开始时间"),
    "over": N_("请假时间已过"),
    "undecided": N_("请假还在审批"),
    "no_leave": N_("没有可用的离校请假"),
    "stale": N_("码已过期，请本人打开手机现场出示，或输入学号"),
    "not_a_pass": N_("这不是外出码，请扫学生手机上的外出码，或输入学号"),
    "unknown": N_("没有找到这个学号"),
    "door": N_("宿舍门只看返回"),
}
GOOD = ("out", "again", "in", "late", "back", "went_again", "roaming", "not_away")


@dataclass(frozen=True)
class Shown:
    """What a guard saw: `text` is scanned or typed. `at` None: now; else when, by a clock that was set right.

    `source`: gate, or dorm for the door of a dormitory.
    """

    text: str
    direction: str
    at: datetime | None = None
    found_by: str = "code"
    source: str = "gate"


@dataclass(frozen=True)
class Verdict:
    """What the guard is told. `name` is masked; `until`: when he must be back."""

    is_allowed: bool
    why: str
    name: str = ""
    until: str = ""


def check(
    session: Session,
    *,
    by: Caller | None,
    gate_id: int,
    client: str,
    sequence: int,
    shown: Shown,
    device_id: int | None = None,
) -> dict[str, Any]:
    """One check; the same line again is answered as the first time and changes nothing. Raises ScanWrong.

    `by` None: a log of the school's own gates.
    """
    if not 8 <= len(client) <= 80 or not 0 < sequence < LARGEST or shown.direction not in DIRECTIONS:
        raise ScanWrong()
    now = clock.now()
    if shown.found_by == "log" and shown.at is not None and shown.at < now - OLDEST_LOG:
        raise ScanWrong()
    oldest = OLDEST_LOG if shown.found_by == "log" else OLDEST
    at = min(max(shown.at or now, now - oldest), now)
    scan_id = session.scalar(
        insert(Scan)
        .values(
            gate_id=gate_id,
            client=client,
            sequence=sequence,
            direction=shown.direction,
            found_by=shown.found_by,
            is_allowed=False,
            is_offline=shown.at is not None,
            answer={},
            at=at,
            received_at=now,
            by_id=by.person_id if by else None,
            device_id=device_id,
        )
        .on_conflict_do_nothing(index_elements=["client", "sequence"])
        .returning(Scan.id)
    )
    if scan_id is None:
        return _answered(session, by, gate_id, client, sequence, shown)
    person_id, request, verdict = _judge(session, by, shown, at)
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
    session: Session, by: Caller | None, shown: Shown, at: datetime
) -> tuple[int | None, LeaveRequest | None, Verdict]:
    person_id, pass_id, problem = _who(session, shown, at)
    if person_id is None:
        return None, None, Verdict(is_allowed=False, why=problem)
    name = directory.mask_name(directory.person(session, person_id).name)
    if problem:
        return person_id, None, Verdict(is_allowed=False, why=problem, name=name)
    # Who comes in is back whichever of his leaves the pass is of: it may have been extended.
    pass_id = pass_id if shown.direction == "out" else None
    request = leave_at_gate(session, person_id, at=at, pass_id=pass_id, source=shown.source)
    ended = _ended(session, person_id, pass_id, shown, at)
    why = _order(session, by, ended, shown, at) if ended else _move(session, by, request, shown, at)
    request = ended or request
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


def _ended(
    session: Session, person_id: int, pass_id: str | None, shown: Shown, at: datetime
) -> LeaveRequest | None:
    """Of a line that waited: the leave he has come back from meanwhile."""
    if shown.at is None or (shown.source == "dorm" and shown.direction == "out"):
        return None
    return late_lines.ended_leave_at(session, person_id, at=at, pass_id=pass_id, source=shown.source)


def _order(session: Session, by: Caller | None, ended: LeaveRequest, shown: Shown, at: datetime) -> str:
    order = late_lines.came_before if shown.direction == "in" else late_lines.went_before
    return order(session, by, ended, source=shown.source, at=at)


def _move(
    session: Session, by: Caller | None, request: LeaveRequest | None, shown: Shown, at: datetime
) -> str:
    """What this does to his leave, as a word of WHY. The row is locked: two gates go one after the other."""
    if shown.source == "dorm" and shown.direction == "out":
        return "door"
    if request is None:
        return "no_leave" if shown.direction == "out" else "not_away"
    if _roams(request, at):
        return "roaming"
    move = _come_in if shown.direction == "in" else _go_out
    return move(session, by, request, shown.source, at)


def _roams(request: LeaveRequest, at: datetime) -> bool:
    is_now = request.status in (LeaveStatus.APPROVED, *ABSENT)
    return is_now and request.kind in ROAMING and request.starts_at - EARLY <= at <= request.due_at


def _come_in(session: Session, by: Caller | None, request: LeaveRequest, source: str, at: datetime) -> str:
    """Who came in before he went out came back from something else."""
    if request.status not in ABSENT or at < (request.out_at or request.starts_at):
        return "not_away"
    if late_lines.is_out_again(session, request, at=at):
        return "went_again"
    mark_returned(session, by=by, request_id=request.id, source=source, at=at)
    return "late" if at > request.due_at else "in"


def _go_out(session: Session, by: Caller | None, request: LeaveRequest, source: str, at: datetime) -> str:
    if request.status in ABSENT:
        why = _went(session, request, source, at)
        return "back" if why == "again" and late_lines.is_back(session, by, request, at=at) else why
    if request.status in (LeaveStatus.APPROVING, LeaveStatus.CHANGING):
        return "undecided"
    if at < request.starts_at - EARLY:
        return "early"
    if at > request.ends_at:
        return "over"
    mark_out(session, by=by, request_id=request.id, source=source, at=at)
    return "back" if late_lines.is_back(session, by, request, at=at) else "out"


def _went(session: Session, request: LeaveRequest, source: str, at: datetime) -> str:
    """Whom the clock had counted as away was seen going: that is better known. Who is late is not let out again."""
    if at > request.due_at:
        return "over"
    if at >= request.starts_at - EARLY:
        session.execute(
            update(LeaveRequest)
            .where(LeaveRequest.id == request.id, LeaveRequest.out_source == "clock")
            .values(out_at=at, out_source=source)
        )
    return "again"
