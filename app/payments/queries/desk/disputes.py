"""支付异常: genuine notices that fit nothing we know, in words that say what was found and what to do."""

from dataclasses import dataclass

from sqlalchemy import Boolean, literal_column, select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.paging import Key, Page, count_up_to, page
from app.payments.errors import DisputeNotFound
from app.payments.models import Attempt, Dispute, Order
from app.platform.directory import queries as directory

IS_OPEN_SQL = literal_column("payments_disputes.closed_at IS NULL", Boolean)
KINDS = {
    "unknown_order": (
        N_("查无此单"),
        N_(
            "渠道通知收到一笔钱，但我们没有这个单号。请到渠道商户后台按交易号核对：若属于别的系统，转给对方；"
            "若确是付给本校的，在商户后台原路退回。"
        ),
    ),
    "wrong_amount": (
        N_("金额不符"),
        N_(
            "渠道说收到的金额与订单金额不同，没有入账，也没有到账。请到商户后台核对实收金额，按实收原路退回，"
            "让付款人重新下单。"
        ),
    ),
    "wrong_merchant": (
        N_("商户号不符"),
        N_("钱进了另一个商户号，没有入账。请核对收费项目的商户号配置，并到实收的商户后台原路退回。"),
    ),
    "wrong_appid": (
        N_("公众号不符"),
        N_("通知里的 AppID 不是本公众号，没有入账。请核对商户号绑定的公众号，并查清是谁发起的支付。"),
    ),
    "wrong_currency": (
        N_("币种不符"),
        N_("通知里的币种不是人民币，没有入账。请到商户后台核对这笔交易，并联系渠道客服。"),
    ),
    "not_paid": (
        N_("并未支付"),
        N_("渠道发来了支付通知，但里面写的状态不是“支付成功”，没有入账。请到商户后台查这笔交易的最终状态。"),
    ),
    "other_transaction": (
        N_("一单两笔"),
        N_(
            "同一个支付单号，渠道先后给出两个交易号；第一笔已经入账，这一笔没有。请到商户后台核对是否真的收了两次，"
            "多收的那笔是长款，原路退回。"
        ),
    ),
}
EVIDENCE = {
    "number": N_("支付单号"),
    "transaction": N_("渠道交易号"),
    "fen": N_("金额"),
    "currency": N_("币种"),
    "state": N_("渠道状态"),
    "merchant": N_("商户号"),
    "channel": N_("渠道"),
    "appid": "AppID",
    "at": N_("支付时间"),
    "paid_at": N_("支付时间"),
    "learned_by": N_("得知方式"),
}

_COLUMNS = (
    Dispute.id,
    Dispute.source,
    Dispute.external_id,
    Dispute.kind,
    Dispute.order_number,
    Dispute.evidence,
    Dispute.created_at,
    Dispute.closed_at,
    Dispute.closed_by_id,
    Dispute.note,
)


def disputes(
    session: Session, *, view: str = "open", cursor: str | None = None, limit: int = 50
) -> Page[AnyRow]:
    """Open ones, the oldest first; or those that are done with, the newest first."""
    is_open = view != "closed"
    stmt = select(*_COLUMNS).where(IS_OPEN_SQL if is_open else Dispute.closed_at.is_not(None))
    keys = [Key("id", Dispute.id, descending=not is_open)]
    return page(session, stmt, keys=keys, cursor=cursor, limit=limit)


def disputes_waiting(session: Session, caller: Caller) -> int:
    """The live figure of the rail."""
    return count_up_to(session, select(Dispute.id).where(IS_OPEN_SQL))


@dataclass(frozen=True)
class DisputeFile:
    """One dispute, the order it names if there is one, and who closed it."""

    dispute: AnyRow
    order: AnyRow | None
    closed_by: str


def dispute_file(session: Session, dispute_id: int) -> DisputeFile:
    """Raises DisputeNotFound."""
    row = session.execute(select(*_COLUMNS).where(Dispute.id == dispute_id)).first()
    if row is None:
        raise DisputeNotFound()
    order = session.execute(
        select(Order.public_id, Order.number, Order.title, Order.fen)
        .outerjoin(Attempt, Attempt.order_id == Order.id)
        .where((Order.number == row.order_number) | (Attempt.number == row.order_number))
        .limit(1)
    ).first()
    people = directory.people(session, [row.closed_by_id] if row.closed_by_id else [])
    return DisputeFile(row, order, "".join(one.name for one in people.values()))
