"""What a freshman has to pay, and who asked to pay later."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import paging
from app.kit.caller import Caller
from app.kit.paging import Key, Page
from app.welcome.errors import DeferralNotFound, FeeNotFound
from app.welcome.models import Admission, Deferral, DeferralStatus, DueStatus, Fee, FeeDue
from app.welcome.queries import evidence
from app.welcome.queries.admissions import holds_for, within

AID = "welcome.aid"


@dataclass(frozen=True)
class FeeLine:
    """A fee as it stands for one freshman: paid, deferred, unpaid, refunded or linked."""

    fee: Fee
    status: str
    is_due: bool


def fees_of(session: Session, admission: Admission) -> list[FeeLine]:
    """In two statements, whatever the number of fees."""
    is_deferred = deferral_of(session, admission.id, DeferralStatus.GRANTED) is not None
    rows = session.execute(
        select(Fee, FeeDue.status)
        .select_from(Fee)
        .join(Admission, evidence.fee_is_for())
        .outerjoin(FeeDue, (FeeDue.fee_id == Fee.id) & (FeeDue.person_id == Admission.person_id))
        .where(Admission.id == admission.id)
        .order_by(Fee.position, Fee.id)
    ).all()
    return [_line(row.Fee, row.status, is_deferred=is_deferred) for row in rows]


def _line(fee: Fee, status: str | None, *, is_deferred: bool) -> FeeLine:
    if fee.link_url is not None:
        return FeeLine(fee, "linked", False)
    if status == DueStatus.PAID:
        return FeeLine(fee, "paid", False)
    if is_deferred and fee.may_defer:
        return FeeLine(fee, "deferred", True)
    return FeeLine(fee, status or DueStatus.UNPAID, True)


def deferral_of(session: Session, admission_id: int, *statuses: DeferralStatus) -> Deferral | None:
    """The newest one, of these statuses if any are given."""
    stmt = select(Deferral).where(Deferral.admission_id == admission_id)
    if statuses:
        stmt = stmt.where(Deferral.status.in_(statuses))
    return session.scalars(stmt.order_by(Deferral.id.desc()).limit(1)).first()


# --- Desk


def fees_with_counts(session: Session, season_id: int) -> list[Any]:
    """(Fee, paid) of a season, in the order of the phone."""
    paid = (
        select(FeeDue.fee_id, func.count().label("paid"))
        .where(FeeDue.status == DueStatus.PAID)
        .group_by(FeeDue.fee_id)
        .subquery()
    )
    return list(
        session.execute(
            select(Fee, func.coalesce(paid.c.paid, 0).label("paid"))
            .outerjoin(paid, paid.c.fee_id == Fee.id)
            .where(Fee.season_id == season_id)
            .order_by(Fee.position, Fee.id)
        )
    )


def fee(session: Session, season_id: int, key: str) -> Fee:
    """Raises FeeNotFound."""
    found = session.scalar(select(Fee).where(Fee.season_id == season_id, Fee.key == key))
    if found is None:
        raise FeeNotFound()
    return found


def deferrals(session: Session, by: Caller, *, decided: bool, cursor: str | None) -> Page[Any]:
    """Of the colleges of the caller's grant; never what was written."""
    is_open = Deferral.status == DeferralStatus.ASKED
    stmt = (
        select(
            Deferral.id,
            Deferral.public_id,
            Deferral.status,
            Deferral.asked_at,
            Deferral.decided_at,
            Deferral.person_id,
            Admission.college_id,
        )
        .join(Admission, Admission.id == Deferral.admission_id)
        .where(within(by.scope(AID)), ~is_open if decided else is_open)
    )
    keys = [Key("id", Deferral.id, descending=decided)]
    return paging.page(session, stmt, keys=keys, cursor=cursor, limit=50)


def open_deferrals(session: Session, by: Caller) -> int:
    stmt = (
        select(Deferral.id)
        .join(Admission, Admission.id == Deferral.admission_id)
        .where(within(by.scope(AID)), Deferral.status == DeferralStatus.ASKED)
    )
    return paging.count_up_to(session, stmt)


def deferral_for(session: Session, by: Caller, public_id: str) -> tuple[Deferral, Admission]:
    """As the aid office may see it. Raises DeferralNotFound."""
    row = session.execute(
        select(Deferral, Admission)
        .join(Admission, Admission.id == Deferral.admission_id)
        .where(Deferral.public_id == public_id)
    ).one_or_none()
    if row is None or not holds_for(by.scope(AID), row[1]):
        raise DeferralNotFound()
    return row[0], row[1]
