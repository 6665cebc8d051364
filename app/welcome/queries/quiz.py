"""The quiz: its rules, an attempt's paper, certificates, and where people go wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.welcome.errors import AttemptNotFound, CertificateNotFound, QuizNotFound
from app.welcome.models import Quiz, QuizAttempt, QuizCategory, QuizQuestion


@dataclass(frozen=True)
class Asked:
    """A question as it stands on one paper. `options`: (place in the question, text), in the paper's order."""

    question: QuizQuestion
    options: list[tuple[int, str]]
    given: tuple[int, ...] = ()

    @property
    def takes_several(self) -> bool:
        return len(self.question.answers) > 1

    @property
    def is_right(self) -> bool:
        return set(self.given) == set(self.question.answers)


def find_quiz(session: Session, season_id: int) -> Quiz | None:
    return session.scalar(select(Quiz).where(Quiz.season_id == season_id))


def quiz_of(session: Session, season_id: int) -> Quiz:
    """Raises QuizNotFound."""
    found = find_quiz(session, season_id)
    if found is None:
        raise QuizNotFound()
    return found


def attempts(session: Session, quiz_id: int, person_id: int) -> list[QuizAttempt]:
    """One's own, newest first."""
    stmt = select(QuizAttempt).where(QuizAttempt.quiz_id == quiz_id, QuizAttempt.person_id == person_id)
    return list(session.scalars(stmt.order_by(QuizAttempt.id.desc()).limit(20)))


def attempt_of(session: Session, person_id: int, public_id: str) -> QuizAttempt:
    """One's own; raises AttemptNotFound."""
    found = session.scalar(
        select(QuizAttempt).where(QuizAttempt.public_id == public_id, QuizAttempt.person_id == person_id)
    )
    if found is None:
        raise AttemptNotFound()
    return found


def paper(session: Session, attempt: QuizAttempt) -> list[Asked]:
    """The same paper each time: order and options follow from the seed."""
    rows = session.scalars(select(QuizQuestion).where(QuizQuestion.id.in_(attempt.question_ids)))
    known = {row.id: row for row in rows}
    given = attempt.given or {}
    return [
        Asked(known[number], shuffled(known[number], attempt.seed), tuple(given.get(str(number), ())))
        for number in attempt.question_ids
    ]


def shuffled(question: QuizQuestion, seed: int) -> list[tuple[int, str]]:
    options = list(enumerate(question.options))
    Random(f"{seed}:{question.id}").shuffle(options)  # noqa: S311 - an order, no secret
    return options


def may_start_at(quiz: Quiz, tried: Sequence[QuizAttempt]) -> datetime | None:
    """When the wait after the last failure is over; None when there was none."""
    if not tried or tried[0].submitted_at is None:
        return None
    return tried[0].submitted_at + timedelta(minutes=quiz.cool_down_minutes)


def certificate(session: Session, number: str) -> AnyRow:
    """(attempt, quiz) behind a certificate's number; raises CertificateNotFound."""
    found = session.execute(
        select(QuizAttempt, Quiz)
        .join(Quiz, Quiz.id == QuizAttempt.quiz_id)
        .where(QuizAttempt.certificate == number)
    ).one_or_none()
    if found is None:
        raise CertificateNotFound()
    return found


# --- Desk


def categories(session: Session, quiz_id: int) -> list[AnyRow]:
    """(category, questions, shown, wrong) by name."""
    return list(
        session.execute(
            select(
                QuizCategory,
                func.count(QuizQuestion.id).filter(QuizQuestion.is_active).label("questions"),
                func.coalesce(func.sum(QuizQuestion.shown), 0).label("shown"),
                func.coalesce(func.sum(QuizQuestion.wrong), 0).label("wrong"),
            )
            .outerjoin(QuizQuestion, QuizQuestion.category_id == QuizCategory.id)
            .where(QuizCategory.quiz_id == quiz_id)
            .group_by(QuizCategory.id)
            .order_by(QuizCategory.name)
        )
    )


def heat(session: Session, quiz_id: int) -> dict[str, list[AnyRow]]:
    """Of each category its questions that were answered, those most often wrong first."""
    rows = session.execute(
        select(
            QuizCategory.name,
            QuizQuestion.code,
            QuizQuestion.text,
            QuizQuestion.shown,
            QuizQuestion.wrong,
            (QuizQuestion.wrong * 100 // QuizQuestion.shown).label("percent"),
        )
        .join(QuizCategory, QuizCategory.id == QuizQuestion.category_id)
        .where(QuizQuestion.quiz_id == quiz_id, QuizQuestion.shown > 0)
        .order_by(
            QuizCategory.name,
            (QuizQuestion.wrong * 1.0 / QuizQuestion.shown).desc(),
            QuizQuestion.id,
        )
        .limit(2000)
    ).all()
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(row)
    return found


def totals(session: Session, quiz_id: int) -> AnyRow:
    """(people, passed, papers) so far."""
    return session.execute(
        select(
            func.count(QuizAttempt.person_id.distinct()).label("people"),
            func.count().filter(QuizAttempt.is_passed).label("passed"),
            func.count(QuizAttempt.submitted_at).label("papers"),
        ).where(QuizAttempt.quiz_id == quiz_id)
    ).one()
