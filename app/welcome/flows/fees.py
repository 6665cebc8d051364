"""A paid service fee is delivered by being noted: there is no vendor behind it."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.kit.module import Fulfiller
from app.payments.queries import timeline as orders
from app.payments.service import Outcome, Rules

SETTLE = timedelta(minutes=1)


def prepare(session: Session, order_id: int) -> str:
    return orders.subject_of(session, order_id)


def rules(task: str, clients: Any) -> Rules:
    """Sending twice is sending once."""
    return Rules("A", can_ask=True, settle=SETTLE)


def send(task: str, number: str, clients: Any) -> Outcome:
    return Outcome("applied", vendor_ref=task)


fulfiller = Fulfiller(prepare=prepare, rules=rules, send=send, ask=send)
