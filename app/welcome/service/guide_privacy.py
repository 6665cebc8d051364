"""What to-dos, the quiz, and fees forget, hand out, erase and move along: a plain list of nouns."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.welcome.models import Admission, Deferral, Item, ItemMark, Quiz, QuizAttempt, Season
from app.welcome.service import fees, items, quiz

AFTER_SEASON = timedelta(days=60)


def retain(session: Session) -> int:
    """Marks, attempts and deferrals go 60 days after their season."""
    seasons = select(Season.id).where(Season.closes_on < clock.today() - AFTER_SEASON)
    past = select(Item.id).where(Item.season_id.in_(seasons))
    admissions = select(Admission.id).where(Admission.season_id.in_(seasons))
    quizzes = select(Quiz.id).where(Quiz.season_id.in_(seasons))
    return sum(
        db.rows_changed(session, stmt)
        for stmt in (
            delete(ItemMark).where(ItemMark.item_id.in_(past)),
            delete(Deferral).where(Deferral.admission_id.in_(admissions)),
            delete(QuizAttempt).where(QuizAttempt.quiz_id.in_(quizzes)),
        )
    )


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in (items.export_items, quiz.export_attempts, fees.export_fees):
        found |= part(session, person_id=person_id)
    return found


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    for part in (items.erase_items, quiz.erase_attempts, fees.erase_fees):
        part(session, by=by, person_id=person_id)


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    for part in (items.merge_items, quiz.merge_attempts, fees.merge_fees):
        part(session, from_id=from_id, into_id=into_id)
