"""Posting to the ledger. Every movement of money in the system goes through `post`."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Date, DateTime, Table, Text, bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.prepared import Prepared
from app.payments.models import Kind, LedgerAccount, LedgerEntry

SURPLUS = "surplus"
BANK = "bank"
SURPLUS_SUSPENSE, SHORTAGE_SUSPENSE = "suspense_surplus", "suspense_shortage"
FEES, ADJUSTMENTS = "fees", "adjustments"
KINDS = {
    "channel": Kind.ASSET,
    BANK: Kind.ASSET,
    "due": Kind.LIABILITY,
    "delivered": Kind.LIABILITY,
    SURPLUS: Kind.LIABILITY,
    "refunding": Kind.LIABILITY,
    SURPLUS_SUSPENSE: Kind.LIABILITY,
    SHORTAGE_SUSPENSE: Kind.ASSET,
    FEES: Kind.EXPENSE,
    ADJUSTMENTS: Kind.INCOME,
}

_accounts = cast("Table", LedgerAccount.__table__)
_entries = cast("Table", LedgerEntry.__table__)
_debit, _credit = _accounts.alias("d"), _accounts.alias("c")
_FIELDS: dict[str, Any] = {
    "kind": Text,
    "reference": Text,
    "fen": BigInteger,
    "order_id": BigInteger,
    "reverses_id": BigInteger,
    "business_on": Date,
    "happened_at": DateTime(timezone=True),
    "posted_at": DateTime(timezone=True),
}
_POST = Prepared(
    insert(_entries)
    .from_select(
        ["debit_id", "credit_id", *_FIELDS],
        select(
            _debit.c.id, _credit.c.id, *(bindparam(name, type_=type_) for name, type_ in _FIELDS.items())
        ).where(_debit.c.code == bindparam("debit"), _credit.c.code == bindparam("credit")),
    )
    .returning(_entries.c.id)
)
_OPEN = Prepared(upsert(_accounts).on_conflict_do_nothing())
_ENTRY = Prepared(
    select(
        _entries.c.id,
        _entries.c.fen,
        _entries.c.order_id,
        _debit.c.code.label("debit"),
        _credit.c.code.label("credit"),
    )
    .join_from(_entries, _debit, _debit.c.id == _entries.c.debit_id)
    .join(_credit, _credit.c.id == _entries.c.credit_id)
    .where(_entries.c.kind == bindparam("kind"), _entries.c.reference == bindparam("reference"))
)


def channel(channel: str, merchant_no: str) -> str:
    """Money with a channel, not yet in the school's bank account."""
    return f"channel:{channel}:{merchant_no}"


def due(fee_code: str) -> str:
    """Received, and still to be delivered."""
    return f"due:{fee_code}"


def delivered(fee_code: str) -> str:
    """Delivered, and owed to the department that collects it."""
    return f"delivered:{fee_code}"


def refunding(channel: str, merchant_no: str) -> str:
    """On its way back to payers."""
    return f"refunding:{channel}:{merchant_no}"


def post(
    session: Session,
    *,
    kind: str,
    reference: str,
    debit: str,
    credit: str,
    fen: int,
    happened_at: datetime,
    order_id: int | None = None,
    reverses_id: int | None = None,
) -> int:
    """One amount from `credit` to `debit`, in the caller's transaction; returns the entry's id.

    `happened_at` is when the money moved, its day in Shanghai is the business day. The same kind and reference
    twice raises IntegrityError: whoever posts has decided by a conditional UPDATE that it is the first.
    """
    now = clock.now()
    values = {
        "kind": kind,
        "reference": reference,
        "fen": fen,
        "order_id": order_id,
        "reverses_id": reverses_id,
        "business_on": clock.local(happened_at).date(),
        "happened_at": happened_at,
        "posted_at": now,
        "debit": debit,
        "credit": credit,
    }
    row = _POST.first(session, **values)
    if row is None:
        for code in (debit, credit):
            _OPEN.rows(session, code=code, kind=str(KINDS[code.partition(":")[0]]))
        row = _POST.first(session, **values)
    return int(row.id)


def reverse(session: Session, *, kind: str, reference: str, under: str) -> int:
    """冲正: the same amount back between the same accounts. An entry can be reversed once.

    `kind` and `reference` name the entry, `under` is the reversal's own reference.
    """
    entry = _ENTRY.first(session, kind=kind, reference=reference)
    return post(
        session,
        kind="reversal",
        reference=under,
        debit=entry.credit,
        credit=entry.debit,
        fen=entry.fen,
        happened_at=clock.now(),
        order_id=entry.order_id,
        reverses_id=entry.id,
    )
