"""The card centre's flow: its movements of ours, under numbers without gaps, as the day goes on."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class CardFlow(Base):
    """How far the flow of one merchant number has been read; begun anew, the one before is ended.

    `cursor` is the last number that was read, `anchor` the SHA-256 of its line: the next page begins with it.
    `reached_at`: when we last asked and came to the flow's end; all that was booked before is here. `problem`: why
    it goes no further, `problem_at` since when. It has the days after `started_at` whole.
    """

    __tablename__ = "payments_card_flows"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account: Mapped[str]
    starts_after: Mapped[int]
    cursor: Mapped[int]
    anchor: Mapped[str | None]
    reached_at: Mapped[clock.datetime | None]
    problem: Mapped[str | None]
    problem_at: Mapped[clock.datetime | None]
    started_at: Mapped[clock.datetime]
    ended_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("cursor >= starts_after", name="cursor"),
        CheckConstraint("problem IN ('gap','reset','changed')", name="problem"),
        CheckConstraint("(problem IS NULL) = (problem_at IS NULL)", name="problem_at"),
        Index("uq_payments_card_flows_current", "account", unique=True, postgresql_where="ended_at IS NULL"),
    )


class CardFlowLine(Base):
    """One movement as the flow tells it, never changed. The columns are those of a bill's line; `no` is the centre's.

    `told` is the line to the letter.
    """

    __tablename__ = "payments_card_flow_lines"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    flow_id: Mapped[int] = mapped_column(ForeignKey("payments_card_flows.id"))
    no: Mapped[int]
    day: Mapped[date]
    sort: Mapped[str]
    at: Mapped[clock.datetime]
    reference: Mapped[str]
    number: Mapped[str | None]
    key: Mapped[str]
    fen: Mapped[int]
    told: Mapped[str]
    kept_at: Mapped[clock.datetime]

    __table_args__ = (
        UniqueConstraint("flow_id", "no"),
        Index("ix_payments_card_flow_lines_day", "day", "flow_id"),
    )
