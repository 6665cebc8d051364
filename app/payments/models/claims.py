"""What departments say of the money: 来款认领 of bank receipts, and the monthly confirmation."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class Claim(Base):
    """A sum that the bank received, claimed for a fee item by one person and agreed to by another."""

    __tablename__ = "payments_claims"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("payments_bill_lines.id"))
    fee_item_id: Mapped[int] = mapped_column(ForeignKey("payments_fee_items.id"))
    fen: Mapped[int]
    note: Mapped[str]
    status: Mapped[str]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("payments_ledger_entries.id"), unique=True)
    claimed_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    claimed_at: Mapped[clock.datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    decided_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("status IN ('waiting','agreed','rejected')", name="status"),
        CheckConstraint("(status = 'agreed') = (entry_id IS NOT NULL)", name="agreed_is_posted"),
        CheckConstraint("(status = 'waiting') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("decided_by_id <> claimed_by_id", name="second_person"),
        Index("uq_payments_claims_line", "line_id", unique=True, postgresql_where="status <> 'rejected'"),
    )


class Confirmation(Base):
    """A department's yes to its month, with the figures it said yes to."""

    __tablename__ = "payments_confirmations"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    month: Mapped[date]
    unit_id: Mapped[int] = mapped_column(ForeignKey("directory_org_units.id"))
    figures: Mapped[list[Any]] = mapped_column(JSONB)
    confirmed_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    confirmed_at: Mapped[clock.datetime]

    __table_args__ = (UniqueConstraint("month", "unit_id"),)
