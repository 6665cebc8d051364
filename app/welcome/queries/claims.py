"""Reads around claims: profiles, alarms, disputes, guardians."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock, paging
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.paging import Key, Page
from app.welcome.errors import DisputeNotFound
from app.welcome.models import (
    Admission,
    ClaimAlarm,
    ClaimTry,
    Dispute,
    DisputeStatus,
    Guardian,
    GuardianStatus,
    Profile,
    Season,
)
from app.welcome.queries.admissions import holds_for, within

SETTLE = "welcome.settle_claims"


def profiles(session: Session) -> list[Profile]:
    """The ways of being admitted that may be claimed, in order."""
    return list(session.scalars(select(Profile).where(Profile.is_active).order_by(Profile.position)))


def alarms(session: Session, *, closed: bool, cursor: str | None) -> Page[Any]:
    """Newest first."""
    stmt = select(
        ClaimAlarm.id,
        ClaimAlarm.kind,
        ClaimAlarm.subject,
        ClaimAlarm.tries,
        ClaimAlarm.opened_at,
        ClaimAlarm.last_at,
        ClaimAlarm.closed_at,
        ClaimAlarm.closed_by_id,
    ).where(ClaimAlarm.closed_at.is_not(None) if closed else ClaimAlarm.closed_at.is_(None))
    return paging.page(
        session, stmt, keys=[Key("id", ClaimAlarm.id, descending=True)], cursor=cursor, limit=50
    )


def open_alarms(session: Session) -> int:
    stmt = select(ClaimAlarm.id).where(ClaimAlarm.closed_at.is_(None))
    return paging.count_up_to(session, stmt)


def tries_since(session: Session, since: datetime) -> tuple[int, int, int]:
    """How many tries, how many of them succeeded, how many were refused by a limit."""
    row = session.execute(
        select(
            func.count(),
            func.count().filter(ClaimTry.succeeded),
            func.count().filter(ClaimTry.is_refused),
        ).where(ClaimTry.tried_at > since, ClaimTry.kind != "code")
    ).one()
    return row[0], row[1], row[2]


def last_hour(session: Session) -> tuple[int, int, int]:
    return tries_since(session, clock.now() - timedelta(hours=1))


def disputes(session: Session, by: Caller, *, settled: bool, cursor: str | None) -> Page[Any]:
    """Those whose number leads into the caller's colleges; those that lead nowhere, to whoever may see all."""
    stmt = (
        select(
            Dispute.id,
            Dispute.public_id,
            Dispute.profile,
            Dispute.status,
            Dispute.matches,
            Dispute.created_at,
            Dispute.decided_at,
            Dispute.decided_by_id,
            Admission.person_id.label("admitted_id"),
            Admission.college_id,
        )
        .outerjoin(Admission, Admission.id == Dispute.admission_id)
        .where(_seen_by(by), _is(settled=settled))
    )
    return paging.page(
        session, stmt, keys=[Key("id", Dispute.id, descending=settled)], cursor=cursor, limit=50
    )


def open_disputes(session: Session, by: Caller) -> int:
    stmt = (
        select(Dispute.id)
        .outerjoin(Admission, Admission.id == Dispute.admission_id)
        .where(_seen_by(by), _is(settled=False))
    )
    return paging.count_up_to(session, stmt)


def dispute_for(session: Session, by: Caller, public_id: str) -> tuple[Dispute, Admission | None]:
    """As staff may see it. Raises DisputeNotFound."""
    row = session.execute(
        select(Dispute, Admission)
        .outerjoin(Admission, Admission.id == Dispute.admission_id)
        .where(Dispute.public_id == public_id)
    ).one_or_none()
    scope = by.scope(SETTLE)
    if row is None or not (scope.everything or (row[1] is not None and holds_for(scope, row[1]))):
        raise DisputeNotFound()
    return row[0], row[1]


def disputes_of(session: Session, person_id: int) -> list[AnyRow]:
    """A person's own, newest first; never where they lead."""
    return list(
        session.execute(
            select(
                Dispute.public_id,
                Dispute.status,
                Dispute.created_at,
                Dispute.decided_at,
                Dispute.reason,
            )
            .where(Dispute.person_id == person_id)
            .order_by(Dispute.id.desc())
            .limit(20)
        )
    )


def guardians_of(session: Session, person_id: int) -> list[AnyRow]:
    """Parents who look on at this freshman, or ask to."""
    return list(
        session.execute(
            select(
                Guardian.public_id,
                Guardian.relation,
                Guardian.status,
                Guardian.asked_at,
                Guardian.expires_on,
            )
            .join(Admission, Admission.id == Guardian.admission_id)
            .where(
                Admission.person_id == person_id,
                Guardian.status != GuardianStatus.ENDED,
                Guardian.expires_on >= clock.today(),
            )
            .order_by(Guardian.id)
        )
    )


def looked_after_by(session: Session, person_id: int) -> list[AnyRow]:
    """The freshmen whom this parent may look at, or waits for: (guardian, admission, season)."""
    return list(
        session.execute(
            select(Guardian, Admission, Season)
            .join(Admission, Admission.id == Guardian.admission_id)
            .join(Season, Season.id == Admission.season_id)
            .where(
                Guardian.person_id == person_id,
                Guardian.status != GuardianStatus.ENDED,
                Guardian.expires_on >= clock.today(),
            )
            .order_by(Guardian.id)
        )
    )


def _seen_by(by: Caller) -> ColumnElement[bool]:
    scope = by.scope(SETTLE)
    return or_(within(scope), Dispute.admission_id.is_(None)) if scope.everything else within(scope)


def _is(*, settled: bool) -> ColumnElement[bool]:
    if settled:
        return Dispute.status != DisputeStatus.OPEN
    return Dispute.status == DisputeStatus.OPEN
