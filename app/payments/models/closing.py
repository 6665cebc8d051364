"""Times in which nothing is collected, because the books are being closed."""

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class PaymentStop(Base):
    """年终关账: no payment is started from `starts_at` until `ends_at`; what was started before may still arrive."""

    __tablename__ = "payments_stops"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    starts_at: Mapped[clock.datetime]
    ends_at: Mapped[clock.datetime]
    reason: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("ends_at - starts_at <= interval '14 days'", name="length"),
        Index("ix_payments_stops_end", "ends_at"),
    )
