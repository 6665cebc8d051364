"""Lists of students who get public leave: what would become of each, and the lists that were made."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.cells import normal_number
from app.kit.i18n import N_
from app.kit.lists import digest_of
from app.kit.paging import Key, Page, page
from app.miniapps.leave.errors import BatchMissing
from app.miniapps.leave.models import LIVE, Batch, LeaveKind, LeaveRequest
from app.miniapps.leave.queries.checks import exams_between
from app.miniapps.leave.queries.policies import Measured, find_policy
from app.miniapps.leave.queries.students import Student, find_students
from app.miniapps.leave.queries.units import units_of
from app.platform.directory import queries as directory
from app.platform.directory.queries import PersonBrief

PUBLIC = "leave.public"
UNKNOWN = N_("没有这个学号，或不是您范围内的在校学生")
REPEATED = N_("和前面的重复")
OVERLAPS = N_("这段时间已有请假")
NO_POLICY = N_("没有适用的公假办法，请先在“请假办法”里设置")


@dataclass(frozen=True)
class Entry:
    """A line of the list. With a `problem` it is left out; `exams` only warn."""

    number: str
    problem: str = ""
    person: PersonBrief | None = None
    student: Student | None = None
    found: Measured | None = None
    exams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A list looked at: those with problems first."""

    entries: list[Entry]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        parts = (f"{one.number} {one.person.id if one.person else 0}" for one in self.given)
        object.__setattr__(self, "digest", digest_of(parts))

    @property
    def given(self) -> list[Entry]:
        return [one for one in self.entries if not one.problem]

    @property
    def problems(self) -> list[Entry]:
        return [one for one in self.entries if one.problem]


def check_list(
    session: Session, caller: Caller, numbers: Sequence[str], *, starts_at: datetime, ends_at: datetime
) -> Checked:
    """What would become of each number. Who is outside of the caller's units is as one that does not exist."""
    known = directory.people_by_numbers(session, numbers)
    students = find_students(session, [one.id for one in known.values()])
    mine = units_of(session, caller, PUBLIC)
    busy = _busy(session, students, starts_at, ends_at)
    exams: dict[int | None, tuple[str, ...]] = {}
    entries, met = [], set()
    for number in map(normal_number, numbers):
        person = known.get(number)
        student = students.get(person.id) if person else None
        if student is None or not (mine is None or mine & set(student.unit_ids)):
            entries.append(Entry(number, UNKNOWN))
            continue
        found = find_policy(session, student, kind=LeaveKind.PUBLIC, starts_at=starts_at, ends_at=ends_at)
        problem = REPEATED if student.person_id in met else OVERLAPS if student.person_id in busy else ""
        met.add(student.person_id)
        if student.class_id not in exams:
            hit = exams_between(session, student, starts_at, ends_at)
            exams[student.class_id] = tuple(one.course for one in hit)
        problem = problem or ("" if found else NO_POLICY)
        entries.append(Entry(number, problem, person, student, found, exams[student.class_id]))
    return Checked(sorted(entries, key=lambda one: not one.problem))


def _busy(session: Session, person_ids: Collection[int], starts_at: datetime, ends_at: datetime) -> set[int]:
    """Who has leave in that time already."""
    return set(
        session.scalars(
            select(LeaveRequest.person_id).where(
                LeaveRequest.person_id.in_(person_ids),
                LeaveRequest.status.in_(LIVE),
                LeaveRequest.starts_at < ends_at,
                LeaveRequest.ends_at > starts_at,
            )
        )
    )


def _visible(caller: Caller) -> ColumnElement[bool]:
    """One's own lists; all of them for who may everywhere."""
    return true() if caller.scope(PUBLIC).everything else Batch.made_by_id == caller.person_id


def batches_for(session: Session, caller: Caller, *, cursor: str | None, limit: int = 30) -> Page[Any]:
    stmt = select(
        Batch.id,
        Batch.public_id,
        Batch.title,
        Batch.starts_at,
        Batch.ends_at,
        Batch.made_by_id,
        Batch.made_at,
        Batch.revoked_at,
    ).where(_visible(caller))
    return page(session, stmt, keys=[Key("id", Batch.id, descending=True)], cursor=cursor, limit=limit)


def batch_for(session: Session, caller: Caller, public_id: str, *, lock: bool = False) -> Batch:
    """One list. Raises BatchMissing."""
    stmt = select(Batch).where(Batch.public_id == public_id, _visible(caller))
    found = session.scalars(stmt.with_for_update() if lock else stmt).one_or_none()
    if found is None:
        raise BatchMissing()
    return found


def leaves_in(session: Session, batch_id: int) -> list[LeaveRequest]:
    """Its leaves, by class: some hundred at most."""
    return list(
        session.scalars(
            select(LeaveRequest)
            .where(LeaveRequest.batch_id == batch_id)
            .order_by(LeaveRequest.class_id, LeaveRequest.id)
        )
    )
