"""The safety quiz: its rules, its bank of questions, who tried and how it went."""

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base


class Quiz(Base):
    """The rules of one season: minutes to answer, points to pass (of 100), minutes to wait after a failure."""

    __tablename__ = "welcome_quizzes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"), unique=True)
    title: Mapped[str]
    title_en: Mapped[str | None]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    pass_mark: Mapped[int] = mapped_column(default=90)
    minutes: Mapped[int] = mapped_column(default=30)
    cool_down_minutes: Mapped[int] = mapped_column(default=60)

    __table_args__ = (
        CheckConstraint("opens_on <= closes_on", name="days"),
        CheckConstraint("pass_mark BETWEEN 1 AND 100", name="pass_mark"),
        CheckConstraint("minutes BETWEEN 1 AND 240", name="minutes"),
        CheckConstraint("cool_down_minutes BETWEEN 0 AND 10080", name="cool_down_minutes"),
    )


class QuizCategory(Base):
    """A category of questions, and how many of them an attempt draws."""

    __tablename__ = "welcome_quiz_categories"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("welcome_quizzes.id"))
    name: Mapped[str]
    draws: Mapped[int]

    __table_args__ = (UniqueConstraint("quiz_id", "name"), CheckConstraint("draws >= 0", name="draws"))


class QuizQuestion(Base):
    """`answers` are places in `options`. A changed question is a new row: attempts keep what was asked.

    `shown` and `wrong` count submitted answers, of nobody in particular.
    """

    __tablename__ = "welcome_quiz_questions"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("welcome_quizzes.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("welcome_quiz_categories.id"), index=True)
    code: Mapped[str]
    text: Mapped[str]
    options: Mapped[list[str]] = mapped_column(ARRAY(Text))
    answers: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    explanation: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    shown: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("cardinality(options) >= 2 AND cardinality(answers) >= 1", name="options"),
        Index(
            "uq_welcome_quiz_questions_code",
            "quiz_id",
            "code",
            unique=True,
            postgresql_where="is_active",
        ),
    )


class QuizAttempt(Base):
    """The paper of one attempt follows from `question_ids` and `seed`. `score` comes with `submitted_at`."""

    __tablename__ = "welcome_quiz_attempts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("welcome_quizzes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    seed: Mapped[int]
    question_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    started_at: Mapped[clock.datetime]
    due_at: Mapped[clock.datetime]
    submitted_at: Mapped[clock.datetime | None]
    given: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    score: Mapped[int | None]
    is_passed: Mapped[bool] = mapped_column(default=False)
    is_late: Mapped[bool] = mapped_column(default=False)
    certificate: Mapped[str | None] = mapped_column(unique=True)

    __table_args__ = (
        CheckConstraint("(score IS NULL) = (submitted_at IS NULL)", name="score"),
        CheckConstraint("is_passed = (certificate IS NOT NULL)", name="certificate"),
        Index("ix_welcome_quiz_attempts_person", "person_id", "quiz_id", "id"),
        Index(
            "uq_welcome_quiz_attempts_open",
            "quiz_id",
            "person_id",
            unique=True,
            postgresql_where="submitted_at IS NULL",
        ),
        Index("ix_welcome_quiz_attempts_passed", "quiz_id", "person_id", postgresql_where="is_passed"),
    )
