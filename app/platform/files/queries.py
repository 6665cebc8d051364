"""Reading about photos, and links to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.platform.files.models import CLAIMABLE, Photo, PhotoStatus
from app.platform.files.signing import photo_url


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


def find_status(session: Session, public_id: str) -> str | None:
    """Where a photo stands; None when there is none."""
    return session.scalar(select(Photo.status).where(Photo.public_id == public_id))


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What files knows of a person; the pictures themselves are fetched by their links."""
    rows = session.execute(
        select(
            Photo.public_id, Photo.status, Photo.object_type, Photo.object_id, Photo.bytes, Photo.created_at
        )
        .where(Photo.owner_person_id == person_id)
        .order_by(Photo.id)
    )
    return {
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
        ]
    }


def _urls(row: AnyRow) -> PhotoUrls:
    return PhotoUrls(
        public_id=row.public_id,
        thumb=photo_url(row.public_id, "thumb"),
        large=photo_url(row.public_id, "large"),
        is_ready=row.status == PhotoStatus.READY,
    )
