"""Which policy a leave falls under, and what it would ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.leave import days
from app.miniapps.leave.errors import PolicyMissing
from app.miniapps.leave.labels import KIND_LABELS
from app.miniapps.leave.models import (
    ABSENT,
    CountMode,
    DayCount,
    LeaveKind,
    LeaveRequest,
    LeaveStatus,
    Policy,
)
from app.miniapps.leave.queries.students import Student
from app.platform.approvals import service as approvals
from app.platform.approvals.service import Path
from app.platform.directory import queries as directory
from app.platform.operations.queries import work_calendar

GRANTED = (LeaveStatus.APPROVING, LeaveStatus.APPROVED, *ABSENT, LeaveStatus.CLOSED, LeaveStatus.EXTENDED)


@dataclass(frozen=True)
class Measured:
    """A policy, how many days this leave has by it, and how many it counts with earlier ones."""

    policy: Policy
    days: Decimal
    measured: Decimal


def policies_of(session: Session, student: Student, on: date) -> list[Policy]:
    """Those in force on a day for this student, in no order."""
    scope = or_(Policy.scope_kind == "school", Policy.scope_id.in_(student.unit_ids))
    stmt = select(Policy).where(
        scope, Policy.starts_on <= on, or_(Policy.ends_on.is_(None), Policy.ends_on > on)
    )
    return list(session.scalars(stmt))


def find_policy(
    session: Session,
    student: Student,
    *,
    kind: LeaveKind,
    starts_at: datetime,
    ends_at: datetime,
    without: int | None = None,
) -> Measured | None:
    """The policy that governs: of the nearest unit, made for this kind rather than for any. None: there is none.

    A nearer unit's rows hide those further away for the kinds they speak of. `without`: a request that is not
    counted, because this one changes it.
    """
    fitting = [
        one
        for one in policies_of(session, student, clock.local(starts_at).date())
        if one.kind in (None, kind)
    ]
    ranks = {unit: rank for rank, unit in enumerate(student.unit_ids)}
    governed = sorted(
        fitting,
        key=lambda one: (ranks.get(one.scope_id or 0, len(ranks)), one.kind is None, one.over_days),
    )
    if not governed:
        return None
    first = governed[0]
    for one in governed:
        if (one.scope_id, one.kind) != (first.scope_id, first.kind):
            break
        found = _measure(session, student, one, kind, starts_at, ends_at, without)
        if one.over_days < found.measured <= one.up_to_days:
            return found
    return None


def _measure(
    session: Session,
    student: Student,
    policy: Policy,
    kind: LeaveKind,
    starts_at: datetime,
    ends_at: datetime,
    without: int | None,
) -> Measured:
    if policy.day_count == DayCount.TEACHING:
        own = days.working(starts_at, ends_at, work_calendar(session).is_workday)
    else:
        own = days.natural(starts_at, ends_at)
    own = max(own, Decimal("0.5"))  # an evening on a holiday is a leave all the same
    if policy.count_mode == CountMode.SINGLE:
        return Measured(policy, own, own)
    only = kind if policy.count_mode == CountMode.SAME_KIND else None
    earlier = granted_days(session, student.person_id, at=starts_at, kind=only, without=without)
    return Measured(policy, own, own + earlier)


def granted_days(
    session: Session,
    person_id: int,
    *,
    at: datetime,
    kind: LeaveKind | None = None,
    without: int | None = None,
) -> Decimal:
    """Days asked for or granted in the term of that moment; outside of terms, in the half year around it."""
    first, after = term_span(session, clock.local(at).date())
    stmt = select(func.coalesce(func.sum(LeaveRequest.days), 0)).where(
        LeaveRequest.person_id == person_id,
        LeaveRequest.status.in_(GRANTED),
        LeaveRequest.starts_at >= clock.start_of_day(first),
        LeaveRequest.starts_at < clock.start_of_day(after),
    )
    if kind is not None:
        stmt = stmt.where(LeaveRequest.kind == kind)
    if without is not None:
        stmt = stmt.where(LeaveRequest.id != without)
    return Decimal(session.scalar(stmt) or 0)


def term_span(session: Session, day: date) -> tuple[date, date]:
    """First day of the term and the first one after it; without a term a quarter of a year to both sides."""
    term = directory.term_on(session, day)
    if term is not None:
        return term.starts_on, term.ends_on
    return day - clock.timedelta(days=91), day + clock.timedelta(days=91)


def simulate_policy(
    session: Session,
    student: Student,
    *,
    kind: LeaveKind,
    starts_at: datetime,
    ends_at: datetime,
    form: Mapping[str, Any] | None = None,
) -> tuple[Measured, Path] | None:
    """Which policy would govern, and who would see it. None: there is no policy."""
    found = find_policy(session, student, kind=kind, starts_at=starts_at, ends_at=ends_at)
    if found is None:
        return None
    path = approvals.simulate(
        session,
        code=found.policy.definition,
        starter_id=student.person_id,
        form={"days": float(found.measured), "kind": KIND_LABELS[kind], **(form or {})},
    )
    return found, path


def all_policies(session: Session, *, past: bool) -> list[Policy]:
    """In force or still to come, the school's first; `past`: also those that have ended."""
    stmt = select(Policy)
    if not past:
        stmt = stmt.where(or_(Policy.ends_on.is_(None), Policy.ends_on > clock.today()))
    order = (Policy.scope_id.nulls_first(), Policy.kind.nulls_first(), Policy.over_days, Policy.starts_on)
    return list(session.scalars(stmt.order_by(*order, Policy.id)))


def policy_for(session: Session, public_id: str) -> Policy:
    """Raises PolicyMissing."""
    found = session.scalars(select(Policy).where(Policy.public_id == public_id)).one_or_none()
    if found is None:
        raise PolicyMissing()
    return found
