"""Reading about photos and attachments, and links to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.platform.files.models import CLAIMABLE, Attachment, AttachmentStatus, Photo, PhotoStatus
from app.platform.files.signing import attachment_url, photo_url


@dataclass(frozen=True)
class PhotoUrls:
    """Short-lived links to one photo. Until it `is_ready` they show a placeholder."""

    public_id: str
    thumb: str
    large: str
    is_ready: bool


def photo_urls(session: Session, photo_ids: Sequence[int]) -> dict[int, PhotoUrls]:
    """Links by id, in the order asked for. Refused and deleted photos are left out."""
    if not photo_ids:
        return {}
    rows = session.execute(
        select(Photo.id, Photo.public_id, Photo.status).where(
            Photo.id.in_(photo_ids), Photo.status.in_(CLAIMABLE)
        )
    )
    known = {row.id: row for row in rows}
    return {id_: _urls(known[id_]) for id_ in photo_ids if id_ in known}


def own_photos(session: Session, *, person_id: int, public_ids: Sequence[str]) -> list[PhotoUrls]:
    """Links to a person's own photos that are not yet part of anything: a form shown again keeps them."""
    rows = session.execute(
        select(Photo.public_id, Photo.status).where(
            Photo.public_id.in_(public_ids),
            Photo.owner_person_id == person_id,
            Photo.object_id.is_(None),
            Photo.status.in_(CLAIMABLE),
        )
    )
    known = {row.public_id: row for row in rows}
    return [_urls(known[id_]) for id_ in dict.fromkeys(public_ids) if id_ in known]


def photos_of(
    session: Session, *, object_type: str, object_id: str, public_ids: Sequence[str]
) -> list[PhotoUrls]:
    """Links to those of an object's photos, in the order asked for. Who may see them is for the door to ask."""
    rows = session.execute(
        select(Photo.public_id, Photo.status).where(
            Photo.object_type == object_type,
            Photo.object_id == object_id,
            Photo.public_id.in_(public_ids),
            Photo.status.in_(CLAIMABLE),
        )
    )
    known = {row.public_id: row for row in rows}
    return [_urls(known[id_]) for id_ in dict.fromkeys(public_ids) if id_ in known]


def photos_by_object(
    session: Session, *, object_type: str, object_ids: Sequence[str]
) -> dict[str, list[PhotoUrls]]:
    """Links to all photos of each object, in the order they came. Who may see them is for the door to ask."""
    found: dict[str, list[PhotoUrls]] = {}
    if not object_ids:
        return found
    stmt = select(Photo.object_id, Photo.public_id, Photo.status).where(
        Photo.object_type == object_type, Photo.object_id.in_(object_ids), Photo.status.in_(CLAIMABLE)
    )
    for row in session.execute(stmt.order_by(Photo.id)):
        found.setdefault(row.object_id, []).append(_urls(row))
    return found


def objects_with_photos(session: Session, object_type: str, *, limit: int = 20_000) -> list[str]:
    """Objects of a kind that still have photos, the oldest first."""
    stmt = (
        select(Photo.object_id)
        .where(Photo.object_type == object_type, Photo.status.in_(CLAIMABLE))
        .group_by(Photo.object_id)
        .order_by(func.min(Photo.id))
        .limit(limit)
    )
    return [found for found in session.scalars(stmt) if found is not None]


def find_status(session: Session, public_id: str) -> str | None:
    """Where a photo stands; None when there is none."""
    return session.scalar(select(Photo.status).where(Photo.public_id == public_id))


@dataclass(frozen=True)
class AttachmentLink:
    """A short-lived link to a file, under its own name."""

    id: int
    public_id: str
    name: str
    bytes: int
    url: str


def attachment_links(session: Session, attachment_ids: Sequence[int]) -> list[AttachmentLink]:
    """In the order asked for; deleted ones are left out."""
    return _links(session, attachment_ids, Attachment.id.in_(attachment_ids))


def attachments_by_object(
    session: Session, *, object_type: str, object_ids: Sequence[str]
) -> dict[str, list[AttachmentLink]]:
    """Links to all attachments of each object, in the order they came. Who may have them is for the door to ask."""
    found: dict[str, list[AttachmentLink]] = {}
    if not object_ids:
        return found
    stmt = select(
        Attachment.object_id, Attachment.id, Attachment.public_id, Attachment.name, Attachment.bytes
    ).where(
        Attachment.object_type == object_type,
        Attachment.object_id.in_(object_ids),
        Attachment.status == AttachmentStatus.STORED,
    )
    for row in session.execute(stmt.order_by(Attachment.id)):
        link = AttachmentLink(row.id, row.public_id, row.name, row.bytes, attachment_url(row.public_id))
        found.setdefault(row.object_id or "", []).append(link)
    return found


def objects_with_attachments(session: Session, object_type: str, *, limit: int = 20_000) -> list[str]:
    """Objects of a kind that still have attachments, the oldest first."""
    stmt = (
        select(Attachment.object_id)
        .where(Attachment.object_type == object_type, Attachment.status == AttachmentStatus.STORED)
        .group_by(Attachment.object_id)
        .order_by(func.min(Attachment.id))
        .limit(limit)
    )
    return [found for found in session.scalars(stmt) if found is not None]


def own_attachments(session: Session, *, person_id: int, public_ids: Sequence[str]) -> list[AttachmentLink]:
    """A person's own that are not yet part of anything: a form shown again keeps them."""
    is_free = Attachment.object_id.is_(None) & (Attachment.owner_person_id == person_id)
    return _links(session, (), Attachment.public_id.in_(public_ids) & is_free)


def _links(session: Session, order: Sequence[int], condition: ColumnElement[bool]) -> list[AttachmentLink]:
    rows = session.execute(
        select(Attachment.id, Attachment.public_id, Attachment.name, Attachment.bytes)
        .where(condition, Attachment.status == AttachmentStatus.STORED)
        .order_by(Attachment.id)
    ).all()
    places = {one: place for place, one in enumerate(order)}
    found = [AttachmentLink(*row, attachment_url(row.public_id)) for row in rows]
    return sorted(found, key=lambda one: places.get(one.id, one.id))


def find_attachment(session: Session, public_id: str) -> AnyRow | None:
    """Its name, while it may be fetched."""
    return session.execute(
        select(Attachment.name).where(
            Attachment.public_id == public_id, Attachment.status == AttachmentStatus.STORED
        )
    ).first()


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What files knows of a person; the pictures themselves are fetched by their links."""
    rows = session.execute(
        select(
            Photo.public_id, Photo.status, Photo.object_type, Photo.object_id, Photo.bytes, Photo.created_at
        )
        .where(Photo.owner_person_id == person_id)
        .order_by(Photo.id)
    )
    attached = session.execute(
        select(Attachment.name, Attachment.bytes, Attachment.created_at)
        .where(Attachment.owner_person_id == person_id, Attachment.status == AttachmentStatus.STORED)
        .order_by(Attachment.id)
    )
    return {
        "attachments": [
            {"name": row.name, "bytes": row.bytes, "uploaded_at": row.created_at.isoformat()}
            for row in attached
        ],
        "photos": [
            {
                "id": row.public_id,
                "status": row.status,
                "object": f"{row.object_type}:{row.object_id}" if row.object_id else None,
                "bytes": row.bytes,
                "uploaded_at": row.created_at.isoformat(),
                "link": photo_url(row.public_id, "large") if row.status in CLAIMABLE else None,
            }
            for row in rows
        ],
    }


def _urls(row: AnyRow) -> PhotoUrls:
    return PhotoUrls(
        public_id=row.public_id,
        thumb=photo_url(row.public_id, "thumb"),
        large=photo_url(row.public_id, "large"),
        is_ready=row.status == PhotoStatus.READY,
    )
