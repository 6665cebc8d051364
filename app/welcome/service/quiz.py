"""Use-cases of the safety quiz: starting and handing in a paper."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from random import Random

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.kit.i18n import N_
from app.platform.audit import service as audit
from app.welcome.errors import (
    AttemptHandedIn,
    QuizAlreadyPassed,
    QuizClosed,
    QuizCoolingDown,
    QuizEmpty,
    QuizInvalid,
)
from app.welcome.models import Quiz, QuizAttempt, QuizCategory, QuizQuestion
from app.welcome.queries import admissions
from app.welcome.queries import quiz as queries
from app.welcome.queries.quiz import Asked

GRACE = timedelta(seconds=30)  # for the way from the phone to us


@dataclass(frozen=True)
class QuizTerms:
    """The rules; minutes are whole ones."""

    title: str
    opens_on: date
    closes_on: date
    pass_mark: int = 90
    minutes: int = 30
    cool_down_minutes: int = 60
    title_en: str | None = None


def save_quiz(session: Session, *, by: Caller | None, season_id: int, terms: QuizTerms) -> int:
    """The rules of a season; attempts under way keep their time. Raises QuizInvalid."""
    _check(terms)
    values = asdict(terms)
    quiz_id = session.execute(
        insert(Quiz)
        .values(season_id=season_id, **values)
        .on_conflict_do_update(index_elements=["season_id"], set_=values)
        .returning(Quiz.id)
    ).scalar_one()
    audit.record(session, by=by, action="welcome.quiz_saved", object_type="welcome_quiz", object_id=quiz_id)
    return quiz_id


def _check(terms: QuizTerms) -> None:
    check_seen(title=terms.title)
    wrong: dict[str, list[str]] = {}
    if not terms.title.strip():
        wrong["title"] = [N_("请填写这一项。")]
    if terms.closes_on < terms.opens_on:
        wrong["closes_on"] = [N_("截止日期不能早于开始日期。")]
    if not 1 <= terms.pass_mark <= 100:
        wrong["pass_mark"] = [N_("及格分为 1–100。")]
    if not 1 <= terms.minutes <= 240:
        wrong["minutes"] = [N_("答题时间为 1–240 分钟。")]
    if not 0 <= terms.cool_down_minutes <= 10080:
        wrong["cool_down_minutes"] = [N_("重考间隔为 0–10080 分钟。")]
    if wrong:
        raise QuizInvalid(details=wrong)


def set_draws(session: Session, *, by: Caller, quiz_id: int, draws: Mapping[int, int]) -> None:
    """How many questions of each category make a paper."""
    for category_id, count in sorted(draws.items()):
        if not 0 <= count <= 100:
            raise QuizInvalid(details={f"draws-{category_id}": [N_("抽题数为 0–100。")]})
        session.execute(
            update(QuizCategory)
            .where(QuizCategory.id == category_id, QuizCategory.quiz_id == quiz_id)
            .values(draws=count)
        )
    audit.record(session, by=by, action="welcome.quiz_draws", object_type="welcome_quiz", object_id=quiz_id)


def start_attempt(session: Session, *, by: Caller) -> str:
    """A new paper, or the one that is open; returns its public id.

    Raises QuizClosed, QuizAlreadyPassed, QuizCoolingDown or QuizEmpty. A paper whose time is over counts as failed.
    """
    admission = admissions.admission_of(session, by.person_id)
    quiz = queries.quiz_of(session, admission.season_id)
    if not quiz.opens_on <= clock.today() <= quiz.closes_on:
        raise QuizClosed()
    _close_late(session, quiz.id, by.person_id)
    tried = queries.attempts(session, quiz.id, by.person_id)
    if any(one.is_passed for one in tried):
        raise QuizAlreadyPassed()
    if tried and tried[0].submitted_at is None:
        return tried[0].public_id
    wait = queries.may_start_at(quiz, tried)
    if wait is not None and wait > clock.now():
        raise QuizCoolingDown(at=f"{clock.local(wait):%H:%M}")
    return _new(session, quiz, by.person_id)


def _new(session: Session, quiz: Quiz, person_id: int) -> str:
    seed = secrets.randbits(60)
    drawn = _draw(session, quiz.id, seed)
    if not drawn:
        raise QuizEmpty()
    now = clock.now()
    session.execute(
        insert(QuizAttempt)
        .values(
            public_id=ids.public_id("qza"),
            quiz_id=quiz.id,
            person_id=person_id,
            seed=seed,
            question_ids=drawn,
            started_at=now,
            due_at=now + timedelta(minutes=quiz.minutes),
            is_passed=False,
            is_late=False,
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(QuizAttempt.public_id).where(
            QuizAttempt.quiz_id == quiz.id,
            QuizAttempt.person_id == person_id,
            QuizAttempt.submitted_at.is_(None),
        )
    ).one()


def _draw(session: Session, quiz_id: int, seed: int) -> list[int]:
    rows = session.execute(
        select(QuizCategory.id, QuizCategory.draws, func.array_agg(QuizQuestion.id).label("pool"))
        .join(QuizQuestion, QuizQuestion.category_id == QuizCategory.id)
        .where(QuizCategory.quiz_id == quiz_id, QuizCategory.draws > 0, QuizQuestion.is_active)
        .group_by(QuizCategory.id)
        .order_by(QuizCategory.id)
    )
    lots = Random(seed)  # noqa: S311 - the seed itself is not to be guessed
    drawn = [one for row in rows for one in lots.sample(sorted(row.pool), min(row.draws, len(row.pool)))]
    lots.shuffle(drawn)
    return drawn


def hand_in(session: Session, *, by: Caller, public_id: str, given: Mapping[int, Sequence[int]]) -> None:
    """Mark the paper, once. After its time nothing counts. Raises AttemptNotFound, AttemptHandedIn."""
    attempt = queries.attempt_of(session, by.person_id, public_id)
    asked = queries.paper(session, attempt)
    now = clock.now()
    is_late = now > attempt.due_at + GRACE
    answered = {} if is_late else {one.question.id: _chosen(one, given) for one in asked}
    right = {
        one.question.id
        for one in asked
        if set(answered.get(one.question.id, ())) == set(one.question.answers)
    }
    score = len(right) * 100 // len(asked)
    pass_mark = session.scalars(select(Quiz.pass_mark).where(Quiz.id == attempt.quiz_id)).one()
    is_passed = not is_late and score >= pass_mark
    if not db.rows_changed(
        session,
        update(QuizAttempt)
        .where(QuizAttempt.id == attempt.id, QuizAttempt.submitted_at.is_(None))
        .values(
            submitted_at=now,
            given={str(number): list(places) for number, places in answered.items()},
            score=score,
            is_passed=is_passed,
            is_late=is_late,
            certificate=ids.serial("S", clock.today()) if is_passed else None,
        ),
    ):
        raise AttemptHandedIn()
    if not is_late:
        _count(session, [one.question.id for one in asked], right)


def _chosen(one: Asked, given: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    places = range(len(one.options))
    return tuple(sorted({place for place in given.get(one.question.id, ()) if place in places}))


def _count(session: Session, asked: list[int], right: set[int]) -> None:
    """Locks the questions in the order of their ids, so that two papers never wait for each other in a ring."""
    session.execute(
        select(QuizQuestion.id).where(QuizQuestion.id.in_(asked)).order_by(QuizQuestion.id).with_for_update()
    )
    session.execute(
        update(QuizQuestion)
        .where(QuizQuestion.id.in_(asked))
        .values(
            shown=QuizQuestion.shown + 1,
            wrong=QuizQuestion.wrong + case((QuizQuestion.id.in_(right), 0), else_=1),
        )
        .execution_options(synchronize_session=False)
    )


def _close_late(session: Session, quiz_id: int, person_id: int) -> None:
    session.execute(
        update(QuizAttempt)
        .where(
            QuizAttempt.quiz_id == quiz_id,
            QuizAttempt.person_id == person_id,
            QuizAttempt.submitted_at.is_(None),
            QuizAttempt.due_at + GRACE < clock.now(),
        )
        .values(submitted_at=QuizAttempt.due_at, score=0, is_late=True)
        .execution_options(synchronize_session=False)
    )


def export_attempts(session: Session, *, person_id: int) -> dict[str, object]:
    rows = session.scalars(
        select(QuizAttempt).where(QuizAttempt.person_id == person_id).order_by(QuizAttempt.id)
    )
    return {
        "quiz": [
            {"started_at": one.started_at.isoformat(), "score": one.score, "certificate": one.certificate}
            for one in rows
        ]
    }


def erase_attempts(session: Session, *, by: Caller | None, person_id: int) -> None:
    session.execute(delete(QuizAttempt).where(QuizAttempt.person_id == person_id))


def merge_attempts(session: Session, *, from_id: int, into_id: int) -> None:
    """Attempts follow; of two open papers the one that moves ends."""
    session.execute(
        update(QuizAttempt)
        .where(QuizAttempt.person_id == from_id, QuizAttempt.submitted_at.is_(None))
        .values(submitted_at=clock.now(), score=0, is_late=True)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(QuizAttempt)
        .where(QuizAttempt.person_id == from_id)
        .values(person_id=into_id)
        .execution_options(synchronize_session=False)
    )
