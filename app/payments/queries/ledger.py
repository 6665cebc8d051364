"""Balances of the ledger, now or at any moment before, and the checks that everything adds up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, text, union_all
from sqlalchemy.orm import Session

from app.payments.models import Kind, LedgerAccount, LedgerEntry

OWN_SIDE_IS_DEBIT = (Kind.ASSET, Kind.EXPENSE)


@dataclass(frozen=True)
class Balance:
    """`fen` on the account's own side: debit for assets and expenses, credit for the others."""

    code: str
    kind: str
    fen: int


def balances(session: Session, *, at: datetime | None = None) -> list[Balance]:
    """Every account with its balance, as posted up to and including `at`."""
    moved = _moved(at)
    net = func.coalesce(func.sum(moved.c.fen), 0)
    own = case((LedgerAccount.kind.in_(OWN_SIDE_IS_DEBIT), net), else_=-net)
    rows = session.execute(
        select(LedgerAccount.code, LedgerAccount.kind, own.label("fen"))
        .outerjoin(moved, moved.c.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.id)
        .order_by(LedgerAccount.code)
    )
    return [Balance(row.code, row.kind, int(row.fen)) for row in rows]


def balance(session: Session, code: str, *, at: datetime | None = None) -> int:
    """The balance of one account; 0 for one that was never used."""
    return next((one.fen for one in balances(session, at=at) if one.code == code), 0)


def _moved(at: datetime | None) -> Any:
    """Each entry as two movements, debit positive."""
    before: ColumnElement[bool] = literal(True) if at is None else LedgerEntry.posted_at <= at
    return union_all(
        select(LedgerEntry.debit_id.label("account_id"), LedgerEntry.fen.label("fen")).where(before),
        select(LedgerEntry.credit_id, -LedgerEntry.fen).where(before),
    ).subquery()


CHECKS = {
    "a payment without its entry, or with another amount": """
        SELECT count(*) FROM payments_payments p LEFT JOIN payments_ledger_entries e
          ON e.kind = 'payment' AND e.reference = p.id::text
        WHERE e.fen IS DISTINCT FROM p.fen""",
    "an entry of a payment that is not there": """
        SELECT count(*) FROM payments_ledger_entries e LEFT JOIN payments_payments p ON p.id::text = e.reference
        WHERE e.kind = 'payment' AND p.id IS NULL""",
    "a paid order without exactly one payment that settles it": """
        SELECT count(*) FROM payments_orders o LEFT JOIN payments_payments p
          ON p.order_id = o.id AND p.role = 'settles'
        WHERE (o.status = 'paid') <> (p.id IS NOT NULL)""",
    "a paid order without its fulfilment": """
        SELECT count(*) FROM payments_orders o LEFT JOIN payments_fulfilments f ON f.order_id = o.id
        WHERE (o.status = 'paid') <> (f.id IS NOT NULL)""",
    "a payment of another amount than its order": """
        SELECT count(*) FROM payments_payments p JOIN payments_orders o ON o.id = p.order_id
        WHERE p.fen <> o.fen""",
    "a delivery that is not booked once": """
        SELECT count(*) FROM payments_fulfilments f LEFT JOIN payments_ledger_entries e
          ON e.kind = 'delivery' AND e.reference = f.id::text
        WHERE (f.status = 'applied') <> (e.id IS NOT NULL)""",
    "an abandoned order whose money is neither back nor on its way": """
        SELECT count(*) FROM payments_fulfilments f JOIN payments_payments p
          ON p.order_id = f.order_id AND p.role = 'settles'
        WHERE f.status = 'abandoned' AND p.refunding_fen + p.refunded_fen <> p.fen""",
    "refunds that differ from what the payment says": """
        SELECT count(*) FROM payments_payments p LEFT JOIN (
          SELECT payment_id,
            sum(fen) FILTER (WHERE status IN ('succeeded','paid_offline')) AS done,
            sum(fen) FILTER (WHERE status NOT IN ('succeeded','paid_offline','rejected')) AS under_way
          FROM payments_refunds GROUP BY 1) r ON r.payment_id = p.id
        WHERE coalesce(r.done, 0) <> p.refunded_fen OR coalesce(r.under_way, 0) <> p.refunding_fen""",
    "a refund without its reservation": """
        SELECT count(*) FROM payments_refunds r LEFT JOIN payments_ledger_entries e
          ON e.kind = 'refund_reserved' AND e.reference = r.id::text
        WHERE e.fen IS DISTINCT FROM r.fen""",
    "a finished refund that is not booked once": """
        SELECT count(*) FROM payments_refunds r LEFT JOIN payments_ledger_entries e
          ON e.kind = 'refund_paid' AND e.reference = r.id::text
        WHERE (r.status IN ('succeeded','paid_offline')) <> (e.id IS NOT NULL)""",
    "a surplus payment that is not on its way back": """
        SELECT count(*) FROM payments_payments p
        WHERE p.role = 'surplus' AND p.refunding_fen + p.refunded_fen <> p.fen""",
}


def violations(session: Session) -> dict[str, int]:
    """What does not add up, with how often. Empty when all is well. For a fresh session: it reads one snapshot."""
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    found = {title: int(session.scalar(text(sql)) or 0) for title, sql in CHECKS.items()}
    return {title: count for title, count in found.items() if count} | imbalances(session)


def imbalances(session: Session) -> dict[str, int]:
    """What is wrong with the balances alone; empty when they sum to zero and none is negative."""
    all_of_them = balances(session)
    total = sum(one.fen if one.kind in OWN_SIDE_IS_DEBIT else -one.fen for one in all_of_them)
    # What is paid out by hand comes from the school's own account, whose deposits are not kept here.
    negative = [one.code for one in all_of_them if one.fen < 0 and one.code != "bank"]
    found = {f"a negative balance: {code}": 1 for code in negative}
    return found | ({"the ledger does not sum to zero": abs(total)} if total else {})
