"""Reads about the official account: scenes."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.official_account.models import Scene

STILL_LONG = timedelta(hours=1)


def find_scene(session: Session, scene: str) -> Scene | None:
    """The scene with this code, unless it is over."""
    if not scene:
        return None
    return session.scalar(select(Scene).where(Scene.scene == scene, Scene.expires_at > clock.now()))


def find_scene_about(session: Session, kind: str, reference: str) -> Scene | None:
    """A scene for this thing that lives long enough to be shown."""
    return session.scalar(
        select(Scene)
        .where(
            Scene.kind == kind,
            Scene.reference == reference,
            Scene.expires_at > clock.now() + STILL_LONG,
        )
        .order_by(Scene.id.desc())
        .limit(1)
    )
