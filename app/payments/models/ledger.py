"""The double-entry ledger, in fen. It only ever grows."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class Kind(StrEnum):
    """Which side of an account is its own: assets and expenses grow by debit, the others by credit."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class LedgerAccount(Base):
    """`code` is a path: channel:wechat:<merchant>, due:<fee item>, delivered:<fee item>, surplus, refunding:…"""

    __tablename__ = "payments_ledger_accounts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]

    __table_args__ = (CheckConstraint("kind IN ('asset','liability','income','expense')", name="kind"),)


class LedgerEntry(Base):
    """One amount from one account to another: a row cannot be out of balance, so nor can the ledger.

    `reference` makes it unique within its kind: posting the same twice fails. A mistake is reversed by an
    entry that names it in `reverses_id`; rows are never changed (a trigger refuses).
    """

    __tablename__ = "payments_ledger_entries"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    reference: Mapped[str]
    debit_id: Mapped[int] = mapped_column(ForeignKey("payments_ledger_accounts.id"))
    credit_id: Mapped[int] = mapped_column(ForeignKey("payments_ledger_accounts.id"))
    fen: Mapped[int]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("payments_orders.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("payments_ledger_entries.id"), unique=True)
    business_on: Mapped[date]
    happened_at: Mapped[clock.datetime]
    posted_at: Mapped[clock.datetime]

    __table_args__ = (
        UniqueConstraint("kind", "reference"),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        Index("ix_payments_ledger_entries_debit", "debit_id", "posted_at", postgresql_include=["fen"]),
        Index("ix_payments_ledger_entries_credit", "credit_id", "posted_at", postgresql_include=["fen"]),
        Index("ix_payments_ledger_entries_day", "business_on", "id"),
    )
