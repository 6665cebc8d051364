"""Browsers that keep a page of the console."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.platform.identity.models import Device

MOST = 100


def devices_for(session: Session, by: Caller, page: str) -> Sequence[AnyRow]:
    """Those of one page, the latest first: all for those who may open it everywhere, else one's own."""
    stmt = select(
        Device.public_id,
        Device.name,
        Device.registered_by_id,
        Device.registered_at,
        Device.seen_at,
        Device.revoked_at,
    ).where(Device.page == page)
    if not by.scope(page).everything:
        stmt = stmt.where(Device.registered_by_id == by.person_id)
    return session.execute(stmt.order_by(Device.id.desc()).limit(MOST)).all()
