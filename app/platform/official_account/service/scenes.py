"""Scenes: QR codes to the account that say what a follow or scan is about."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.db import rows_changed
from app.platform.official_account import queries
from app.platform.official_account.events import SceneScanned
from app.platform.official_account.models import Scene

LIFETIME = timedelta(days=7)
KEEP = timedelta(days=30)


def new_scene(session: Session, kind: str, reference: str, expires_at: datetime) -> str:
    """A scene for this thing: a code nobody can guess. Its QR is fetched by flows.scene_url."""
    scene = ids.public_id("scn")
    session.add(
        Scene(scene=scene, kind=kind, reference=reference, created_at=clock.now(), expires_at=expires_at)
    )
    session.flush()
    return scene


def scene_about(session: Session, kind: str, reference: str) -> Scene:
    """The scene that is shown for this thing; a new one for a week when there is none."""
    found = queries.find_scene_about(session, kind, reference)
    if found is not None:
        return found
    scene = new_scene(session, kind, reference, clock.now() + LIFETIME)
    made = queries.find_scene(session, scene)
    assert made is not None
    return made


def note_scene_url(session: Session, scene: str, url: str) -> None:
    """Keep what the QR encodes; the first to ask wins."""
    session.execute(update(Scene).where(Scene.scene == scene, Scene.url.is_(None)).values(url=url))


def note_scan(session: Session, scene: str, person_id: int) -> None:
    """Somebody came by this scene: tell whoever made it. What is not a scene of ours is nothing."""
    found = queries.find_scene(session, scene)
    if found is None:
        return
    session.execute(
        update(Scene).where(Scene.id == found.id).values(scanned_at=clock.now(), scanned_by=person_id)
    )
    outbox.emit(session, SceneScanned(found.kind, found.reference, person_id))


def forget_old_scenes(session: Session) -> int:
    """Delete what has been over for a month; returns how many."""
    return rows_changed(session, delete(Scene).where(Scene.expires_at < clock.now() - KEEP))
