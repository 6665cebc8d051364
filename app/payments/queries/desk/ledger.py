"""The ledger as an accountant reads it: accounts by name, entries of one, and what does not add up."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.paging import Key, Page, page
from app.payments.errors import AccountNotFound
from app.payments.models import CHANNEL_NAMES, Channel, FeeItem, LedgerAccount, LedgerEntry, Order

KIND_NAMES = {"asset": N_("资产"), "liability": N_("负债"), "income": N_("收入"), "expense": N_("支出")}
ENTRY_NAMES = {
    "payment": N_("收款入账"),
    "delivery": N_("确认到账"),
    "refund_reserved": N_("退款占款"),
    "refund_paid": N_("退款付出"),
    "reversal": N_("冲正"),
    "suspense": N_("挂账"),
    "fee": N_("渠道手续费"),
    "settlement": N_("渠道结算"),
    "adjustment": N_("调账"),
    "claim": N_("来款认领"),
}
WRONG = {
    "a payment without its entry, or with another amount": N_("收款没有入账，或入账金额不同"),
    "an entry of a payment that is not there": N_("有入账，没有对应的收款"),
    "a paid order without exactly one payment that settles it": N_("已付订单没有唯一对应的收款"),
    "a paid order without its fulfilment": N_("已付订单没有到账任务"),
    "a payment of another amount than its order": N_("收款金额与订单金额不同"),
    "a delivery that is not booked once": N_("到账没有入账，或入账多次"),
    "an abandoned order whose money is neither back nor on its way": N_("未到账的订单没有全额退款"),
    "refunds that differ from what the payment says": N_("退款合计与收款上的已退金额不同"),
    "a refund without its reservation": N_("退款没有占款，或占款金额不同"),
    "a finished refund that is not booked once": N_("已完成的退款没有入账，或入账多次"),
    "a surplus payment that is not on its way back": N_("长款没有全额退回"),
    "the ledger does not sum to zero": N_("借贷不平（差额，分）"),
}
NEGATIVE = "a negative balance: "
_PLAIN = {"surplus": N_("长款（重复或逾期支付）"), "bank": N_("银行存款（线下退款）")}
_OF_ITEM = {"due": N_("已付待到账"), "delivered": N_("已到账待结算")}
_OF_CHANNEL = {
    "channel": N_("渠道在途资金"),
    "refunding": N_("退款在途"),
    "suspense_surplus": N_("待查长款"),
    "suspense_shortage": N_("待查短款"),
    "fees": N_("渠道手续费"),
    "adjustments": N_("对账调整"),
}


def item_names(session: Session) -> dict[str, str]:
    return {row.code: row.title for row in session.execute(select(FeeItem.code, FeeItem.title))}


def account_parts(code: str, items: Mapping[str, str]) -> tuple[str, ...]:
    """What an account is called, in parts that are texts or names: (渠道在途资金, 微信支付, 1900…)."""
    head, _, rest = code.partition(":")
    if head in _OF_ITEM:
        return (_OF_ITEM[head], items.get(rest, rest))
    if head in _OF_CHANNEL:
        channel, _, merchant = rest.partition(":")
        known = channel in {str(one) for one in Channel}
        return (_OF_CHANNEL[head], CHANNEL_NAMES[Channel(channel)] if known else channel, merchant)
    return (_PLAIN.get(head, code),)


def find_account(session: Session, code: str) -> AnyRow:
    """Raises AccountNotFound."""
    row = session.execute(
        select(LedgerAccount.id, LedgerAccount.code, LedgerAccount.kind).where(LedgerAccount.code == code)
    ).first()
    if row is None:
        raise AccountNotFound()
    return row


def movements(session: Session, *, first: date, last: date) -> dict[date, tuple[int, int]]:
    """By business day: fen that came in, and fen that went back to payers."""
    came, back = (
        func.coalesce(func.sum(LedgerEntry.fen).filter(LedgerEntry.kind == kind), 0)
        for kind in ("payment", "refund_paid")
    )
    rows = session.execute(
        select(LedgerEntry.business_on, came, back)
        .where(LedgerEntry.business_on.between(first, last))
        .group_by(LedgerEntry.business_on)
    )
    return {day: (int(fen), int(returned)) for day, fen, returned in rows}


def entries(session: Session, account_id: int, *, cursor: str | None = None, limit: int = 50) -> Page[AnyRow]:
    """What moved on an account, the newest first, with the account on the other side."""
    debit, credit = (LedgerAccount.__table__.alias(name) for name in ("debit", "credit"))
    stmt = (
        select(
            LedgerEntry.id,
            LedgerEntry.kind,
            LedgerEntry.reference,
            LedgerEntry.fen,
            LedgerEntry.business_on,
            LedgerEntry.posted_at,
            (LedgerEntry.debit_id == account_id).label("is_debit"),
            debit.c.code.label("debit"),
            credit.c.code.label("credit"),
            Order.number.label("order_number"),
            Order.public_id.label("order_public_id"),
        )
        .join(debit, debit.c.id == LedgerEntry.debit_id)
        .join(credit, credit.c.id == LedgerEntry.credit_id)
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .where(or_(LedgerEntry.debit_id == account_id, LedgerEntry.credit_id == account_id))
    )
    return page(session, stmt, keys=[Key("id", LedgerEntry.id, descending=True)], cursor=cursor, limit=limit)
