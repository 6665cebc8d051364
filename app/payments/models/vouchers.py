"""Vouchers for the finance system: the rules, the summaries made by them, and the files they went out in."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class Side(StrEnum):
    """平行记账: the same movement in financial and in budget accounting."""

    FINANCIAL = "financial"
    BUDGET = "budget"


class VoucherStatus(StrEnum):
    """`sending`: to be pushed, or pushed and not known to have arrived. Only a draft may still change."""

    DRAFT = "draft"
    EXPORTED = "exported"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"


VOUCHER_LABELS = {
    VoucherStatus.DRAFT: N_("草稿"),
    VoucherStatus.EXPORTED: N_("已导出"),
    VoucherStatus.SENDING: N_("推送中"),
    VoucherStatus.ACCEPTED: N_("已入账"),
    VoucherStatus.REFUSED: N_("被退回"),
}


class VoucherRule(Base):
    """Which accounts a movement between two kinds of ledger accounts debits and credits, from a day on.

    `debit_of` and `credit_of` are the first parts of the ledger's account codes (channel, due, bank…). A rule of
    a fee item wins over a general one, then a rule of a channel, then the latest `valid_from`. Without accounts
    the movement is not booked. Texts may name fields (service.vouchers.FIELDS) in braces; `*_aux` has the
    辅助核算 by the keys department, project, partner.
    """

    __tablename__ = "payments_voucher_rules"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    debit_of: Mapped[str]
    credit_of: Mapped[str]
    channel: Mapped[str | None]
    fee_item_id: Mapped[int | None] = mapped_column(ForeignKey("payments_fee_items.id"))
    side: Mapped[str]
    valid_from: Mapped[date]
    debit: Mapped[str | None]
    credit: Mapped[str | None]
    debit_aux: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    credit_aux: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    summary: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("side IN ('financial','budget')", name="side"),
        CheckConstraint("(debit IS NULL) = (credit IS NULL)", name="both_accounts"),
        UniqueConstraint(
            "debit_of",
            "credit_of",
            "channel",
            "fee_item_id",
            "side",
            "valid_from",
            name="uq_payments_voucher_rules_from",
            postgresql_nulls_not_distinct=True,
        ),
    )


class Voucher(Base):
    """Entries of a period of one kind, fee item, department and merchant, as one voucher. Debit equals credit.

    `period` is a day (2026-11-16) or a month (2026-11). `number` is ours for ever, in files and at the finance
    system; what is booked late makes another `sequence`. A trigger keeps the lines of what is no draft.
    """

    __tablename__ = "payments_vouchers"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    period: Mapped[str]
    kind: Mapped[str]
    fee_item_id: Mapped[int | None] = mapped_column(ForeignKey("payments_fee_items.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("directory_org_units.id"))
    channel: Mapped[str]
    merchant_no: Mapped[str]
    sequence: Mapped[int]
    voucher_on: Mapped[date]
    status: Mapped[str]
    entries: Mapped[int] = mapped_column(default=0)
    fen: Mapped[int] = mapped_column(default=0)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    made_at: Mapped[clock.datetime]
    exported_at: Mapped[clock.datetime | None]
    finance_no: Mapped[str | None]
    refusal: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[clock.datetime | None]
    leased_until: Mapped[clock.datetime | None]
    sent_at: Mapped[clock.datetime | None]
    accepted_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('draft','exported','sending','accepted','refused')", name="status"),
        CheckConstraint("(status = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_at"),
        UniqueConstraint(
            "period",
            "kind",
            "fee_item_id",
            "unit_id",
            "channel",
            "merchant_no",
            "sequence",
            name="uq_payments_vouchers_what",
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "uq_payments_vouchers_draft",
            "period",
            "kind",
            "fee_item_id",
            "unit_id",
            "channel",
            "merchant_no",
            unique=True,
            postgresql_where="status = 'draft'",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_payments_vouchers_due", "next_try_at", "id", postgresql_where="status = 'sending'"),
    )


class VoucherLine(Base):
    """One line. Exactly one of debit and credit is above zero; each side of a voucher sums to zero."""

    __tablename__ = "payments_voucher_lines"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("payments_vouchers.id"))
    no: Mapped[int]
    side: Mapped[str]
    account: Mapped[str]
    debit_fen: Mapped[int]
    credit_fen: Mapped[int]
    summary: Mapped[str]
    department: Mapped[str] = mapped_column(default="")
    department_name: Mapped[str] = mapped_column(default="")
    project: Mapped[str] = mapped_column(default="")
    partner: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("voucher_id", "no"),
        CheckConstraint("side IN ('financial','budget')", name="side"),
        CheckConstraint(
            "debit_fen >= 0 AND credit_fen >= 0 AND (debit_fen = 0) <> (credit_fen = 0)", name="one_amount"
        ),
        CheckConstraint("length(summary) <= 60 AND length(account) <= 15", name="widths"),
    )


class VoucherEntry(Base):
    """An entry of the ledger is in one voucher."""

    __tablename__ = "payments_voucher_entries"

    entry_id: Mapped[int] = mapped_column(ForeignKey("payments_ledger_entries.id"), primary_key=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("payments_vouchers.id"), index=True)


class VoucherFormat(Base):
    """A file format by its key. `settings` name one of app.payments.exporters and what it wants."""

    __tablename__ = "payments_voucher_formats"

    key: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)


class VoucherExport(Base):
    """One file as it went out, kept byte for byte."""

    __tablename__ = "payments_voucher_exports"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    period: Mapped[str]
    format: Mapped[str] = mapped_column(ForeignKey("payments_voucher_formats.key"))
    no: Mapped[int]
    file_name: Mapped[str]
    content: Mapped[bytes]
    sha256: Mapped[str]
    vouchers: Mapped[int]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    made_at: Mapped[clock.datetime]

    __table_args__ = (UniqueConstraint("period", "format", "no"),)


class VoucherExported(Base):
    """A voucher goes out once in each format."""

    __tablename__ = "payments_voucher_exported"

    voucher_id: Mapped[int] = mapped_column(ForeignKey("payments_vouchers.id"), primary_key=True)
    format: Mapped[str] = mapped_column(ForeignKey("payments_voucher_formats.key"), primary_key=True)
    export_id: Mapped[int] = mapped_column(ForeignKey("payments_voucher_exports.id"), index=True)
