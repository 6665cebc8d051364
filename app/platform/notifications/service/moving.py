"""Messages follow their people: two become one, leavers are forgotten, old ones go."""

from datetime import timedelta

from sqlalchemy import delete, exists, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.platform.identity import queries as identity
from app.platform.notifications.models import Matter, Message, Preference, SubscriptionCredit, TextMessage
from app.platform.notifications.service import text_phones, texts

KEEP = timedelta(days=365)


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """Messages and counts of one person become those of another; the latter's wishes hold."""
    theirs = aliased(Message)
    same = exists().where(theirs.person_id == into_id, theirs.key == Message.key)
    session.execute(delete(Message).where(Message.person_id == from_id, same))
    session.execute(update(Message).where(Message.person_id == from_id).values(person_id=into_id))
    session.execute(update(TextMessage).where(TextMessage.person_id == from_id).values(person_id=into_id))
    columns = ("person_id", "matter", "pushes", "changed_at")
    pushes = select(literal(into_id), Matter.matter, Matter.pushes, Matter.changed_at).where(
        Matter.person_id == from_id
    )
    moved = insert(Matter).from_select(columns, pushes)
    session.execute(
        moved.on_conflict_do_update(
            index_elements=["person_id", "matter"],
            set_={"pushes": Matter.pushes + moved.excluded.pushes},
        )
    )
    session.execute(delete(Matter).where(Matter.person_id == from_id))
    has_wishes = exists().where(Preference.person_id == into_id)
    session.execute(
        update(Preference).where(Preference.person_id == from_id, ~has_wishes).values(person_id=into_id)
    )
    session.execute(delete(Preference).where(Preference.person_id == from_id))


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Forget what a person was told and wished. May be run again."""
    found = identity.openid_of(session, person_id)
    if found is not None:
        session.execute(delete(SubscriptionCredit).where(SubscriptionCredit.openid == found.openid))
    for table in (TextMessage, Message, Matter, Preference):
        session.execute(delete(table).where(table.person_id == person_id))


def forget_old(session: Session) -> int:
    """Delete messages older than a year with all that went with them; returns how many."""
    before = clock.now() - KEEP
    session.execute(delete(Matter).where(Matter.changed_at < before))
    texts.forget_old(session)
    text_phones.forget_phones(session)
    return rows_changed(session, delete(Message).where(Message.created_at < before))
