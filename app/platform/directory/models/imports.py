"""Lists that were uploaded: what they would change, who said yes, what became of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base
from app.kit.i18n import N_


class ImportStatus(StrEnum):
    """`uploaded` until a worker has looked; `checked` waits for a yes; `confirmed` until a worker has written."""

    UPLOADED = "uploaded"
    REFUSED = "refused"
    CHECKED = "checked"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"


IMPORT_LABELS = {
    ImportStatus.UPLOADED: N_("正在检查"),
    ImportStatus.REFUSED: N_("需要修改"),
    ImportStatus.CHECKED: N_("等待确认"),
    ImportStatus.CONFIRMED: N_("正在写入"),
    ImportStatus.DONE: N_("已导入"),
    ImportStatus.CANCELLED: N_("已放弃"),
}


class Import(Base):
    """An uploaded list of one desk's `kind`. `scope` is what was declared: within it the list is complete.

    `counts` says what the check found, `plan` is a digest of it: what is written must be what was shown.
    `needs_second`: so many would go that the one who uploaded may not confirm it alone.
    """

    __tablename__ = "directory_imports"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    desk: Mapped[str]
    kind: Mapped[str]
    scope: Mapped[dict[str, Any]] = mapped_column(JSONB)
    withdraws_missing: Mapped[bool] = mapped_column(default=False)
    file_key: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    status: Mapped[str]
    rows: Mapped[int] = mapped_column(default=0)
    done_rows: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    plan: Mapped[str] = mapped_column(default="")
    problem: Mapped[str | None]
    needs_second: Mapped[bool] = mapped_column(default=False)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    uploaded_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "status IN ('uploaded','refused','checked','confirmed','done','cancelled')", name="status"
        ),
        CheckConstraint("NOT needs_second OR confirmed_by_id <> uploaded_by_id", name="second"),
        Index("ix_directory_imports_desk", "desk", "id"),
    )


class ImportLine(Base):
    """A line of the preview: a problem, or what would be new, changed or missing. Names are masked, values absent."""

    __tablename__ = "directory_import_lines"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("directory_imports.id"))
    sort: Mapped[str]
    no: Mapped[int]
    row: Mapped[int | None]
    who: Mapped[str]
    text: Mapped[str]

    __table_args__ = (
        UniqueConstraint("import_id", "sort", "no"),
        CheckConstraint("sort IN ('problem','new','changed','missing')", name="sort"),
    )
