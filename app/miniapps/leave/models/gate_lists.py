"""What the school's own gates were told, and how far their log was read."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class GateLink(Base):
    """One row: the list as we would have it. Whoever changes it holds the row.

    `is_stale`: a pass has changed since `refreshed_at`. `whole_version`: below it the list is given whole.
    `heard_at`: when the gates last said what they hold. `refused`: how often in a row they held another list than
    they were given; then they are left alone until `next_try_at`.
    """

    __tablename__ = "leave_gate_links"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    whole_version: Mapped[int]
    is_stale: Mapped[bool]
    refreshed_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("id = 1", name="one"),)


class GateList(Base):
    """A version of the list: by `count` and `digest` we know that the gates took it."""

    __tablename__ = "leave_gate_lists"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    digest: Mapped[str]
    made_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_leave_gate_lists_waiting", "made_at", postgresql_where="taken_at IS NULL"),)


class GateEntry(Base):
    """A line of the list, as of the newest version; `version` is the one that brought it, changed it or took it away.

    `number` is the student's. `until` None: until he is back.
    """

    __tablename__ = "leave_gate_entries"

    request_id: Mapped[int] = mapped_column(
        ForeignKey("leave_requests.id"), primary_key=True, autoincrement=False
    )
    public_id: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str]
    starts_at: Mapped[datetime]
    until: Mapped[datetime | None]
    direction: Mapped[str]
    version: Mapped[int]
    is_gone: Mapped[bool]

    __table_args__ = (
        CheckConstraint("direction IN ('out','both','in')", name="direction"),
        Index("ix_leave_gate_entries_version", "version"),
    )


class GateLog(Base):
    """One row: how far the gates' log was read. A page and the cursor move together, or not at all.

    `series` changes when the gates count from 1 again. `gap_at`: since when a number has been missing; `skipped`: how
    many never came. `unknown_codes`: gates of theirs that are none of ours; their lines were left out.
    `again_cursor` up to `again_until`: what is read once more beside it. `counts`: lines by what was odd in them.
    `closed_codes`: gates that are closed here and still let people pass.
    """

    __tablename__ = "leave_gate_logs"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    series: Mapped[str]
    cursor: Mapped[int]
    reached_at: Mapped[datetime | None]
    gap_at: Mapped[datetime | None]
    skipped: Mapped[int]
    unknown_codes: Mapped[list[str]] = mapped_column(JSONB)
    again_cursor: Mapped[int | None]
    again_until: Mapped[int | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default="{}")
    closed_codes: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")

    __table_args__ = (CheckConstraint("id = 1", name="one"),)
