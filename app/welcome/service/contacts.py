"""Use-cases of 官方核验."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.platform.audit import service as audit
from app.welcome.errors import NothingToCheck, OfficialInvalid, OfficialNotFound, OfficialTaken
from app.welcome.models import CONTACT_KINDS, ContactCheck, OfficialContact
from app.welcome.queries import contacts as queries

LONGEST = 200


@dataclass(frozen=True)
class Checked:
    """`masked` is all that is left of what was asked."""

    is_official: bool
    masked: str
    owner: str = ""
    owner_en: str = ""
    note: str = ""


def check_contact(session: Session, *, kind: str, text: str) -> Checked:
    """Answer and count; what was asked is kept nowhere. Raises NothingToCheck."""
    if kind not in CONTACT_KINDS or not text.strip() or len(text) > LONGEST:
        raise NothingToCheck(details={"text": [NothingToCheck.msgid]})
    found = queries.find_official(session, kind, text)
    known = int(found is not None)
    session.execute(
        insert(ContactCheck)
        .values(day=clock.today(), kind=kind, asked=1, known=known)
        .on_conflict_do_update(
            index_elements=["day", "kind"],
            set_={"asked": ContactCheck.asked + 1, "known": ContactCheck.known + known},
        )
    )
    if found is None:
        return Checked(False, queries.mask(text))
    return Checked(True, queries.mask(text), found.owner, found.owner_en or found.owner, found.note)


def add_contact(
    session: Session,
    *,
    by: Caller,
    kind: str,
    shown: str,
    owner: str,
    owner_en: str | None = None,
    note: str = "",
) -> int:
    """Raises OfficialInvalid, or OfficialTaken when it is in the list."""
    wrong: dict[str, list[str]] = {}
    if kind not in CONTACT_KINDS:
        wrong["kind"] = [N_("请从列出的类别里选。")]
    value = queries.normal(kind, shown) if len(shown) <= LONGEST else ""
    if not value:
        wrong["shown"] = [N_("这不像这一类的号码、链接或名称，请核对。")]
    if not owner.strip():
        wrong["owner"] = [N_("请填写这一项。")]
    if wrong:
        raise OfficialInvalid(details=wrong)
    contact_id = session.execute(
        insert(OfficialContact)
        .values(
            kind=kind,
            value=value,
            shown=shown.strip(),
            owner=owner.strip(),
            owner_en=owner_en,
            note=note.strip(),
            is_active=True,
            saved_by_id=by.person_id,
            saved_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(OfficialContact.id)
    ).scalar()
    if contact_id is None:
        raise OfficialTaken(details={"shown": [OfficialTaken.msgid]})
    _note(session, by, "welcome.contact_added", contact_id)
    return contact_id


def retire_contact(session: Session, *, by: Caller, contact_id: int) -> None:
    """No longer the school's. Raises OfficialNotFound."""
    if not db.rows_changed(
        session,
        update(OfficialContact)
        .where(OfficialContact.id == contact_id, OfficialContact.is_active)
        .values(is_active=False),
    ):
        raise OfficialNotFound()
    _note(session, by, "welcome.contact_retired", contact_id)


def _note(session: Session, by: Caller, action: str, contact_id: int) -> None:
    audit.record(session, by=by, action=action, object_type="welcome_contact", object_id=contact_id)
