"""Getting to know one's roommates: nickname, own contacts, and their exchange by mutual consent."""

import re

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow, rows_changed
from app.kit.hidden import check_seen
from app.platform.audit import service as audit
from app.welcome.errors import (
    ConsentMissing,
    ContactInvalid,
    ContactMissing,
    ExchangeMoved,
    ExchangeNotFound,
    NicknameRefused,
)
from app.welcome.events import ExchangeAccepted, ExchangeAsked
from app.welcome.models import CHANNEL_LABELS, Admission, Channel, Contact, Exchange, ExchangeStatus
from app.welcome.queries.roommates import claimed_admission_of, hidden_from, mate_for
from app.welcome.service import consents, screening

LONGEST_NICKNAME = 12
FORMS = {
    Channel.WECHAT: re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{4,29}"),
    Channel.PHONE: re.compile(r"\+?\d{6,20}"),
}


def set_nickname(session: Session, *, by: Caller, nickname: str) -> None:
    """What roommates call somebody before names are shown; "" takes it away. Raises NicknameRefused,
    HiddenCharacters.
    """
    mine = claimed_admission_of(session, by.person_id)
    check_seen(nickname=nickname)
    given = " ".join(nickname.split())
    if len(given) > LONGEST_NICKNAME or screening.refused(given):
        raise NicknameRefused(details={"nickname": [NicknameRefused.msgid]})
    session.execute(
        update(Admission)
        .where(Admission.id == mine.id)
        .values(nickname=given or None, updated_at=clock.now())
    )
    _note(session, by, "nickname_set", mine.public_id)


def save_contact(session: Session, *, by: Caller, channel: Channel, value: str, agrees: bool) -> None:
    """Keep what may later be swapped. Raises ConsentMissing, ContactInvalid."""
    mine = claimed_admission_of(session, by.person_id)
    given = value.strip().replace(" ", "")
    if channel == Channel.PHONE:
        given = given.replace("-", "")
    if not FORMS[channel].fullmatch(given):
        raise ContactInvalid(channel=CHANNEL_LABELS[channel])
    if not agrees:
        raise ConsentMissing()
    consents.give(session, by=by, purpose=f"contact_{channel}")
    moment = clock.now()
    session.execute(
        insert(Contact)
        .values(person_id=by.person_id, channel=channel, value=given, updated_at=moment)
        .on_conflict_do_update(
            index_elements=["person_id", "channel"], set_={"value": given, "updated_at": moment}
        )
    )
    _note(session, by, "contact_saved", mine.public_id, channel)


def remove_contact(session: Session, *, by: Caller, channel: Channel) -> None:
    """Delete it, withdraw the consent, and end all swaps of that channel. May be run again."""
    session.execute(delete(Contact).where(Contact.person_id == by.person_id, Contact.channel == channel))
    consents.withdraw(session, by=by, purpose=f"contact_{channel}")
    session.execute(
        update(Exchange)
        .where(
            or_(Exchange.asker_id == by.person_id, Exchange.other_id == by.person_id),
            Exchange.channel == channel,
            Exchange.status != ExchangeStatus.ENDED,
        )
        .values(status=ExchangeStatus.ENDED, ended_at=clock.now(), ended_by_id=by.person_id)
    )
    _note(session, by, "contact_removed", by.person_id, channel)


def ask_exchange(session: Session, *, by: Caller, mate_id: str, channel: Channel) -> None:
    """Offer to swap a channel with a roommate. When they asked already, this accepts.

    Raises RoommateNotFound, ContactMissing.
    """
    mate = mate_for(session, by.person_id, mate_id)
    _check_has(session, by.person_id, channel)
    asked = session.scalar(
        insert(Exchange)
        .values(
            public_id=ids.public_id("exc"),
            asker_id=by.person_id,
            other_id=mate.person_id,
            channel=channel,
            status=ExchangeStatus.ASKED,
            asked_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Exchange.id)
    )
    if asked is not None:
        outbox.emit(session, ExchangeAsked(asked))
        _note(session, by, "exchange_asked", mate.public_id, channel)
        return
    theirs = session.scalar(
        select(Exchange.public_id).where(
            Exchange.asker_id == mate.person_id,
            Exchange.other_id == by.person_id,
            Exchange.channel == channel,
            Exchange.status == ExchangeStatus.ASKED,
        )
    )
    if theirs is not None:
        accept_exchange(session, by=by, exchange_id=theirs)


def accept_exchange(session: Session, *, by: Caller, exchange_id: str) -> None:
    """Both see each other's contact from now on. Only who was asked may; raises ContactMissing, ExchangeMoved."""
    row = _mine(session, by, exchange_id)
    if row.other_id != by.person_id or row.status == ExchangeStatus.ENDED:
        raise ExchangeNotFound()
    _check_has(session, by.person_id, Channel(row.channel))
    moved = rows_changed(
        session,
        update(Exchange)
        .where(Exchange.id == row.id, Exchange.status == ExchangeStatus.ASKED)
        .values(status=ExchangeStatus.ACCEPTED, decided_at=clock.now()),
    )
    if not moved:
        raise ExchangeMoved()
    outbox.emit(session, ExchangeAccepted(row.id))
    _note(session, by, "exchange_accepted", exchange_id, row.channel)


def end_exchange(session: Session, *, by: Caller, exchange_id: str) -> None:
    """Decline, take back or revoke: neither sees the other's contact from now on. Again: nothing changes."""
    row = _mine(session, by, exchange_id)
    ended = rows_changed(
        session,
        update(Exchange)
        .where(Exchange.id == row.id, Exchange.status != ExchangeStatus.ENDED)
        .values(status=ExchangeStatus.ENDED, ended_at=clock.now(), ended_by_id=by.person_id),
    )
    if ended:
        _note(session, by, "exchange_ended", exchange_id, row.channel)


def _mine(session: Session, by: Caller, exchange_id: str) -> AnyRow:
    """An exchange of the caller, with somebody not hidden. Raises ExchangeNotFound."""
    claimed_admission_of(session, by.person_id)
    row = session.execute(
        select(Exchange.id, Exchange.asker_id, Exchange.other_id, Exchange.channel, Exchange.status).where(
            Exchange.public_id == exchange_id,
            or_(Exchange.asker_id == by.person_id, Exchange.other_id == by.person_id),
        )
    ).first()
    if row is None or {row.asker_id, row.other_id} & hidden_from(session, by.person_id):
        raise ExchangeNotFound()
    return row


def _check_has(session: Session, person_id: int, channel: Channel) -> None:
    has = session.scalar(select(Contact.id).where(Contact.person_id == person_id, Contact.channel == channel))
    if has is None:
        raise ContactMissing(channel=CHANNEL_LABELS[channel])


def _note(session: Session, by: Caller, action: str, object_id: int | str, *fields: str) -> None:
    audit.record(
        session,
        by=by,
        action=f"welcome.{action}",
        object_type="welcome_peer",
        object_id=object_id,
        fields=fields,
    )
