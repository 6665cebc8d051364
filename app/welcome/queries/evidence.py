"""The facts that close items of the to-do list: each source is a SELECT of (person_id, evidence). All of them, here.

`quiz_passed`, `arrival_planned`, `paid:<fee key>` (a granted deferral counts), `read:<article key>` and `manual`:
the last two are marks of the item itself.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, Subquery, literal, or_, select, union_all

from app.welcome.models import (
    Admission,
    Arrival,
    ArrivalStatus,
    Deferral,
    DeferralStatus,
    DueStatus,
    Fee,
    FeeDue,
    Item,
    ItemMark,
    QuizAttempt,
)

Source = Callable[[], Select[int, str]]


def passed_quizzes() -> Select[int, str]:
    return select(QuizAttempt.person_id, literal("quiz_passed").label("evidence")).where(
        QuizAttempt.is_passed
    )


def paid_fees() -> Select[int, str]:
    return (
        select(FeeDue.person_id, (literal("paid:") + Fee.key).label("evidence"))
        .join(Fee, Fee.id == FeeDue.fee_id)
        .where(FeeDue.status == DueStatus.PAID)
    )


def deferred_fees() -> Select[int, str]:
    return (
        select(Deferral.person_id, (literal("paid:") + Fee.key).label("evidence"))
        .join(Admission, Admission.id == Deferral.admission_id)
        .join(Fee, (Fee.season_id == Admission.season_id) & Fee.may_defer)
        .where(Deferral.status == DeferralStatus.GRANTED)
    )


def planned_arrivals() -> Select[int, str]:
    return (
        select(Admission.person_id, literal("arrival_planned").label("evidence"))
        .join(Arrival, Arrival.admission_id == Admission.id)
        .where(Arrival.status != ArrivalStatus.CANCELLED)
    )


SOURCES: tuple[Source, ...] = (
    passed_quizzes,
    paid_fees,
    deferred_fees,
    planned_arrivals,
)
KNOWN = ("quiz_passed", "arrival_planned", "manual")
PREFIXES = ("paid:", "read:")


def is_known(evidence: str) -> bool:
    return evidence in KNOWN or any(
        evidence.startswith(prefix) and len(evidence) > len(prefix) for prefix in PREFIXES
    )


def done(*, person_id: int | None = None) -> Subquery:
    """(item_id, person_id) of what is done: of one person, or of all."""
    facts = union_all(*(source() for source in SOURCES)).subquery("facts")
    marks = select(ItemMark.item_id, ItemMark.person_id)
    proved = select(Item.id, facts.c.person_id).join(facts, facts.c.evidence == Item.evidence)
    if person_id is not None:
        marks = marks.where(ItemMark.person_id == person_id)
        proved = proved.where(facts.c.person_id == person_id)
    return marks.union(proved).subquery("done")


def is_for() -> Any:
    """The condition that an item is for an admission."""
    return (Item.season_id == Admission.season_id) & Item.is_active & _meets(Item)


def fee_is_for() -> Any:
    """The condition that a fee is for an admission."""
    return (Fee.season_id == Admission.season_id) & Fee.is_active & _meets(Fee)


def _meets(table: Any) -> Any:
    return (
        or_(table.profiles == [], Admission.profile == table.profiles.any_())
        & or_(table.levels == [], Admission.level == table.levels.any_())
        & or_(table.college_ids == [], Admission.college_id == table.college_ids.any_())
    )
