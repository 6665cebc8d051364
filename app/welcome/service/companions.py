"""Travelling together: a post, a wish to join it, a yes, and messages. No names, no numbers."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.kit.errors import TooMany
from app.kit.i18n import N_
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.welcome import regions
from app.welcome.errors import (
    CompanionMuted,
    ConsentMissing,
    PostAlreadyOpen,
    PostIncomplete,
    PostMoved,
    TextMissing,
    TextOff,
    TextRefused,
    ThreadMoved,
    ThreadNotFound,
)
from app.welcome.events import CompanionWrote, JoinAccepted, JoinAsked
from app.welcome.models import (
    CompanionMessage,
    CompanionPost,
    CompanionThread,
    Mode,
    NoteStatus,
    PostStatus,
    ThreadStatus,
    Transport,
)
from app.welcome.queries import companions as queries
from app.welcome.queries.companions import Traveller
from app.welcome.queries.roommates import season_of
from app.welcome.service import consents, screening

LONGEST_NOTE, LONGEST_MESSAGE = 100, 200
MOST_WANTED, POSTS_PER_DAY = 6, 3
TRAIN = re.compile(r"[GDCZTKYLS]?\d{1,4}")
CITY_WRONG = N_("请从列表里选出发城市。")
DAY_WRONG = N_("请选今天起到迎新结束之间的日期。")
TRANSPORT_WRONG = N_("请选交通方式。")
TRAIN_WRONG = N_("车次形如 G1234；没有就空着。")
WANTED_WRONG = N_("人数请填 1 到 6。")
CAMPUS_WRONG = N_("请选要去的校区。")
NOTE_LONG = N_("补充的话最多 100 字，请改短一些。")
GENDER_UNKNOWN = N_("名单里没有您的性别，不能选“只给同性看”。")


@dataclass(frozen=True)
class Journey:
    """What a freshman fills in. `campus_id` counts only while no bed says where they live."""

    city: str
    travels_on: date | None
    transport: str
    wanted: int
    train_number: str = ""
    is_same_sex: bool = False
    note: str = ""
    campus_id: int | None = None


def publish(session: Session, *, by: Caller, journey: Journey, agrees: bool) -> str:
    """Put a journey on the board; returns its id (cmp_…). A note waits for the desk, the rest is seen at once.

    Raises PostIncomplete, TextRefused, TextOff, ConsentMissing, PostAlreadyOpen, CompanionMuted.
    """
    who = queries.traveller(session, by.person_id)
    check_unmuted(session, by)
    note = _checked_note(session, who.mode, journey.note)
    values = _checked(session, who, journey)
    if not agrees:
        raise ConsentMissing(details={"agrees": [ConsentMissing.msgid]})
    close_past(session, by.person_id)
    _check_few_today(session, by.person_id)
    consents.give(session, by=by, purpose="companion")
    public_id = ids.public_id("cmp")
    made = session.scalar(
        upsert(CompanionPost)
        .values(
            public_id=public_id,
            season_id=who.admission.season_id,
            person_id=by.person_id,
            note=note,
            note_status=NoteStatus.PENDING if note else NoteStatus.NONE,
            status=PostStatus.OPEN,
            created_at=clock.now(),
            **values,
        )
        .on_conflict_do_nothing(
            index_elements=["season_id", "person_id"],
            index_where=text("status = 'open'"),  # a parameter would fit no index once prepared
        )
        .returning(CompanionPost.id)
    )
    if made is None:
        raise PostAlreadyOpen()
    _note(session, by, "post_published", public_id)
    return public_id


def _checked(session: Session, who: Traveller, journey: Journey) -> dict[str, object]:
    season = season_of(session, who.admission)
    campus_id = queries.home_campus(session, who.admission, season) or journey.campus_id
    train = screening.plain(journey.train_number).replace(" ", "").upper()
    day = journey.travels_on
    wrong = {
        "city": not regions.city(journey.city) and CITY_WRONG,
        "travels_on": (day is None or not clock.today() <= day <= season.closes_on) and DAY_WRONG,
        "transport": journey.transport not in set(Transport) and TRANSPORT_WRONG,
        "train_number": bool(train) and not TRAIN.fullmatch(train) and TRAIN_WRONG,
        "wanted": not 1 <= journey.wanted <= MOST_WANTED and WANTED_WRONG,
        "campus_id": campus_id not in {one.id for one in directory.campuses(session)} and CAMPUS_WRONG,
        "is_same_sex": journey.is_same_sex and not who.gender and GENDER_UNKNOWN,
    }
    details = {field: [said] for field, said in wrong.items() if said}
    if details or day is None:
        raise PostIncomplete(details=details)
    return {
        "campus_id": campus_id,
        "city": journey.city,
        "province": journey.city[:2],
        "travels_on": day,
        "transport": journey.transport,
        "train_number": train if train and journey.transport == Transport.TRAIN else None,
        "wanted": journey.wanted,
        "only_gender": who.gender if journey.is_same_sex else None,
        "expires_on": day + queries.STAYS,
    }


def _check_few_today(session: Session, person_id: int) -> None:
    """Each post opens a board: who changes direction all day is looking around. Raises TooMany."""
    today = clock.start_of_day(clock.today())
    made = session.scalar(
        select(func.count()).where(CompanionPost.person_id == person_id, CompanionPost.created_at >= today)
    )
    if (made or 0) >= POSTS_PER_DAY:
        raise TooMany(seconds=int((today + timedelta(days=1) - clock.now()).total_seconds()))


def _checked_note(session: Session, mode: str, note: str) -> str | None:
    given = note.strip()
    if not given:
        return None
    if mode != Mode.ON:
        raise TextOff()
    if len(given) > LONGEST_NOTE:
        raise TextMissing(details={"note": [NOTE_LONG]}, limit=LONGEST_NOTE)
    _screen(session, given, "note")
    return given


def _screen(session: Session, given: str, field: str) -> None:
    found = screening.refused(given, queries.words(session))
    if found is not None:
        raise TextRefused(details={field: [found]}, found=found)


def check_unmuted(session: Session, by: Caller) -> None:
    until = queries.muted_until(session, by.person_id)
    if until is not None:
        raise CompanionMuted(until=f"{clock.local(until):%m-%d %H:%M}")


def close_post(session: Session, *, by: Caller) -> None:
    """Take one's own open post off the board. Requests that wait end with it; who was accepted may go on."""
    post = queries.traveller(session, by.person_id).post
    closed = post is not None and rows_changed(
        session,
        update(CompanionPost)
        .where(CompanionPost.id == post.id, CompanionPost.status == PostStatus.OPEN)
        .values(status=PostStatus.CLOSED, closed_at=clock.now()),
    )
    if not post or not closed:
        raise PostMoved()
    _end_asked(session, post.id)
    consents.withdraw(session, by=by, purpose="companion")
    _note(session, by, "post_closed", post.public_id)


def withdraw_consent(session: Session, *, by: Caller) -> None:
    """One's open posts go off the board, also while it is switched off. May be run again."""
    closed = session.execute(
        update(CompanionPost)
        .where(CompanionPost.person_id == by.person_id, CompanionPost.status == PostStatus.OPEN)
        .values(status=PostStatus.CLOSED, closed_at=clock.now())
        .returning(CompanionPost.id, CompanionPost.public_id)
    ).all()
    for post in closed:
        _end_asked(session, post.id)
        _note(session, by, "post_closed", post.public_id)
    consents.withdraw(session, by=by, purpose="companion")


def close_past(session: Session, person_id: int | None = None) -> int:
    """Posts whose day is over; returns how many. Run by the clock, and before a person posts anew."""
    past = update(CompanionPost).where(
        CompanionPost.status == PostStatus.OPEN, CompanionPost.expires_on < clock.today()
    )
    if person_id is not None:
        past = past.where(CompanionPost.person_id == person_id)
    return rows_changed(session, past.values(status=PostStatus.CLOSED, closed_at=clock.now()))


def _end_asked(session: Session, post_id: int) -> None:
    session.execute(
        update(CompanionThread)
        .where(CompanionThread.post_id == post_id, CompanionThread.status == ThreadStatus.ASKED)
        .values(status=ThreadStatus.ENDED, ended_at=clock.now())
    )


def ask_to_join(session: Session, *, by: Caller, post_id: str) -> str:
    """Tell the author; returns the thread's id (thr_…). Once asked and refused is asked for good: ThreadMoved."""
    who = queries.traveller(session, by.person_id)
    check_unmuted(session, by)
    post = queries.post_for(session, who, post_id)
    made = session.execute(
        upsert(CompanionThread)
        .values(
            public_id=ids.public_id("thr"),
            post_id=post.id,
            author_id=post.person_id,
            joiner_id=by.person_id,
            status=ThreadStatus.ASKED,
            asked_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["post_id", "joiner_id"])
        .returning(CompanionThread.id, CompanionThread.public_id)
    ).first()
    if made is None:
        raise ThreadMoved()
    outbox.emit(session, JoinAsked(made.id))
    _note(session, by, "join_asked", made.public_id)
    return str(made.public_id)


def accept_join(session: Session, *, by: Caller, thread_id: str) -> None:
    """The author says yes. Raises ThreadNotFound, ThreadMoved."""
    thread = queries.thread_for(session, queries.traveller(session, by.person_id), thread_id)
    if thread.author_id != by.person_id:
        raise ThreadNotFound()
    moved = thread.post_status == PostStatus.OPEN and rows_changed(
        session,
        update(CompanionThread)
        .where(CompanionThread.id == thread.id, CompanionThread.status == ThreadStatus.ASKED)
        .values(status=ThreadStatus.ACCEPTED, decided_at=clock.now()),
    )
    if not moved:
        raise ThreadMoved()
    outbox.emit(session, JoinAccepted(thread.id))
    _note(session, by, "join_accepted", thread_id)


def end_thread(session: Session, *, by: Caller, thread_id: str) -> None:
    """Decline, take back or leave; either may. Raises ThreadNotFound."""
    thread = queries.thread_for(session, queries.traveller(session, by.person_id), thread_id)
    ended = rows_changed(
        session,
        update(CompanionThread)
        .where(CompanionThread.id == thread.id, CompanionThread.status != ThreadStatus.ENDED)
        .values(status=ThreadStatus.ENDED, ended_at=clock.now()),
    )
    if ended:
        _note(session, by, "thread_ended", thread_id)


def write(session: Session, *, by: Caller, thread_id: str, text: str) -> None:
    """A message to the companion. Raises TextMissing, TextRefused, TextOff, CompanionMuted, ThreadMoved."""
    who = queries.traveller(session, by.person_id)
    thread = queries.thread_for(session, who, thread_id)
    if who.mode != Mode.ON:
        raise TextOff()
    check_unmuted(session, by)
    if not queries.is_live(thread):
        raise ThreadMoved()
    given = text.strip()
    if not 1 <= len(given) <= LONGEST_MESSAGE:
        raise TextMissing(limit=LONGEST_MESSAGE)
    if screening.is_in_pieces([*_just_said(session, thread.id, by.person_id), given]):
        raise TextRefused(found=screening.NUMBERS)
    _screen(session, given, "text")
    message_id = session.scalar(
        insert(CompanionMessage)
        .values(thread_id=thread.id, writer_id=by.person_id, text=given, created_at=clock.now())
        .returning(CompanionMessage.id)
    )
    assert message_id is not None
    outbox.emit(session, CompanionWrote(message_id))


def _just_said(session: Session, thread_id: int, person_id: int) -> list[str]:
    """What the same person wrote in the last minutes, oldest first."""
    since = clock.now() - timedelta(minutes=10)
    said = queries.messages_of(session, thread_id)
    return [row.text for row in said if row.writer_id == person_id and row.created_at >= since][-6:]


def _note(session: Session, by: Caller, action: str, object_id: str) -> None:
    audit.record(
        session, by=by, action=f"welcome.{action}", object_type="welcome_companion", object_id=object_id
    )
