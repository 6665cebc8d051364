"""同城结伴: who travels the same way, what they write to each other, and what the desk decided about it."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_


class Transport(StrEnum):
    TRAIN = "train"
    PLANE = "plane"
    COACH = "coach"
    CAR = "car"


TRANSPORT_LABELS = {
    Transport.TRAIN: N_("火车"),
    Transport.PLANE: N_("飞机"),
    Transport.COACH: N_("长途汽车"),
    Transport.CAR: N_("自驾"),
}


class PostStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"  # by the author
    HIDDEN = "hidden"  # by the desk


class NoteStatus(StrEnum):
    """The free text of a post: nobody but the author reads it before the desk has."""

    NONE = "none"
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


class ThreadStatus(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    ENDED = "ended"


class Mode(StrEnum):
    """The one switch of the board."""

    ON = "on"
    NO_TEXT = "no_text"
    OFF = "off"


MODE_LABELS = {Mode.ON: N_("开放"), Mode.NO_TEXT: N_("停用自由文字"), Mode.OFF: N_("整体停用")}


class CompanionPost(Base):
    """One wish to travel together; of each person one that is open. Gone a week after `expires_on`.

    `province` are the first two digits of `city`. `only_gender` is the author's own, for a post that only
    the same sex shall see.
    """

    __tablename__ = "welcome_companion_posts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("welcome_seasons.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("directory_campuses.id"))
    city: Mapped[str]
    province: Mapped[str]
    travels_on: Mapped[date]
    transport: Mapped[str]
    train_number: Mapped[str | None]
    wanted: Mapped[int]
    only_gender: Mapped[str | None]
    note: Mapped[str | None]
    note_status: Mapped[str]
    note_reason: Mapped[str | None]
    status: Mapped[str]
    status_reason: Mapped[str | None]
    expires_on: Mapped[date]
    created_at: Mapped[clock.datetime]
    closed_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('open','closed','hidden')", name="status"),
        CheckConstraint("note_status IN ('none','pending','approved','refused')", name="note_status"),
        CheckConstraint("(note IS NULL) = (note_status = 'none')", name="note"),
        CheckConstraint("transport IN ('train','plane','coach','car')", name="transport"),
        CheckConstraint("wanted BETWEEN 1 AND 6", name="wanted"),
        Index(
            "uq_welcome_companion_posts_open",
            "season_id",
            "person_id",
            unique=True,
            postgresql_where="status = 'open'",
        ),
        Index(
            "ix_welcome_companion_posts_board",
            "season_id",
            "campus_id",
            "province",
            "travels_on",
            "id",
            postgresql_where="status = 'open'",
        ),
        Index("ix_welcome_companion_posts_pending", "id", postgresql_where="note_status = 'pending'"),
    )


class CompanionThread(Base):
    """Somebody would like to join a post; once accepted the two may write."""

    __tablename__ = "welcome_companion_threads"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("welcome_companion_posts.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    joiner_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    status: Mapped[str]
    asked_at: Mapped[clock.datetime]
    decided_at: Mapped[clock.datetime | None]
    ended_at: Mapped[clock.datetime | None]

    __table_args__ = (
        UniqueConstraint("post_id", "joiner_id"),
        CheckConstraint("status IN ('asked','accepted','ended')", name="status"),
        CheckConstraint("author_id <> joiner_id", name="two"),
    )


class CompanionMessage(Base):
    __tablename__ = "welcome_companion_messages"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("welcome_companion_threads.id"))
    writer_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    text: Mapped[str]
    created_at: Mapped[clock.datetime]

    __table_args__ = (Index("ix_welcome_companion_messages_thread", "thread_id", "id"),)


class CompanionWord(Base):
    """A word that no post and no message may hold."""

    __tablename__ = "welcome_companion_words"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    word: Mapped[str] = mapped_column(unique=True)
    added_by_id: Mapped[int | None]
    added_at: Mapped[clock.datetime]


class CompanionMute(Base):
    """Until then a person neither posts, asks nor writes."""

    __tablename__ = "welcome_companion_mutes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), unique=True)
    until: Mapped[clock.datetime]
    reason: Mapped[str]
    by_id: Mapped[int | None]
    created_at: Mapped[clock.datetime]


class CompanionSwitch(Base):
    """One row: how far the board is open. Absent: on."""

    __tablename__ = "welcome_companion_switch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mode: Mapped[str]
    changed_by_id: Mapped[int | None]
    changed_at: Mapped[clock.datetime]

    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("mode IN ('on','no_text','off')", name="mode"),
    )
