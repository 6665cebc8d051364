"""同城结伴 as a freshman sees it: the same campus, the same direction, nobody hidden, and no count of a few."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.paging import Key, Page, page
from app.platform.directory import queries as directory
from app.welcome import regions
from app.welcome.errors import BoardOff, PostNotFound, ThreadNotFound
from app.welcome.models import (
    Admission,
    CompanionMessage,
    CompanionMute,
    CompanionPost,
    CompanionSwitch,
    CompanionThread,
    CompanionWord,
    Mode,
    NoteStatus,
    PostStatus,
    Season,
    ThreadStatus,
)
from app.welcome.queries.roommates import claimed_admission_of, hidden_from, home_in, season_of

FEW = 5
STAYS = timedelta(days=1)  # after the day of travel
MESSAGES_SHOWN = 200


@dataclass(frozen=True)
class Traveller:
    """Whose board it is. Nothing is seen while campus or direction is unknown; one's own post settles both."""

    admission: Admission
    gender: str | None
    campus_id: int | None
    province: str | None
    post: CompanionPost | None
    mode: str

    @property
    def person_id(self) -> int:
        return self.admission.person_id


def traveller(session: Session, person_id: int) -> Traveller:
    """Raises NoAdmission, ClaimFirst, BoardOff."""
    mode = mode_now(session)
    if mode == Mode.OFF:
        raise BoardOff()
    admission = claimed_admission_of(session, person_id)
    season = season_of(session, admission)
    post = own_post(session, admission)
    campus_id = post.campus_id if post else home_campus(session, admission, season)
    province = post.province if post else regions.province_code(admission.region)
    gender = directory.person(session, person_id).gender
    return Traveller(admission, gender, campus_id, province, post, mode)


def home_campus(session: Session, admission: Admission, season: Season) -> int | None:
    """Of one's bed, once dorms are shown; where the school has one campus only, that one."""
    if clock.today() >= season.dorms_on:
        home = home_in(session, admission.person_id, season)
        if home is not None:
            return home.place.campus_id
    campuses = directory.campuses(session)
    return campuses[0].id if len(campuses) == 1 else None


def own_post(session: Session, admission: Admission) -> CompanionPost | None:
    """The open one, or the last one that was hidden or closed and is still kept."""
    return session.scalar(
        select(CompanionPost)
        .where(
            CompanionPost.season_id == admission.season_id,
            CompanionPost.person_id == admission.person_id,
            CompanionPost.status == PostStatus.OPEN,
            CompanionPost.expires_on >= clock.today(),
        )
        .order_by(CompanionPost.id.desc())
        .limit(1)
    )


def hidden_post(session: Session, admission: Admission) -> CompanionPost | None:
    """The latest post, when it was the desk that hid it: its author is told why."""
    last = session.scalar(
        select(CompanionPost)
        .where(CompanionPost.person_id == admission.person_id)
        .order_by(CompanionPost.id.desc())
        .limit(1)
    )
    return last if last is not None and last.status == PostStatus.HIDDEN else None


def board(session: Session, who: Traveller, cursor: str | None = None) -> Page[Any]:
    """Posts of the same way by others, by day."""
    stmt = _visible(session, who)
    keys = [Key("travels_on", CompanionPost.travels_on), Key("id", CompanionPost.id)]
    return page(session, stmt, keys=keys, cursor=cursor, limit=20)


def count_text(count: int) -> int | None:
    """A number of people that may be told; None for a few: whoever they are, they could be guessed."""
    return count if count >= FEW else None


def travellers_of_way(session: Session, who: Traveller) -> int:
    """How many have a post of the same way, one's own included."""
    found = _visible(session, who).with_only_columns(func.count())
    return int(session.scalar(found) or 0) + (1 if who.post else 0)


def post_for(session: Session, who: Traveller, public_id: str) -> Any:
    """A post as the board has it. One's own, a foreign direction's and a missing one: PostNotFound."""
    row = session.execute(_visible(session, who).where(CompanionPost.public_id == public_id)).first()
    if row is None:
        raise PostNotFound()
    return row


def _visible(session: Session, who: Traveller) -> Select[*tuple[Any, ...]]:
    hidden = hidden_from(session, who.person_id)
    return select(
        CompanionPost.id,
        CompanionPost.public_id,
        CompanionPost.person_id,
        CompanionPost.city,
        CompanionPost.travels_on,
        CompanionPost.transport,
        CompanionPost.train_number,
        CompanionPost.wanted,
        CompanionPost.only_gender,
        CompanionPost.note,
        CompanionPost.note_status,
    ).where(
        CompanionPost.season_id == who.admission.season_id,
        CompanionPost.campus_id == who.campus_id,
        CompanionPost.province == who.province,
        CompanionPost.status == PostStatus.OPEN,
        CompanionPost.expires_on >= clock.today(),
        CompanionPost.person_id != who.person_id,
        CompanionPost.person_id.not_in(hidden),
        _for_gender(who.gender),
    )


def _for_gender(gender: str | None) -> ColumnElement[bool]:
    open_to_all = CompanionPost.only_gender.is_(None)
    return open_to_all if gender is None else or_(open_to_all, CompanionPost.only_gender == gender)


def note_of(post: Any, mode: str) -> str:
    """The free text that others may read: approved, and the switch allows it."""
    return post.note if post.note_status == NoteStatus.APPROVED and mode == Mode.ON else ""


def threads_of(session: Session, who: Traveller) -> list[Any]:
    """What waits and what is under way, newest first; of posts that have not gone by."""
    rows = session.execute(
        _threads(session, who)
        .where(
            CompanionThread.status != ThreadStatus.ENDED,
            CompanionPost.expires_on >= clock.today(),
            CompanionPost.status != PostStatus.HIDDEN,
        )
        .order_by(CompanionThread.id.desc())
        .limit(50)
    )
    return list(rows)


def thread_for(session: Session, who: Traveller, public_id: str) -> Any:
    """A thread of the caller's with somebody not hidden. Raises ThreadNotFound."""
    row = session.execute(
        _threads(session, who).where(
            CompanionThread.public_id == public_id,
            or_(
                CompanionThread.status != ThreadStatus.ENDED,
                CompanionThread.decided_at.is_not(None),
            ),
        )
    ).first()
    if row is None:
        raise ThreadNotFound()
    return row


def _threads(session: Session, who: Traveller) -> Select[*tuple[Any, ...]]:
    hidden = hidden_from(session, who.person_id)
    mine = CompanionThread.author_id == who.person_id
    joined = CompanionThread.joiner_id == who.person_id
    return (
        select(
            CompanionThread.id,
            CompanionThread.public_id,
            CompanionThread.author_id,
            CompanionThread.joiner_id,
            CompanionThread.status,
            CompanionThread.asked_at,
            CompanionPost.public_id.label("post_id"),
            CompanionPost.city,
            CompanionPost.travels_on,
            CompanionPost.transport,
            CompanionPost.expires_on,
            CompanionPost.status.label("post_status"),
        )
        .join(CompanionPost, CompanionPost.id == CompanionThread.post_id)
        .where(
            or_(
                and_(mine, CompanionThread.joiner_id.not_in(hidden)),
                and_(joined, CompanionThread.author_id.not_in(hidden)),
            )
        )
    )


def is_live(thread: Any) -> bool:
    """Whether the two may still write."""
    return (
        thread.status == ThreadStatus.ACCEPTED
        and thread.post_status != PostStatus.HIDDEN
        and thread.expires_on >= clock.today()
    )


def messages_of(session: Session, thread_id: int) -> list[Any]:
    """The latest ones, oldest first."""
    rows = session.execute(
        select(CompanionMessage.writer_id, CompanionMessage.text, CompanionMessage.created_at)
        .where(CompanionMessage.thread_id == thread_id)
        .order_by(CompanionMessage.id.desc())
        .limit(MESSAGES_SHOWN)
    )
    return list(reversed(rows.all()))


def nickname_of(session: Session, season_id: int, person_id: int) -> str:
    """What a companion is called once both agreed."""
    found = session.scalar(
        select(Admission.nickname).where(Admission.season_id == season_id, Admission.person_id == person_id)
    )
    return found or ""


def mode_now(session: Session) -> str:
    return session.scalar(select(CompanionSwitch.mode)) or Mode.ON


def words(session: Session) -> list[str]:
    return list(session.scalars(select(CompanionWord.word).order_by(CompanionWord.word)))


def muted_until(session: Session, person_id: int) -> Any:
    """The end of a mute that holds now; None otherwise."""
    return session.scalar(
        select(CompanionMute.until).where(
            CompanionMute.person_id == person_id, CompanionMute.until > clock.now()
        )
    )
