"""Changing photos in the database. Their bytes are the business of flows."""

from datetime import timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.platform.files.errors import PhotoNotUsable
from app.platform.files.events import PhotoReceived, PhotoRefused
from app.platform.files.models import CLAIMABLE, Photo, PhotoStatus
from app.platform.files.service.attachments import (
    discard_attachments,
    free_attachments_of,
    merge_attachments,
)

UNCLAIMED_FOR = timedelta(hours=24)
UPLOAD_TAKES = timedelta(hours=1)
ROWS_KEPT_FOR = timedelta(days=30)
GONE = (PhotoStatus.DELETED, PhotoStatus.REFUSED)
BATCH = 200


def claim_photos(
    session: Session, *, by: Caller, public_ids: tuple[str, ...], object_type: str, object_id: str
) -> list[int]:
    """Tie the caller's own, still free photos to an object. Ids in the order given, repeats once.

    Raises PhotoNotUsable when one is somebody else's, refused, deleted or taken; then none is claimed
    (the caller's transaction rolls back).
    """
    wanted = tuple(dict.fromkeys(public_ids))
    if not wanted:
        return []
    claimed = session.execute(
        update(Photo)
        .where(
            Photo.public_id.in_(wanted),
            Photo.owner_person_id == by.person_id,
            Photo.object_id.is_(None),
            Photo.status.in_(CLAIMABLE),
        )
        .values(object_type=object_type, object_id=object_id, claimed_at=clock.now())
        .returning(Photo.public_id, Photo.id)
    ).all()
    if len(claimed) != len(wanted):
        raise PhotoNotUsable(details={"photos": [PhotoNotUsable.msgid]})
    by_public_id = {row.public_id: row.id for row in claimed}
    return [by_public_id[public_id] for public_id in wanted]


def discard_photos_of(session: Session, *, object_type: str, object_ids: list[str]) -> int:
    """The same for all photos of these objects."""
    if not object_ids:
        return 0
    mine = select(Photo.id).where(
        Photo.object_type == object_type, Photo.object_id.in_(object_ids), Photo.status != PhotoStatus.DELETED
    )
    return discard_photos(session, photo_ids=list(session.scalars(mine)))


def discard_photos(session: Session, *, photo_ids: list[int]) -> int:
    """Nobody may see these any more; their files go with the next sweep. Returns how many there were."""
    return db.rows_changed(
        session,
        update(Photo)
        .where(Photo.id.in_(photo_ids), Photo.status != PhotoStatus.DELETED)
        .values(status=PhotoStatus.DELETED, removed_at=None),
    )


def discard_free_photos(session: Session, *, person_id: int) -> int:
    """A person's photos that belong to nothing yet. Returns how many there were."""
    free = select(Photo.id).where(Photo.owner_person_id == person_id, Photo.object_id.is_(None))
    return discard_photos(session, photo_ids=list(session.scalars(free)))


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """Photos move along when directory merges two people."""
    session.execute(update(Photo).where(Photo.owner_person_id == from_id).values(owner_person_id=into_id))
    merge_attachments(session, from_id=from_id, into_id=into_id)


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """All photos of a person go, whatever they belong to; of attachments those of nothing.

    Whose things have attachments discards them when the thing goes.
    """
    mine = session.scalars(select(Photo.id).where(Photo.owner_person_id == person_id)).all()
    discard_photos(session, photo_ids=list(mine))
    discard_attachments(session, attachment_ids=free_attachments_of(session, person_id))


def announce_photo(
    session: Session, *, by: Caller, size: tuple[int, int], length: int, sha256: str
) -> tuple[int, str]:
    """A row for a photo whose bytes are about to be stored. Returns id and public id."""
    public_id = ids.public_id("pho")
    row_id = session.scalar(
        insert(Photo)
        .values(
            public_id=public_id,
            owner_person_id=by.person_id,
            status=PhotoStatus.UPLOADING,
            width=size[0],
            height=size[1],
            bytes=length,
            sha256=sha256,
            tries=0,
            created_at=clock.now(),
        )
        .returning(Photo.id)
    )
    assert row_id is not None
    return row_id, public_id


def receive_photo(session: Session, *, photo_id: int) -> bool:
    """Its bytes are stored: it may be claimed, and will be decoded. False when it was discarded meanwhile."""
    received = db.rows_changed(
        session,
        update(Photo)
        .where(Photo.id == photo_id, Photo.status == PhotoStatus.UPLOADING)
        .values(status=PhotoStatus.RECEIVED),
    )
    if received:
        outbox.emit(session, PhotoReceived(photo_id))
    return received == 1


def begin_decoding(session: Session, *, photo_id: int) -> AnyRow | None:
    """public_id, status and tries; counts this try when the photo still waits. None when there is no row."""
    session.execute(
        update(Photo)
        .where(Photo.id == photo_id, Photo.status == PhotoStatus.RECEIVED)
        .values(tries=Photo.tries + 1)
    )
    return session.execute(
        select(Photo.public_id, Photo.status, Photo.tries).where(Photo.id == photo_id)
    ).first()


def finish_decoding(session: Session, *, photo_id: int, size: tuple[int, int], length: int) -> bool:
    """The derivatives are stored. False when the photo stopped waiting meanwhile."""
    return _leave_received(
        session,
        photo_id,
        status=PhotoStatus.READY,
        width=size[0],
        height=size[1],
        bytes=length,
    )


def refuse_photo(session: Session, *, photo_id: int, reason: str) -> bool:
    """It can't be kept; whoever claimed it hears of it. False when the photo stopped waiting meanwhile."""
    if not _leave_received(session, photo_id, status=PhotoStatus.REFUSED, error=reason):
        return False
    row = session.execute(
        select(Photo.public_id, Photo.owner_person_id, Photo.object_type, Photo.object_id).where(
            Photo.id == photo_id
        )
    ).one()
    outbox.emit(
        session,
        PhotoRefused(photo_id, row.public_id, row.owner_person_id, reason, row.object_type, row.object_id),
    )
    return True


def _leave_received(session: Session, photo_id: int, **values: object) -> bool:
    changed = db.rows_changed(
        session,
        update(Photo)
        .where(Photo.id == photo_id, Photo.status == PhotoStatus.RECEIVED)
        .values(processed_at=clock.now(), **values),
    )
    return changed == 1


def discard_orphans(session: Session) -> int:
    """Photos that nobody claimed for a day, and uploads that broke off. Returns how many."""
    now = clock.now()
    return db.rows_changed(
        session,
        update(Photo)
        .where(
            Photo.object_id.is_(None),
            Photo.status.not_in(GONE),
            or_(
                Photo.created_at < now - UNCLAIMED_FOR,
                (Photo.status == PhotoStatus.UPLOADING) & (Photo.created_at < now - UPLOAD_TAKES),
            ),
        )
        .values(status=PhotoStatus.DELETED),
    )


def files_to_remove(session: Session) -> list[AnyRow]:
    """id and public_id of up to BATCH photos that are gone but whose files may still be there."""
    rows = session.execute(
        select(Photo.id, Photo.public_id)
        .where(Photo.removed_at.is_(None), Photo.status.in_(GONE))
        .order_by(Photo.id)
        .limit(BATCH)
    )
    return list(rows)


def note_removed(session: Session, *, photo_ids: list[int]) -> None:
    """Their files are deleted."""
    session.execute(update(Photo).where(Photo.id.in_(photo_ids)).values(removed_at=clock.now()))


def forget_orphans(session: Session) -> int:
    """Rows of photos that never belonged to anything go a month after their files."""
    return db.rows_changed(
        session,
        delete(Photo).where(
            Photo.object_id.is_(None),
            Photo.status.in_(GONE),
            Photo.removed_at < clock.now() - ROWS_KEPT_FOR,
        ),
    )
