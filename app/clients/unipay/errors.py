"""What the platform says no with, and what is wrong with a notice."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clients.statement import StatementMissing
from app.clients.vendor import (
    AuthProblem,
    BadReply,
    NoSuchOrder,
    NotEnough,
    OrderPaid,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VendorDown,
    VendorError,
)

REASONS = ("missing", "malformed", "merchant", "signature", "stale", "not_paid")


class BadNotice(Exception):
    """Not a notice of a payment by the platform to this merchant. `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


KINDS: Mapping[str, type[VendorError]] = MappingProxyType(
    {
        "SIGN_ERROR": AuthProblem,
        "MERCHANT_ERROR": AuthProblem,
        "TIMESTAMP_ERROR": AuthProblem,
        "FREQUENCY_LIMITED": Unavailable,
        "SERVICE_CLOSED": Unavailable,
        "BALANCE_NOT_ENOUGH": NotEnough,
        "ORDER_PAID": OrderPaid,
        "ORDER_NOT_EXIST": NoSuchOrder,
        "REFUND_NOT_EXIST": NoSuchOrder,
        "DAY_FILE_NOT_READY": StatementMissing,
        "ORDER_NOT_PAID": Refused,
        "ORDER_CLOSED": Refused,
        "PARAM_ERROR": Refused,
        "PARAM_CONFLICT": Refused,
        "REFUND_TOO_MUCH": Refused,
    }
)
"""The definite ones: nothing happened. Any other, SYSTEM_ERROR too, says nothing about what happened."""


def refusal(code: str, said: str, call: str, *, writes: bool) -> VendorError:
    """The outcome of an answer that is not a success."""
    kind = KINDS.get(code)
    if kind is None:
        doubtful = VendorDown if code == "SYSTEM_ERROR" else BadReply
        kind = OutcomeUnknown if writes else doubtful
    return kind(code[:64], said[:200], call=call)


def unreadable(code: str, call: str, *, writes: bool) -> VendorError:
    """For an answer that nobody can prove to be the platform's to this very request."""
    return (OutcomeUnknown if writes else BadReply)(code, call=call)
