"""Fee items as they are kept: all of them, with who collects."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.payments.errors import FeeItemUnknown
from app.payments.models import FeeItem, Merchant
from app.platform.directory import queries as directory


def all_items(session: Session) -> list[AnyRow]:
    """Collected ones first, by code; with how many merchant numbers each has."""
    numbers = (
        select(func.count())
        .where(Merchant.fee_item_id == FeeItem.id)
        .correlate(FeeItem)
        .scalar_subquery()
        .label("merchants")
    )
    stmt = select(FeeItem.__table__, numbers).order_by(FeeItem.link_url.is_not(None), FeeItem.code)
    return list(session.execute(stmt))


def find_item(session: Session, code: str) -> AnyRow:
    """Whether or not it may be collected today. Raises FeeItemUnknown."""
    row = session.execute(select(FeeItem.__table__).where(FeeItem.code == code)).first()
    if row is None:
        raise FeeItemUnknown()
    return row


def merchants_of(session: Session, fee_item_id: int) -> list[AnyRow]:
    return list(
        session.execute(
            select(Merchant.id, Merchant.channel, Merchant.campus_id, Merchant.merchant_no)
            .where(Merchant.fee_item_id == fee_item_id)
            .order_by(Merchant.channel, Merchant.campus_id.is_not(None), Merchant.campus_id)
        )
    )


def campus_names(session: Session) -> dict[int, str]:
    return {campus.id: campus.name for campus in directory.campuses(session)}
