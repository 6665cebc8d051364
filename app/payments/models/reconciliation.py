"""Days, the runs that compare them, what agrees and what does not."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class DifferenceKind(StrEnum):
    SURPLUS = "surplus"
    SHORTAGE = "shortage"
    AMOUNT = "amount"
    STATUS = "status"
    CUTOFF = "cutoff"
    DOUBLE = "double"
    FEE = "fee"
    REFUND = "refund"
    SETTLEMENT = "settlement"
    FULFILMENT = "fulfilment"


DIFFERENCE_NAMES = {
    DifferenceKind.SURPLUS: N_("长款"),
    DifferenceKind.SHORTAGE: N_("短款"),
    DifferenceKind.AMOUNT: N_("金额不符"),
    DifferenceKind.STATUS: N_("状态不符"),
    DifferenceKind.CUTOFF: N_("日切"),
    DifferenceKind.DOUBLE: N_("重复支付"),
    DifferenceKind.FEE: N_("手续费"),
    DifferenceKind.REFUND: N_("退款异常"),
    DifferenceKind.SETTLEMENT: N_("结算差异"),
    DifferenceKind.FULFILMENT: N_("履约差异"),
}


class DifferenceStatus(StrEnum):
    """`waiting`: heals by itself until `heal_by`. `proposed`: for the second person. `suspended`: 挂账, has an owner.

    Only `healed` and `settled` are the end.
    """

    OPEN = "open"
    WAITING = "waiting"
    PROPOSED = "proposed"
    SUSPENDED = "suspended"
    HEALED = "healed"
    SETTLED = "settled"


class Action(StrEnum):
    ACCEPT = "accept"
    REFUND = "refund"
    SUSPEND = "suspend"
    REVERSE = "reverse"
    ADJUST = "adjust"
    CLEAR = "clear"


ACTION_NAMES = {
    Action.ACCEPT: N_("补单"),
    Action.REFUND: N_("退款"),
    Action.SUSPEND: N_("挂账"),
    Action.REVERSE: N_("冲正"),
    Action.ADJUST: N_("调账"),
    Action.CLEAR: N_("平账"),
}


class Day(Base):
    """A business day of Shanghai. A run locks its row; closed, it takes late news only as entries of a later day.

    `certificate` holds the figures of the 日结单 as they were signed.
    """

    __tablename__ = "payments_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="open")
    last_run_id: Mapped[int | None]
    closed_at: Mapped[clock.datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    certificate: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    __table_args__ = (
        CheckConstraint("status IN ('open','closed')", name="status"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("(status = 'closed') = (certificate IS NOT NULL)", name="certificate"),
    )


class Run(Base):
    """One comparison of one day; `figures` is the table it printed."""

    __tablename__ = "payments_runs"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    started_at: Mapped[clock.datetime]
    ended_at: Mapped[clock.datetime]
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))


class Match(Base):
    """A line of a bill and an entry of the ledger that are the same movement. Each takes part once.

    `day` is the bill's, `entry_on` the entry's business day: at the cut of a day they differ.
    """

    __tablename__ = "payments_matches"

    line_id: Mapped[int] = mapped_column(ForeignKey("payments_bill_lines.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("payments_ledger_entries.id"), unique=True)
    day: Mapped[date]
    entry_on: Mapped[date]
    rule: Mapped[str]

    __table_args__ = (Index("ix_payments_matches_across", "day", postgresql_where="day <> entry_on"),)


class SettlementPart(Base):
    """N:1. What a channel owes the bank, as a part of the sum that the bank received as one line.

    Either a line of a fund flow, or a whole bill of a channel that lists no settlements: then `fen` is the bill's net.
    Each is part of one line at most.
    """

    __tablename__ = "payments_settlement_parts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("payments_bill_lines.id"), unique=True)
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("payments_bills.id"), unique=True)
    bank_line_id: Mapped[int] = mapped_column(ForeignKey("payments_bill_lines.id"), index=True)
    fen: Mapped[int]

    __table_args__ = (CheckConstraint("num_nonnulls(line_id, bill_id) = 1", name="line_or_bill"),)


class Difference(Base):
    """差错: something that one side has and the other has not, or has otherwise. One row however often a day is run.

    `key` says what it is about and outlives new versions of a bill. `fen` is what the source has more than we;
    `facts` are the figures of its explanation, their `reason` the case within the kind. An end is decided by two
    persons. `run_id` is the run that opened it.
    """

    __tablename__ = "payments_differences"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    day: Mapped[date]
    source: Mapped[str]
    bill_kind: Mapped[str]
    account: Mapped[str]
    kind: Mapped[str]
    line_id: Mapped[int | None] = mapped_column(ForeignKey("payments_bill_lines.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("payments_ledger_entries.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("payments_orders.id"), index=True)
    bill_fen: Mapped[int | None]
    our_fen: Mapped[int | None]
    fen: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    status: Mapped[str]
    heal_by: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    action: Mapped[str | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    proposed_at: Mapped[clock.datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    decided_at: Mapped[clock.datetime | None]
    run_id: Mapped[int] = mapped_column(ForeignKey("payments_runs.id"))
    opened_at: Mapped[clock.datetime]
    ended_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint(
            "status IN ('open','waiting','proposed','suspended','healed','settled')", name="status"
        ),
        CheckConstraint("(status IN ('healed','settled')) = (ended_at IS NOT NULL)", name="ended_at"),
        CheckConstraint("status <> 'waiting' OR heal_by IS NOT NULL", name="heal_by"),
        CheckConstraint("status <> 'suspended' OR owner_id IS NOT NULL", name="suspended_has_an_owner"),
        CheckConstraint(
            "status <> 'settled' OR (proposed_by_id IS NOT NULL AND decided_by_id IS NOT NULL)",
            name="two_persons_settle",
        ),
        CheckConstraint("decided_by_id <> proposed_by_id", name="second_person"),
        Index("ix_payments_differences_day", "day", "id"),
        Index("ix_payments_differences_live", "id", postgresql_where="ended_at IS NULL"),
    )


class DifferenceNote(Base):
    """What somebody wrote or attached to a difference."""

    __tablename__ = "payments_difference_notes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    difference_id: Mapped[int] = mapped_column(ForeignKey("payments_differences.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    text: Mapped[str]
    file_key: Mapped[str | None]
    file_name: Mapped[str | None]
    at: Mapped[clock.datetime]


class FeeRate(Base):
    """What a channel may keep. No row: nothing. `rate_e6` in millionths of the sum (0.60 % is 6000)."""

    __tablename__ = "payments_fee_rates"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    channel: Mapped[str]
    merchant_no: Mapped[str]
    fee_item_id: Mapped[int | None] = mapped_column(ForeignKey("payments_fee_items.id"))
    rate_e6: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("rate_e6 BETWEEN 0 AND 100000", name="rate"),
        UniqueConstraint(
            "channel",
            "merchant_no",
            "fee_item_id",
            "valid_from",
            name="uq_payments_fee_rates_from",
            postgresql_nulls_not_distinct=True,
        ),
    )
