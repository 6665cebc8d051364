"""What a case posts to the ledger: sums in suspense, and adjustments."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from app.kit import clock
from app.kit.db import AnyRow
from app.payments.models import BillKind, DifferenceKind, LedgerEntry
from app.payments.service import ledger

SUSPENSE, ADJUSTMENT = "suspense", "adjustment"


def is_about_money(row: AnyRow) -> bool:
    """Whether the channel's account and ours differ by a sum. Deliveries and settlements move none of ours.

    Nor do fees: they are booked as the channel kept them when the day is closed.
    """
    is_movement = row.kind not in (DifferenceKind.FEE, DifferenceKind.SETTLEMENT)
    return bool(row.bill_kind == BillKind.TRADE and row.fen != 0 and is_movement)


def live_entry(session: Session, row: AnyRow) -> str | None:
    """The reference under which the difference stands in suspense; None when it does not, or was lifted."""
    reversal = aliased(LedgerEntry)
    return session.scalar(
        select(LedgerEntry.reference).where(
            LedgerEntry.kind == SUSPENSE,
            LedgerEntry.reference.like(f"{row.number}/%"),
            ~exists().where(reversal.reverses_id == LedgerEntry.id),
        )
    )


def suspend(session: Session, row: AnyRow) -> None:
    """挂账: a surplus is owed to somebody yet unknown, a shortage is claimed."""
    if is_about_money(row) and live_entry(session, row) is None:
        other = ledger.SURPLUS_SUSPENSE if row.fen > 0 else ledger.SHORTAGE_SUSPENSE
        _post(session, row, SUSPENSE, f"{other}:{row.source}")


def lift(session: Session, row: AnyRow) -> None:
    """冲正: out of suspense by an entry that reverses the one that put it there."""
    reference = live_entry(session, row)
    if reference is not None:
        ledger.reverse(session, kind=SUSPENSE, reference=reference, under=f"{SUSPENSE}:{reference}")


def adjust(session: Session, row: AnyRow) -> None:
    """调账: our books follow the channel; the rest stands under adjustments."""
    _post(session, row, ADJUSTMENT, f"{ledger.ADJUSTMENTS}:{row.source}")


def _post(session: Session, row: AnyRow, kind: str, other: str) -> None:
    ours = ledger.channel(row.source, row.account)
    debit, credit = (ours, other) if row.fen > 0 else (other, ours)
    ledger.post(
        session,
        kind=kind,
        reference=f"{row.number}/{_times(session, row, kind) + 1}",
        debit=debit,
        credit=credit,
        fen=abs(row.fen),
        happened_at=clock.now(),
        order_id=row.order_id,
    )


def _times(session: Session, row: AnyRow, kind: str) -> int:
    return int(
        session.scalar(
            select(func.count()).where(
                LedgerEntry.kind == kind, LedgerEntry.reference.like(f"{row.number}/%")
            )
        )
        or 0
    )
