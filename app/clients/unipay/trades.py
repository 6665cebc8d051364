"""Orders, refunds and notices as the platform tells of them. Readers raise ValueError, KeyError or TypeError."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

STATES = ("NOTPAY", "SUCCESS", "REFUND", "CLOSED")
REFUND_STATES = ("SUCCESS", "PROCESSING", "ABNORMAL", "CLOSED")
PAID = ("SUCCESS", "REFUND")
_FEN = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Trade:
    """An order at the platform. REFUND means that some refund was begun: it has been paid all the same."""

    order_no: str
    state: str
    fen: int
    transaction_id: str = ""
    paid_at: datetime | None = None

    @property
    def is_paid(self) -> bool:
        return self.state in PAID


@dataclass(frozen=True)
class RefundState:
    """ABNORMAL: the bank gave it back to the platform; people have to pay it out."""

    refund_no: str
    refund_id: str
    order_no: str
    status: str
    fen: int


@dataclass(frozen=True)
class Notice:
    """Of a payment; `state` is SUCCESS."""

    order_no: str
    transaction_id: str
    state: str
    fen: int
    paid_at: datetime


def trade_of(given: Mapping[str, str], order_no: str) -> Trade:
    state = _known(given["state"], STATES)
    is_paid = state in PAID
    return Trade(
        order_no=_same(given["order_no"], order_no),
        state=state,
        fen=_fen(given["total_fen"]),
        transaction_id=_number(given["transaction_id"]) if is_paid else "",
        paid_at=_moment(given["paid_at"]) if is_paid else None,
    )


def refund_of(given: Mapping[str, str], refund_no: str) -> RefundState:
    return RefundState(
        refund_no=_same(given["refund_no"], refund_no),
        refund_id=_number(given["refund_id"]),
        order_no=_number(given["order_no"]),
        status=_known(given["status"], REFUND_STATES),
        fen=_fen(given["refund_fen"]),
    )


def notice_of(given: Mapping[str, str]) -> Notice:
    return Notice(
        order_no=_number(given["order_no"]),
        transaction_id=_number(given["transaction_id"]),
        state=given["state"],
        fen=_fen(given["total_fen"]),
        paid_at=_moment(given["paid_at"]),
    )


def _known(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError("an unknown state")
    return value


def _same(value: str, wanted: str) -> str:
    if value != wanted:
        raise ValueError("about another order")
    return value


def _number(value: str) -> str:
    if not 1 <= len(value) <= 64 or not value.isascii() or not value.isalnum():
        raise ValueError("not a number")
    return value


def _fen(value: str) -> int:
    if not _FEN.fullmatch(value):
        raise ValueError("not an amount")
    return int(value)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)
