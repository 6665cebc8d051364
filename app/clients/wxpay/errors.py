"""How WeChat Pay's error codes become outcomes. Codes are compared without underscores: WeChat writes both."""

from app.clients.vendor import (
    AuthProblem,
    BadReply,
    DuplicateOrder,
    NoSuchOrder,
    NotEnough,
    OrderPaid,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VendorError,
)


class OrderClosed(Refused):
    """The order is closed; a new one needs a new number."""


class NoStatement(Refused):
    """No trade on that day, so no bill. Alarming only when we know of some."""


class StatementCreating(Unavailable):
    """The bill is not made yet; bills come after 10:00 on the next day. Ask again in half an hour."""


KINDS: dict[str, type[VendorError]] = {
    "SIGNERROR": AuthProblem,
    "NOAUTH": AuthProblem,
    "MCHNOTEXISTS": AuthProblem,
    "APPIDMCHIDNOTMATCH": AuthProblem,
    "FREQUENCYLIMIT": Unavailable,
    "FREQUENCYLIMITED": Unavailable,
    "RATELIMITEXCEEDED": Unavailable,
    "NOTENOUGH": NotEnough,
    "ORDERPAID": OrderPaid,
    "ORDERCLOSED": OrderClosed,
    "OUTTRADENOUSED": DuplicateOrder,
    "ORDERNOTEXIST": NoSuchOrder,
    "RESOURCENOTEXISTS": NoSuchOrder,
    "NOSTATEMENTEXIST": NoStatement,
    "STATEMENTCREATING": StatementCreating,
    "PARAMERROR": Refused,
    "INVALIDREQUEST": Refused,
    "RULELIMIT": Refused,
    "TRADEERROR": Refused,
    "ACCOUNTERROR": Refused,
    "USERACCOUNTABNORMAL": Refused,
    "OPENIDMISMATCH": Refused,
    "INVALIDTRANSACTIONID": Refused,
}
"""The documented codes of answers 4xx."""

SENTENCES: tuple[tuple[str, type[VendorError]], ...] = (
    ("已支付", OrderPaid),
    ("频率限制", Unavailable),
)
"""INVALID_REQUEST has many meanings; these two have consequences of their own."""


def refusal(status: int, code: str, said: str, call: str, *, has_effect: bool) -> VendorError:
    """The outcome of an answer 4xx. A code nobody documented says nothing about what happened."""
    kind = KINDS.get(code.replace("_", "").upper())
    if kind is Refused:
        kind = next((meant for words, meant in SENTENCES if words in said), kind)
    if kind is None:
        kind = Unavailable if status == 429 else unreadable_kind(has_effect=has_effect)
    return kind(code[:64], said[:200], call=call)


def unreadable_kind(*, has_effect: bool) -> type[VendorError]:
    """For an answer that is not what the document says, or that nobody can prove to be WeChat's."""
    return OutcomeUnknown if has_effect else BadReply
