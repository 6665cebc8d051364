"""Changing attachments in the database. Their bytes are the business of flows."""

from datetime import timedelta

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.platform.files.errors import AttachmentNotUsable
from app.platform.files.models import Attachment, AttachmentStatus

UNCLAIMED_FOR = timedelta(hours=24)
UPLOAD_TAKES = timedelta(hours=1)
BATCH = 200
NAMELESS = "file.pdf"  # what is left of the name of one that is gone: names say a lot


def announce_attachment(
    session: Session, *, by: Caller, name: str, length: int, sha256: str
) -> tuple[int, str]:
    """A row for a file whose bytes are about to be stored. Returns id and public id (att_…)."""
    public_id = ids.public_id("att")
    row_id = session.scalar(
        insert(Attachment)
        .values(
            public_id=public_id,
            owner_person_id=by.person_id,
            status=AttachmentStatus.UPLOADING,
            name=name,
            bytes=length,
            sha256=sha256,
            created_at=clock.now(),
        )
        .returning(Attachment.id)
    )
    assert row_id is not None
    return row_id, public_id


def receive_attachment(session: Session, *, attachment_id: int) -> bool:
    """Its bytes are stored: it may be claimed. False when it was discarded meanwhile."""
    return (
        db.rows_changed(
            session,
            update(Attachment)
            .where(Attachment.id == attachment_id, Attachment.status == AttachmentStatus.UPLOADING)
            .values(status=AttachmentStatus.STORED),
        )
        == 1
    )


def claim_attachments(
    session: Session, *, by: Caller, public_ids: tuple[str, ...], object_type: str, object_id: str
) -> list[int]:
    """Tie the caller's own, still free attachments to an object, in the order given. All or AttachmentNotUsable."""
    wanted = tuple(dict.fromkeys(public_ids))
    if not wanted:
        return []
    rows = session.execute(
        update(Attachment)
        .where(
            Attachment.public_id.in_(wanted),
            Attachment.owner_person_id == by.person_id,
            Attachment.object_id.is_(None),
            Attachment.status == AttachmentStatus.STORED,
        )
        .values(object_type=object_type, object_id=object_id)
        .returning(Attachment.public_id, Attachment.id)
    ).all()
    if len(rows) != len(wanted):
        raise AttachmentNotUsable(details={"attachments": [AttachmentNotUsable.msgid]})
    known = {row.public_id: row.id for row in rows}
    return [known[public_id] for public_id in wanted]


def discard_attachments(session: Session, *, attachment_ids: list[int]) -> int:
    """Nobody may have these any more; their files go with the next sweep."""
    return db.rows_changed(
        session,
        update(Attachment)
        .where(Attachment.id.in_(attachment_ids), Attachment.status != AttachmentStatus.DELETED)
        .values(status=AttachmentStatus.DELETED, name=NAMELESS),
    )


def discard_attachments_of(session: Session, *, object_type: str, object_ids: list[str]) -> int:
    """The same for all attachments of these objects."""
    if not object_ids:
        return 0
    mine = select(Attachment.id).where(
        Attachment.object_type == object_type,
        Attachment.object_id.in_(object_ids),
        Attachment.status != AttachmentStatus.DELETED,
    )
    return discard_attachments(session, attachment_ids=list(session.scalars(mine)))


def discard_orphan_attachments(session: Session) -> int:
    """Those that nobody claimed for a day, and uploads that broke off."""
    now = clock.now()
    return db.rows_changed(
        session,
        update(Attachment)
        .where(
            Attachment.object_id.is_(None),
            Attachment.status != AttachmentStatus.DELETED,
            or_(
                Attachment.created_at < now - UNCLAIMED_FOR,
                (Attachment.status == AttachmentStatus.UPLOADING)
                & (Attachment.created_at < now - UPLOAD_TAKES),
            ),
        )
        .values(status=AttachmentStatus.DELETED, name=NAMELESS),
    )


def attachments_to_remove(session: Session) -> list[AnyRow]:
    """id and public_id of up to BATCH that are gone but whose files may still be there."""
    rows = session.execute(
        select(Attachment.id, Attachment.public_id)
        .where(Attachment.removed_at.is_(None), Attachment.status == AttachmentStatus.DELETED)
        .order_by(Attachment.id)
        .limit(BATCH)
    )
    return list(rows)


def note_attachments_removed(session: Session, *, attachment_ids: list[int]) -> None:
    """Their files are deleted."""
    session.execute(
        update(Attachment).where(Attachment.id.in_(attachment_ids)).values(removed_at=clock.now())
    )


def free_attachments_of(session: Session, person_id: int) -> list[int]:
    """Those of a person that belong to nothing: what is part of something is the school's."""
    return list(
        session.scalars(
            select(Attachment.id).where(
                Attachment.owner_person_id == person_id, Attachment.object_id.is_(None)
            )
        )
    )


def merge_attachments(session: Session, *, from_id: int, into_id: int) -> None:
    session.execute(
        update(Attachment).where(Attachment.owner_person_id == from_id).values(owner_person_id=into_id)
    )
