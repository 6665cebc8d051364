"""Orders and refunds as WeChat tells of them, in answers and in notices alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

STATES = ("SUCCESS", "REFUND", "NOTPAY", "CLOSED", "REVOKED", "USERPAYING", "PAYERROR")
REFUND_STATES = ("SUCCESS", "CLOSED", "PROCESSING", "ABNORMAL")


@dataclass(frozen=True)
class Trade:
    """An order at WeChat. `fen` is what it costs; 0 when nobody has paid and WeChat left it out.

    REFUND means that some refund was begun, be it of one fen: the order has been paid all the same.
    """

    order_no: str
    state: str
    fen: int
    currency: str
    appid: str
    mchid: str
    transaction_id: str = ""
    payer_openid: str = field(default="", repr=False)
    paid_at: datetime | None = None
    trade_type: str = ""
    attach: str = ""
    bank_type: str = ""

    @property
    def is_paid(self) -> bool:
        return self.state in ("SUCCESS", "REFUND")


@dataclass(frozen=True)
class RefundState:
    """A refund at WeChat. `account` is where the money goes, in WeChat's words (`招商银行信用卡0403`)."""

    refund_no: str
    refund_id: str
    order_no: str
    transaction_id: str
    status: str
    fen: int
    total_fen: int
    succeeded_at: datetime | None = None
    account: str = field(default="", repr=False)


def trade_of(given: Mapping[str, Any]) -> Trade:
    """Raises ValueError, KeyError or TypeError for what is no trade."""
    state = _known(given["trade_state"], STATES)
    is_paid = state in ("SUCCESS", "REFUND")
    amount = given["amount"] if is_paid else given.get("amount") or {}
    return Trade(
        order_no=_text(given["out_trade_no"]),
        state=state,
        fen=_fen(amount["total"] if is_paid else amount.get("total", 0)),
        currency=_text(amount["currency"] if is_paid else amount.get("currency", "CNY")),
        appid=_text(given["appid"]),
        mchid=_text(given["mchid"]),
        transaction_id=_text(given["transaction_id"] if is_paid else given.get("transaction_id", "")),
        payer_openid=_text((given.get("payer") or {}).get("openid", "")),
        paid_at=_moment(given["success_time"] if is_paid else ""),
        trade_type=_text(given.get("trade_type", "")),
        attach=_text(given.get("attach", "")),
        bank_type=_text(given.get("bank_type", "")),
    )


def refund_of(given: Mapping[str, Any], *, status: str = "status") -> RefundState:
    """`status` names the field: notices call it refund_status. Raises as `trade_of`."""
    return RefundState(
        refund_no=_text(given["out_refund_no"]),
        refund_id=_text(given["refund_id"]),
        order_no=_text(given["out_trade_no"]),
        transaction_id=_text(given["transaction_id"]),
        status=_known(given[status], REFUND_STATES),
        fen=_fen(given["amount"]["refund"]),
        total_fen=_fen(given["amount"]["total"]),
        succeeded_at=_moment(given.get("success_time") or ""),
        account=_text(given.get("user_received_account") or ""),
    )


def _known(value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError("an unknown state")
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _fen(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("not an amount")
    return value


def _moment(text: Any) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(_text(text))
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)
