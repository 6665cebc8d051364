"""What ends with the season or a person: everything that freshmen told each other."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow, rows_changed
from app.welcome.models import (
    Admission,
    Block,
    CompanionMessage,
    CompanionMute,
    CompanionPost,
    CompanionThread,
    Consent,
    Contact,
    Exchange,
    Report,
    Season,
    WelcomeCard,
)
from app.welcome.service.cards import revoke_card
from app.welcome.service.companions import close_past

KEEP_POSTS = timedelta(days=7)
KEEP_REPORTS = timedelta(days=90)
KEEP_UNSETTLED = timedelta(days=365)
KEEP_CONSENTS = timedelta(days=3 * 365)


def retain(session: Session) -> int:
    """Posts go a week after they ended, the rest when the season closed; returns how many rows."""
    close_past(session)
    day, moment = clock.today(), clock.now()
    gone = _drop_posts(
        session,
        or_(
            CompanionPost.expires_on < day - KEEP_POSTS,
            CompanionPost.closed_at < moment - KEEP_POSTS,
        ),
    )
    gone += rows_changed(session, delete(CompanionMute).where(CompanionMute.until < moment))
    gone += rows_changed(
        session,
        delete(Report).where(
            or_(Report.settled_at < moment - KEEP_REPORTS, Report.created_at < moment - KEEP_UNSETTLED)
        ),
    )
    gone += rows_changed(session, delete(Consent).where(Consent.withdrawn_at < moment - KEEP_CONSENTS))
    return gone + _drop_of_past_seasons(session)


def _drop_of_past_seasons(session: Session) -> int:
    """Contacts, swaps, blocks, cards and nicknames of whoever is in no season that still runs."""
    today = clock.today()
    running = select(Admission.person_id).join(Season).where(Season.closes_on >= today)
    past = select(Admission.id).join(Season).where(Season.closes_on < today)
    gone = 0
    for stmt in (
        delete(Contact).where(Contact.person_id.not_in(running)),
        delete(Exchange).where(Exchange.asker_id.not_in(running)),
        delete(Block).where(Block.person_id.not_in(running)),
        delete(WelcomeCard).where(WelcomeCard.admission_id.in_(past)),
        update(Admission)
        .where(Admission.id.in_(past), Admission.nickname.is_not(None))
        .values(nickname=None),
        update(Consent)
        .where(Consent.person_id.not_in(running), Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now()),
    ):
        gone += rows_changed(session, stmt)
    return gone


def _drop_posts(session: Session, *conditions: Any) -> int:
    posts = select(CompanionPost.id).where(*conditions)
    threads = select(CompanionThread.id).where(CompanionThread.post_id.in_(posts))
    session.execute(delete(CompanionMessage).where(CompanionMessage.thread_id.in_(threads)))
    session.execute(delete(CompanionThread).where(CompanionThread.post_id.in_(posts)))
    return rows_changed(session, delete(CompanionPost).where(CompanionPost.id.in_(posts)))


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What one told roommates and companions, for the person. Nothing of the others."""
    consents = select(Consent.purpose, Consent.version, Consent.given_at, Consent.withdrawn_at)
    contacts = select(Contact.channel, Contact.value, Contact.updated_at)
    posts = select(
        CompanionPost.city,
        CompanionPost.travels_on,
        CompanionPost.transport,
        CompanionPost.train_number,
        CompanionPost.note,
        CompanionPost.note_reason,
        CompanionPost.status,
        CompanionPost.created_at,
    )
    messages = select(CompanionMessage.text, CompanionMessage.created_at)
    reports = select(Report.subject, Report.reason, Report.note, Report.created_at, Report.answer)
    swaps = select(Exchange.channel, Exchange.status, Exchange.asked_at, Exchange.ended_at)
    blocks = select(Block.created_at)
    parts = {
        "consents": consents.where(Consent.person_id == person_id).order_by(Consent.id),
        "contacts": contacts.where(Contact.person_id == person_id).order_by(Contact.id),
        "exchanges": swaps.where(or_(Exchange.asker_id == person_id, Exchange.other_id == person_id)),
        "blocks": blocks.where(Block.person_id == person_id).order_by(Block.id),
        "companion_posts": posts.where(CompanionPost.person_id == person_id).order_by(CompanionPost.id),
        "companion_messages": messages.where(CompanionMessage.writer_id == person_id).order_by(
            CompanionMessage.id
        ),
        "reports": reports.where(Report.reporter_id == person_id).order_by(Report.id),
    }
    return {key: [_plain(row) for row in session.execute(stmt)] for key, stmt in parts.items()}


def _plain(row: AnyRow) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row._mapping.items()
    }


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Forget all of it; reports against others stay without their words. May be run again."""
    threads = select(CompanionThread.id).where(
        or_(CompanionThread.author_id == person_id, CompanionThread.joiner_id == person_id)
    )
    session.execute(delete(CompanionMessage).where(CompanionMessage.thread_id.in_(threads)))
    session.execute(
        delete(CompanionThread).where(
            or_(CompanionThread.author_id == person_id, CompanionThread.joiner_id == person_id)
        )
    )
    _drop_posts(session, CompanionPost.person_id == person_id)
    mine = select(Admission.id).where(Admission.person_id == person_id)
    for stmt in (
        delete(Contact).where(Contact.person_id == person_id),
        delete(Exchange).where(or_(Exchange.asker_id == person_id, Exchange.other_id == person_id)),
        delete(Block).where(or_(Block.person_id == person_id, Block.blocked_id == person_id)),
        delete(CompanionMute).where(CompanionMute.person_id == person_id),
        delete(Consent).where(Consent.person_id == person_id),
        delete(WelcomeCard).where(WelcomeCard.admission_id.in_(mine)),
        update(Report).where(Report.reporter_id == person_id).values(note=""),
        update(Admission).where(Admission.person_id == person_id).values(nickname=None),
    ):
        session.execute(stmt)


def start_afresh(session: Session, *, person_id: int) -> None:
    """A claim is freed: what somebody else said in this name goes, and the code they may have saved dies. In the
    transaction that frees it: a moment later the rightful one may speak.

    Reports and consents stay as records, the latter withdrawn. May be run again.
    """
    for admission_id in session.scalars(select(Admission.id).where(Admission.person_id == person_id)):
        revoke_card(session, by=None, admission_id=admission_id)
    moment = clock.now()
    mine = or_(Exchange.asker_id == person_id, Exchange.other_id == person_id)
    _drop_posts(session, CompanionPost.person_id == person_id)
    for stmt in (
        delete(Contact).where(Contact.person_id == person_id),
        update(Exchange).where(mine, Exchange.status != "ended").values(status="ended", ended_at=moment),
        update(CompanionThread)
        .where(CompanionThread.joiner_id == person_id, CompanionThread.status != "ended")
        .values(status="ended", ended_at=moment),
        update(Consent)
        .where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=moment),
        update(Admission).where(Admission.person_id == person_id).values(nickname=None),
    ):
        session.execute(stmt)


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """A visitor turned out to be somebody. Visitors have no admission, so hardly anything of this. Safe to repeat."""
    for key in (Contact.channel, Consent.purpose):
        table: Any = key.class_
        theirs = aliased(table)
        twin = exists().where(theirs.person_id == into_id, getattr(theirs, key.key) == key)
        session.execute(delete(table).where(table.person_id == from_id, twin))
        session.execute(update(table).where(table.person_id == from_id).values(person_id=into_id))
    _merge_pairs(session, from_id, into_id)
    for column in (
        Report.reporter_id,
        Report.reported_id,
        CompanionThread.author_id,
        CompanionThread.joiner_id,
        CompanionMessage.writer_id,
    ):
        session.execute(update(column.class_).where(column == from_id).values({column.key: into_id}))


def _merge_pairs(session: Session, from_id: int, into_id: int) -> None:
    """What names two people and could now name one twice, or a pair twice: swaps end, blocks join."""
    touched = or_(Exchange.asker_id == from_id, Exchange.other_id == from_id)
    session.execute(delete(Exchange).where(touched))
    theirs = aliased(Block)
    twin = exists().where(theirs.person_id == into_id, theirs.blocked_id == Block.blocked_id)
    session.execute(delete(Block).where(Block.person_id == from_id, or_(twin, Block.blocked_id == into_id)))
    session.execute(update(Block).where(Block.person_id == from_id).values(person_id=into_id))
    other = exists().where(theirs.blocked_id == into_id, theirs.person_id == Block.person_id)
    session.execute(delete(Block).where(Block.blocked_id == from_id, or_(other, Block.person_id == into_id)))
    session.execute(update(Block).where(Block.blocked_id == from_id).values(blocked_id=into_id))
    has_mute = exists().where(CompanionMute.person_id == into_id)
    session.execute(delete(CompanionMute).where(CompanionMute.person_id == from_id, has_mute))
    session.execute(update(CompanionMute).where(CompanionMute.person_id == from_id).values(person_id=into_id))
    open_twin = aliased(CompanionPost)
    has_open = exists().where(open_twin.person_id == into_id, open_twin.season_id == CompanionPost.season_id)
    _drop_posts(session, CompanionPost.person_id == from_id, has_open)
    session.execute(update(CompanionPost).where(CompanionPost.person_id == from_id).values(person_id=into_id))
