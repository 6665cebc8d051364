"""Times in which nothing is collected."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.payments.models import PaymentStop


def stops_ahead(session: Session, now: datetime) -> list[AnyRow]:
    """Running ones and those to come, the next first."""
    return list(
        session.execute(
            select(PaymentStop.__table__)
            .where(PaymentStop.ends_at > now)
            .order_by(PaymentStop.starts_at)
            .limit(20)
        )
    )
