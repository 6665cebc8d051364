"""Browsers that may open one page of the console without a network, with a list that only they can read as ours."""

import hashlib
import hmac
import json
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.platform.audit import service as audit
from app.platform.identity.errors import DeviceNotYours, DeviceUnknown
from app.platform.identity.models import Device
from app.platform.identity.queries.devices import may_manage

SHORTEST_KEY = 32


def register_device(session: Session, *, by: Caller, page: str, name: str, key: str) -> str:
    """A browser that its owner answers for; returns its public id. The browser made the key, we keep its hash.

    `page` is the permission that opens the page. The same key a second time is the same browser.
    """
    if len(key) < SHORTEST_KEY:
        raise DeviceUnknown()
    check_seen(name=name)
    public_id = ids.public_id("dev")
    made = session.scalar(
        insert(Device)
        .values(
            public_id=public_id,
            page=page,
            name=name.strip()[:40] or "—",
            key_hash=_hash(key),
            registered_by_id=by.person_id,
            registered_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["key_hash"])
        .returning(Device.id)
    )
    if made is None:
        device_of(session, page, key)
        return session.scalars(select(Device.public_id).where(Device.key_hash == _hash(key))).one()
    audit.record(
        session, by=by, action="identity.device_registered", object_type="device", object_id=public_id
    )
    return public_id


def revoke_device(session: Session, *, by: Caller, page: str, manage: str, device_id: str) -> None:
    """It gets no list any more, and wipes its own as soon as it hears of it. Safe to repeat.

    One's own; anybody's for those who hold the permission `manage` everywhere. Raises DeviceNotYours.
    """
    owner = session.scalar(
        select(Device.registered_by_id).where(Device.public_id == device_id, Device.page == page)
    )
    if owner != by.person_id and not may_manage(by, manage):
        raise DeviceNotYours()
    stmt = update(Device).where(
        Device.public_id == device_id, Device.page == page, Device.revoked_at.is_(None)
    )
    if db.rows_changed(session, stmt.values(revoked_at=clock.now())):
        audit.record(
            session, by=by, action="identity.device_revoked", object_type="device", object_id=device_id
        )


def device_of(session: Session, page: str, key: str) -> int:
    """The id behind a key. Raises DeviceUnknown for one that was revoked or never was."""
    found = session.scalar(
        update(Device)
        .where(Device.key_hash == _hash(key), Device.page == page, Device.revoked_at.is_(None))
        .values(seen_at=clock.now())
        .returning(Device.id)
        .execution_options(synchronize_session=False)
    )
    if found is None:
        raise DeviceUnknown()
    return found


def find_device(session: Session, page: str, key: str) -> int | None:
    """The same without an opinion: None."""
    if not key:
        return None
    return session.scalar(
        select(Device.id).where(
            Device.key_hash == _hash(key), Device.page == page, Device.revoked_at.is_(None)
        )
    )


def signed(key: str, content: dict[str, Any]) -> dict[str, str]:
    """What only a holder of the key can have made, and only a holder can check."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return {"body": body, "signature": hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()}


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
