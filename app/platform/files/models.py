"""Tables of files: one row per photo or attachment from upload to deletion."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class PhotoStatus(StrEnum):
    """Where a photo stands."""

    UPLOADING = "uploading"  # announced, its bytes are on their way into storage
    RECEIVED = "received"  # the original lies in storage and waits to be decoded
    READY = "ready"  # the two derivatives exist, the original is gone
    REFUSED = "refused"  # could not be decoded; nothing of it is kept
    DELETED = "deleted"  # nobody may see it any more; its files go with the next sweep


CLAIMABLE = (PhotoStatus.RECEIVED, PhotoStatus.READY)


class Photo(Base):
    """A photo of a person. `object_type` and `object_id` say what it belongs to once claimed."""

    __tablename__ = "files_photos"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    owner_person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    status: Mapped[str]
    object_type: Mapped[str | None]
    object_id: Mapped[str | None]
    width: Mapped[int]  # of the original as announced by its header, then of the large derivative
    height: Mapped[int]
    bytes: Mapped[int]  # of the original, then of both derivatives
    sha256: Mapped[str]  # of the original
    error: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[clock.datetime]
    processed_at: Mapped[clock.datetime | None]
    claimed_at: Mapped[clock.datetime | None]
    removed_at: Mapped[clock.datetime | None]  # when the last of its files was deleted

    __table_args__ = (
        CheckConstraint("status IN ('uploading', 'received', 'ready', 'refused', 'deleted')", name="status"),
        CheckConstraint("(object_type IS NULL) = (object_id IS NULL)", name="object"),
        Index("ix_files_photos_object", "object_type", "object_id", postgresql_where="object_id IS NOT NULL"),
        Index(
            "ix_files_photos_unclaimed",
            "created_at",
            postgresql_where="object_id IS NULL AND status NOT IN ('deleted', 'refused')",
        ),
        Index(
            "ix_files_photos_to_remove",
            "id",
            postgresql_where="removed_at IS NULL AND status IN ('deleted', 'refused')",
        ),
    )


class AttachmentStatus(StrEnum):
    """Where an attachment stands."""

    UPLOADING = "uploading"  # announced, its bytes are on their way into storage
    STORED = "stored"
    DELETED = "deleted"  # nobody may have it any more; its file goes with the next sweep


class Attachment(Base):
    """A PDF that somebody adds to something: handed on as it came, to be saved and never shown as a page of ours."""

    __tablename__ = "files_attachments"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    owner_person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    status: Mapped[str]
    object_type: Mapped[str | None]
    object_id: Mapped[str | None]
    name: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str]
    created_at: Mapped[clock.datetime]
    removed_at: Mapped[clock.datetime | None]  # when its file was deleted

    __table_args__ = (
        CheckConstraint("status IN ('uploading', 'stored', 'deleted')", name="status"),
        CheckConstraint("(object_type IS NULL) = (object_id IS NULL)", name="object"),
        Index(
            "ix_files_attachments_object",
            "object_type",
            "object_id",
            postgresql_where="object_id IS NOT NULL",
        ),
        Index(
            "ix_files_attachments_unclaimed",
            "created_at",
            postgresql_where="object_id IS NULL AND status <> 'deleted'",
        ),
        Index(
            "ix_files_attachments_to_remove",
            "id",
            postgresql_where="removed_at IS NULL AND status = 'deleted'",
        ),
    )
