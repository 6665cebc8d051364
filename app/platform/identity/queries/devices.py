"""Browsers that keep a page of the console."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.platform.identity.models import Device

MOST = 100


def may_manage(by: Caller, manage: str) -> bool:
    """Whether others' browsers are his business: by a permission that he holds everywhere."""
    return by.may(manage) and by.scope(manage).everything


def devices_for(session: Session, by: Caller, page: str, manage: str) -> Sequence[AnyRow]:
    """Those of one page, the latest first: all for those who manage them, else one's own."""
    stmt = select(
        Device.public_id,
        Device.name,
        Device.registered_by_id,
        Device.registered_at,
        Device.seen_at,
        Device.revoked_at,
    ).where(Device.page == page)
    if not may_manage(by, manage):
        stmt = stmt.where(Device.registered_by_id == by.person_id)
    return session.execute(stmt.order_by(Device.id.desc()).limit(MOST)).all()
