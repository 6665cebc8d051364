"""What becomes of a person's payments when two turn out to be one, when they ask for a copy, and when they go."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.errors import MoneyUnderWay
from app.payments.models import (
    LIVE_ATTEMPTS,
    Attempt,
    CardAgreement,
    Claim,
    Confirmation,
    Dispute,
    Fulfilment,
    Order,
    Payment,
    Receipt,
    Refund,
    Voucher,
    VoucherExport,
)
from app.platform.audit import service as audit

NAMED = (
    Order.owner_id,
    Refund.requested_by_id,
    Refund.approved_by_id,
    Refund.paid_out_by_id,
    Refund.checked_by_id,
    Fulfilment.decided_by_id,
    Dispute.closed_by_id,
    Receipt.asked_by_id,
    Claim.claimed_by_id,
    Claim.decided_by_id,
    Confirmation.confirmed_by_id,
    Voucher.made_by_id,
    VoucherExport.made_by_id,
)


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """Move everything that names one person to another. Safe to repeat. The ledger names nobody.

    Of two living agreements the survivor's stays. An attempt that has a living twin keeps its old payer,
    whom the directory resolves.
    """
    for column in NAMED:
        session.execute(update(column.class_).where(column == from_id).values({column.key: into_id}))
    twin = aliased(Attempt)
    has_twin = exists().where(
        twin.payer_id == into_id,
        twin.order_id == Attempt.order_id,
        twin.channel == Attempt.channel,
        twin.trade_type == Attempt.trade_type,
        twin.status.in_(LIVE_ATTEMPTS),
    )
    is_free = or_(Attempt.status.not_in(LIVE_ATTEMPTS), ~has_twin)
    session.execute(
        update(Attempt)
        .where(Attempt.payer_id == from_id, is_free)
        .values(payer_id=into_id)
        .execution_options(synchronize_session=False)
    )
    _move_agreements(session, from_id, into_id)


def _move_agreements(session: Session, from_id: int, into_id: int) -> None:
    has_live = session.scalar(
        select(CardAgreement.id).where(CardAgreement.person_id == into_id, CardAgreement.revoked_at.is_(None))
    )
    if has_live is not None:
        _revoke(session, from_id)
    session.execute(update(CardAgreement).where(CardAgreement.person_id == from_id).values(person_id=into_id))


def _revoke(session: Session, person_id: int) -> None:
    session.execute(
        update(CardAgreement)
        .where(CardAgreement.person_id == person_id, CardAgreement.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What a person ordered, paid and got back, and which agreements they signed: plain values."""
    mine = select(Order.id).where(Order.owner_id == person_id)
    statements = {
        "orders": select(
            Order.number, Order.title, Order.fen, Order.facts, Order.status, Order.created_at, Order.paid_at
        ).where(Order.owner_id == person_id),
        "attempts": select(
            Attempt.number, Attempt.channel, Attempt.fen, Attempt.status, Attempt.created_at
        ).where(Attempt.payer_id == person_id),
        "payments": select(
            Payment.channel, Payment.transaction_id, Payment.fen, Payment.refunded_fen, Payment.paid_at
        ).where(Payment.order_id.in_(mine)),
        "refunds": select(
            Refund.number, Refund.fen, Refund.reason, Refund.status, Refund.created_at, Refund.ended_at
        ).where(Refund.order_id.in_(mine)),
        "receipts": select(Receipt.title, Receipt.kind, Receipt.receipt_no, Receipt.fen, Receipt.status)
        .join(Payment, Payment.id == Receipt.payment_id)
        .where(Payment.order_id.in_(mine)),
        "card_agreements": select(
            CardAgreement.order_limit_fen,
            CardAgreement.day_limit_fen,
            CardAgreement.text_version,
            CardAgreement.signed_at,
            CardAgreement.revoked_at,
        ).where(CardAgreement.person_id == person_id),
    }
    return {name: [_plain(row) for row in session.execute(stmt)] for name, stmt in statements.items()}


def _plain(row: AnyRow) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in row._mapping.items()
    }


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Agreements end, and the accounts that were paid from are forgotten. May be run again.

    Orders, payments, refunds and the ledger stay: the law wants the books kept. Raises MoneyUnderWay
    while a channel may still need the account.
    """
    if session.scalar(select(_is_under_way(person_id))):
        raise MoneyUnderWay()
    _revoke(session, person_id)
    session.execute(update(CardAgreement).where(CardAgreement.person_id == person_id).values(account_no=""))
    session.execute(update(Attempt).where(Attempt.payer_id == person_id).values(payer_account=""))
    audit.record(
        session,
        by=by,
        action="payments.erase_accounts",
        object_type="person",
        object_id=person_id,
        fields=["account_no", "payer_account"],
    )


def _is_under_way(person_id: int) -> Any:
    return or_(
        exists().where(Attempt.payer_id == person_id, Attempt.status.in_(LIVE_ATTEMPTS)),
        exists().where(
            Payment.attempt_id == Attempt.id, Attempt.payer_id == person_id, Payment.refunding_fen > 0
        ),
    )
