"""Policies: a change ends a row and adds another, so that what was decided by the old one stays explained."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.kit.errors import Forbidden, NotFound
from app.kit.i18n import N_
from app.miniapps.leave.definitions import DEFAULT
from app.miniapps.leave.errors import PolicyWrong
from app.miniapps.leave.models import CountMode, DayCount, LeaveKind, Policy, ScopeKind
from app.platform.audit import service as audit

EDIT = "leave.edit_policies"
LARGEST = Decimal(400)


@dataclass(frozen=True)
class Rules:
    """What a policy says; see models.Policy."""

    title: str
    over_days: Decimal
    up_to_days: Decimal
    kind: LeaveKind | None = None
    unit_id: int | None = None
    count_mode: CountMode = CountMode.SINGLE
    day_count: DayCount = DayCount.NATURAL
    definition: str = DEFAULT
    lead_hours: int = 0
    evidence: str = "none"
    parental_over_days: Decimal | None = None
    parents_told: str = "link"
    parents_when: str = "both"
    blackout: list[dict[str, Any]] = field(default_factory=list)
    exams: str = "warn"
    grace_hours: int = 2
    out_by: str = "clock"
    may_return_self: bool = True
    most_extensions: int = 1


def add_policy(session: Session, *, by: Caller | None, rules: Rules, starts_on: date) -> Policy:
    """A policy in force from a day on. `by` None: an operator at the machine. Raises PolicyWrong, Forbidden."""
    if by is not None and not by.may(EDIT):
        raise Forbidden()
    _check(rules)
    policy = Policy(
        public_id=ids.public_id("lvp"),
        title=rules.title.strip(),
        scope_kind=ScopeKind.UNIT if rules.unit_id else ScopeKind.SCHOOL,
        scope_id=rules.unit_id,
        kind=rules.kind,
        over_days=rules.over_days,
        up_to_days=rules.up_to_days,
        count_mode=rules.count_mode,
        day_count=rules.day_count,
        definition=rules.definition,
        lead_hours=rules.lead_hours,
        evidence=rules.evidence,
        parental_over_days=rules.parental_over_days,
        parents_told=rules.parents_told,
        parents_when=rules.parents_when,
        blackout=rules.blackout,
        exams=rules.exams,
        grace_hours=rules.grace_hours,
        out_by=rules.out_by,
        may_return_self=rules.may_return_self,
        most_extensions=rules.most_extensions,
        starts_on=starts_on,
        made_by_id=by.person_id if by else None,
        made_at=clock.now(),
    )
    session.add(policy)
    session.flush()
    _note(session, by, "add_policy", policy.id)
    return policy


def end_policy(session: Session, *, by: Caller, policy_id: int, on: date) -> None:
    """From this day on it holds no more. Raises NotFound."""
    if not by.may(EDIT):
        raise Forbidden()
    ended = session.execute(
        update(Policy)
        .where(
            Policy.id == policy_id,
            Policy.starts_on < on,
            or_(Policy.ends_on.is_(None), Policy.ends_on > on),
        )
        .values(ends_on=on)
        .returning(Policy.id)
    ).first()
    if ended is None:
        raise NotFound()
    _note(session, by, "end_policy", policy_id)


def change_policy(session: Session, *, by: Caller, policy_id: int, rules: Rules, on: date) -> Policy:
    """The same with other rules, from a day on: the old row ends there."""
    end_policy(session, by=by, policy_id=policy_id, on=on)
    return add_policy(session, by=by, rules=rules, starts_on=on)


def _check(rules: Rules) -> None:
    wrong: dict[str, list[str]] = {}
    if not 1 <= len(rules.title.strip()) <= 60:
        wrong["title"] = [N_("名称要填，最多 60 字。")]
    if not Decimal(0) <= rules.over_days < rules.up_to_days <= LARGEST:
        wrong["up_to_days"] = [N_("天数的范围不对：上限要大于下限，最多 400 天。")]
    if not 0 <= rules.lead_hours <= 24 * 30:
        wrong["lead_hours"] = [N_("提前的小时数在 0 到 720 之间。")]
    if not 0 <= rules.grace_hours <= 72:
        wrong["grace_hours"] = [N_("返校宽限的小时数在 0 到 72 之间。")]
    if len(rules.blackout) > 20 or any(not _is_span(span) for span in rules.blackout):
        wrong["blackout"] = [N_("不批假的日期要有起止和名称，最多 20 段。")]
    if wrong:
        raise PolicyWrong(details=wrong)


def _is_span(span: dict[str, Any]) -> bool:
    try:
        first, last = date.fromisoformat(span["from"]), date.fromisoformat(span["to"])
    except (KeyError, TypeError, ValueError):
        return False
    return first <= last and 0 < len(str(span.get("title", ""))) <= 30


def _note(session: Session, by: Caller | None, action: str, policy_id: int) -> None:
    audit.record(session, by=by, action=f"leave.{action}", object_type="leave.policy", object_id=policy_id)
