"""What others say of the money: bills of channels, statements of vendors and of the bank, line by line."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class Source(StrEnum):
    """Who tells: the channels of models.Channel, the meter systems, the bank."""

    WECHAT = "wechat"
    CARD = "card"
    PLATFORM = "platform"
    METERS = "meters"
    BANK = "bank"


class BillKind(StrEnum):
    """`trade`: what payers paid and got back. `fund`: movements of our account there. `delivery`: what meters got.

    `bank`: lines of our bank account. `payments` and `refunds` are the halves of a `trade`, where a day came in
    two files: a day has the whole or its halves, never both; one half alone is not the day.
    """

    TRADE = "trade"
    PAYMENTS = "payments"
    REFUNDS = "refunds"
    FUND = "fund"
    DELIVERY = "delivery"
    BANK = "bank"


class BillStatus(StrEnum):
    """`current`: the one that counts for its day. `replaced`: a later version came. `refused`: not believed."""

    CURRENT = "current"
    REPLACED = "replaced"
    REFUSED = "refused"


class LineSort(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    REVERSAL = "reversal"
    TOP_UP = "top_up"
    FEE = "fee"
    SETTLEMENT = "settlement"
    OTHER = "other"


class Bill(Base):
    """One file for one account and one day; the bytes are archived under `file_key`.

    `account` is a merchant number, a meter system's key or a bank account's name. Sums are signed, in fen;
    `fee_e5` in 0.00001 yuan. `is_empty`: the source says that there was nothing on that day; there is no file.
    `version` counts what was believed, from 1; a refused file has none (0).
    """

    __tablename__ = "payments_bills"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    kind: Mapped[str]
    account: Mapped[str]
    day: Mapped[date]
    version: Mapped[int]
    status: Mapped[str]
    origin: Mapped[str]
    is_empty: Mapped[bool] = mapped_column(default=False)
    file_key: Mapped[str | None]
    file_name: Mapped[str | None]
    sha256: Mapped[str | None]
    size: Mapped[int] = mapped_column(default=0)
    lines: Mapped[int] = mapped_column(default=0)
    in_fen: Mapped[int] = mapped_column(default=0)
    out_fen: Mapped[int] = mapped_column(default=0)
    fee_e5: Mapped[int] = mapped_column(default=0)
    opening_fen: Mapped[int | None]
    closing_fen: Mapped[int | None]
    refusal: Mapped[str | None]
    refused_line: Mapped[int | None]
    loaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    loaded_at: Mapped[clock.datetime]

    __table_args__ = (
        CheckConstraint("status IN ('current','replaced','refused')", name="status"),
        CheckConstraint("origin IN ('fetched','uploaded')", name="origin"),
        CheckConstraint("(status = 'refused') = (refusal IS NOT NULL)", name="refusal"),
        CheckConstraint("is_empty = (file_key IS NULL)", name="file"),
        Index(
            "uq_payments_bills_version",
            "source",
            "kind",
            "account",
            "day",
            "version",
            unique=True,
            postgresql_where="status <> 'refused'",
        ),
        Index(
            "uq_payments_bills_current",
            "source",
            "kind",
            "account",
            "day",
            unique=True,
            postgresql_where="status = 'current'",
        ),
        Index(
            "uq_payments_bills_file",
            "source",
            "kind",
            "account",
            "day",
            "sha256",
            unique=True,
            postgresql_where="status <> 'refused' AND sha256 IS NOT NULL",
        ),
        Index("ix_payments_bills_day", "day", "id"),
    )


class BillLine(Base):
    """One movement as the source booked it. Written by COPY, never changed.

    `no` is the line of the file. `reference` is the source's own number of the movement (a transaction's, a
    refund's), `number` ours as the source repeats it, `original` the source's number of the payment that a refund
    gives back. Of a fund flow they are 微信支付业务单号, 业务凭证号 and 资金流水单号. `fen` is signed: what comes to
    us, or into a meter, is positive. `fee_e5` in 0.00001 yuan. `key` names the room of a delivery or the account of
    a card. `start` and `size` are its place in the archived file, in bytes; of a workbook the row, and 0.
    """

    __tablename__ = "payments_bill_lines"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bill_id: Mapped[int] = mapped_column(ForeignKey("payments_bills.id"))
    no: Mapped[int]
    sort: Mapped[str]
    at: Mapped[clock.datetime]
    reference: Mapped[str]
    number: Mapped[str | None]
    original: Mapped[str | None]
    key: Mapped[str | None]
    fen: Mapped[int]
    fee_e5: Mapped[int] = mapped_column(default=0)
    balance_fen: Mapped[int | None]
    status: Mapped[str | None]
    note: Mapped[str | None]
    start: Mapped[int]
    size: Mapped[int]

    __table_args__ = (
        UniqueConstraint("bill_id", "no"),
        Index("uq_payments_bill_lines_reference", "reference", "sort", "bill_id", unique=True),
        Index("ix_payments_bill_lines_number", "number", postgresql_where="number IS NOT NULL"),
        Index("ix_payments_bill_lines_settlements", "bill_id", postgresql_where="sort = 'settlement'"),
    )


class BillUpload(Base):
    """A file that somebody gave, on its way to be a bill. `done_bytes` is how far its reading has come."""

    __tablename__ = "payments_bill_uploads"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    kind: Mapped[str]
    account: Mapped[str]
    day: Mapped[date]
    file_key: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    done_bytes: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None]
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("payments_bills.id"))
    problem: Mapped[str | None]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    uploaded_at: Mapped[clock.datetime]
    ended_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("outcome IN ('new','version','same','refused','failed')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended_at"),
    )


class BillFetch(Base):
    """What became of asking for a bill that is not there yet. Whoever moves `next_try_at` on is the one to ask."""

    __tablename__ = "payments_bill_fetches"

    source: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[clock.datetime]
    answer: Mapped[str | None]
