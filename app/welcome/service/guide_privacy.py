"""What to-dos, the quiz, and fees forget, hand out, erase and move along: a plain list of nouns."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.welcome.models import Item, ItemMark, Season
from app.welcome.service import items

AFTER_SEASON = timedelta(days=60)


def retain(session: Session) -> int:
    """Marks go 60 days after their season."""
    seasons = select(Season.id).where(Season.closes_on < clock.today() - AFTER_SEASON)
    past = select(Item.id).where(Item.season_id.in_(seasons))
    return db.rows_changed(session, delete(ItemMark).where(ItemMark.item_id.in_(past)))


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    return items.export_items(session, person_id=person_id)


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    items.erase_items(session, by=by, person_id=person_id)


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    items.merge_items(session, from_id=from_id, into_id=into_id)
