"""What the to-do list, fees and the green channel do later."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.payments.events import PaymentSucceeded, RefundSucceeded
from app.platform.identity import queries as identity
from app.platform.notifications import service as notifications
from app.welcome.events import DeferralAsked, DeferralSettled
from app.welcome.models import DEFERRAL_LABELS, Admission, Deferral, DeferralStatus
from app.welcome.queries import items
from app.welcome.service import fees

BATCH = 500
KEY = "welcome"
AID = "welcome.aid"


def is_ours(event: Any) -> bool:
    return bool(event.service_key == KEY)


def on_payment_succeeded(session: Session, event: PaymentSucceeded) -> None:
    fees.note_paid(session, public_id=event.subject, order_id=event.order_id)


def on_refund_succeeded(session: Session, event: RefundSucceeded) -> None:
    fees.note_refunded(session, order_id=event.order_id)


def on_deferral_asked(session: Session, event: DeferralAsked) -> None:
    college = session.scalar(
        select(Admission.college_id)
        .join(Deferral, Deferral.admission_id == Admission.id)
        .where(Deferral.id == event.deferral_id)
    )
    if college is None:
        return
    for person_id in identity.people_with(session, AID, unit_id=college):
        notifications.tell(
            session,
            kind="welcome.deferral_asked",
            person_id=person_id,
            params={"time": _now()},
            key=f"welcome:deferral:{event.deferral_id}",
        )


def on_deferral_settled(session: Session, event: DeferralSettled) -> None:
    row = session.execute(
        select(Deferral.person_id, Deferral.status).where(Deferral.id == event.deferral_id)
    ).one_or_none()
    if row is not None:
        notifications.tell(
            session,
            kind="welcome.deferral_decided",
            person_id=row.person_id,
            params={"time": _now(), "result": DEFERRAL_LABELS[DeferralStatus(row.status)]},
            key=f"welcome:deferral:{event.deferral_id}:{row.status}",
        )


def remind(*, clients: Any) -> None:
    """By the clock, once a day: one digest for each freshman who has something to finish. May be run again."""
    after, day = 0, clock.today()
    while True:
        with unit_of_work() as session:
            rows = items.to_remind(session, after_id=after, limit=BATCH)
            for row in rows:
                _remind(session, row, day.isoformat())
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _remind(session: Session, row: Any, day: str) -> None:
    notifications.tell(
        session,
        kind="welcome.to_do",
        person_id=row.person_id,
        params={"count": row.open, "until": row.until.isoformat(), "time": _now()},
        key=f"welcome:to_do:{day}",
    )


def _now() -> str:
    return f"{clock.local(clock.now()):%Y年%-m月%-d日 %H:%M}"
