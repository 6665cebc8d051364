"""What bills there are: accounts, versions, what changed between two, lines, and gaps in a balance."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.payments.models import Bill, BillStatus, Merchant, Source


def account_names(session: Session, source: Source, *, clients: Any) -> list[str]:
    """What a source's bills may be of: merchant numbers that collect something, systems, bank accounts."""
    if source == Source.METERS:
        return sorted(clients.meters)
    if source == Source.BANK:
        return sorted(clients.bank)
    rows = select(Merchant.merchant_no).where(Merchant.channel == source).distinct()
    return sorted(session.execute(rows).scalars())


def balance_gap(session: Session, bill: AnyRow) -> int | None:
    """What a flow's opening balance has more than the balance before it; None when nothing can be compared.

    Asked anew each time, because either day may still get another version. Days without movements keep the balance.
    """
    if bill.opening_fen is None:
        return None
    before = session.execute(
        select(Bill.closing_fen)
        .where(
            Bill.source == bill.source,
            Bill.kind == bill.kind,
            Bill.account == bill.account,
            Bill.status == BillStatus.CURRENT,
            Bill.day < bill.day,
            Bill.closing_fen.is_not(None),
        )
        .order_by(Bill.day.desc())
        .limit(1)
    ).first()
    return None if before is None else bill.opening_fen - before.closing_fen
