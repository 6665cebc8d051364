"""Seeing, handing out and forgetting personal values. Everything here is noted in audit."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.absent import check_whole
from app.kit.caller import Caller
from app.kit.module import Registry
from app.platform.audit import queries as audit_queries
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.files import service as files
from app.platform.identity import service as identity
from app.platform.privacy.errors import (
    AgreementNotFound,
    ReasonMissing,
    RevealLimitReached,
    StillBelongs,
)

REVEALS_PER_DAY = 60
PICTURES = "207"  # WeChat's number for photos and videos that somebody chose
REVEAL_LOCK = 7305
REVEALED = "privacy.phone_revealed"
REASON = re.compile(r"[a-z_]+(\.[a-z_]+)*(:[A-Za-z0-9_-]+)?")


def reveal_phone(
    session: Session, *, by: Caller, person_id: int, reason: str, limit: int = REVEALS_PER_DAY
) -> str | None:
    """The full phone number of a person, for somebody who may have it: doors check the permission.

    `reason` is a key with an optional id, `repairs.call_reporter:rep_x`; it goes into the record, so it is
    no free text. Counts of one caller are serialised; raises RevealLimitReached above `limit` a day.
    """
    if not REASON.fullmatch(reason):
        raise ReasonMissing()
    session.execute(select(func.pg_advisory_xact_lock(REVEAL_LOCK, by.person_id % 2**31)))
    today = clock.start_of_day(clock.today())
    seen = audit_queries.count_by(session, actor_person_id=by.person_id, action=REVEALED, since=today)
    if seen >= limit:
        left = today + timedelta(days=1) - clock.now()
        raise RevealLimitReached(limit=limit, seconds=int(left.total_seconds()))
    phone = directory.phone_of(session, directory.person(session, person_id).id)
    _note(session, by, "phone_revealed", person_id, "phone", reason)
    return phone


def export_person(
    session: Session, *, by: Caller | None, person_id: int, registry: Registry
) -> dict[str, Any]:
    """All that the house knows of a person, by module: what the law calls a copy. Raises ModuleAbsent."""
    check_whole(session, registry, person_id)
    directory.person(session, person_id)
    found = {
        module.key: module.export_person(session, person_id=person_id)
        for module in registry.modules
        if module.export_person is not None
    }
    _note(session, by, "person_exported", person_id, *found)
    return found


def erase_person(session: Session, *, by: Caller | None, person_id: int, registry: Registry) -> None:
    """Forget a leaver or visitor in every module, upper floors first; may be run again.

    Records of what happened stay, without who it was. Raises StillBelongs for people of the school, ModuleAbsent.
    """
    check_whole(session, registry, person_id)
    if directory.person(session, person_id).is_active:
        raise StillBelongs()
    erased = [module for module in reversed(registry.modules) if module.erase_person is not None]
    for module in erased:
        assert module.erase_person is not None
        module.erase_person(session, by=by, person_id=person_id)
    _note(session, by, "person_erased", person_id, *(module.key for module in erased))


def withdraw_agreement(
    session: Session, *, by: Caller, module_key: str, key: str, registry: Registry
) -> None:
    """Take back what the caller allowed, with all that rested on it. Raises AgreementNotFound, or the module's own."""
    for module in registry.modules:
        if module.key == module_key and module.withdraw is not None:
            module.withdraw(session, by=by, key=key)
            return
    raise AgreementNotFound()


def end_authorization(
    session: Session, *, person_id: int, appid: str, scopes: str, is_account_closed: bool, registry: Registry
) -> None:
    """WeChat says that somebody took back what they had allowed (`scopes`, WeChat's numbers), or left WeChat.

    We ask for nothing but the openid, so of all scopes only pictures can lie with us: those that belong to
    nothing yet go, those of a case stay with it until its time is over. Of a closed account the visitor
    that is left is forgotten; who belongs to the school stays what they are. May be run again.
    """
    if is_account_closed:
        visitor_id = identity.close_wechat(session, person_id=person_id, appid=appid)
        if visitor_id is not None:
            erase_person(session, by=None, person_id=visitor_id, registry=registry)
    elif PICTURES in scopes.split(","):
        files.discard_free_photos(session, person_id=person_id)
    _note(session, None, "authorization_ended", person_id, *filter(None, scopes.split(",")))


def _note(session: Session, by: Caller | None, action: str, person_id: int, *fields: str) -> None:
    audit.record(
        session,
        by=by,
        action=f"privacy.{action}",
        object_type="person",
        object_id=person_id,
        fields=fields,
    )
