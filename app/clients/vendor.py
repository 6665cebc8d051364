"""What the machines of payment channels, card systems and meters may answer, one class per consequence.

Every client that moves money classifies each failed call as one of these; see docs/write-an-adapter.md.
No error carries a request or an answer: those hold keys and personal values. `code` is the vendor's own code,
`said` its sentence, shown to staff at most, never to students.
"""

from typing import Literal

OrderClass = Literal["A", "B", "C", "D"]
"""What a repeated order number does: A the first result again, B refused, C executed again, D no number at all."""


class VendorError(Exception):
    """Base of all."""

    def __init__(self, code: str = "", said: str = "", *, call: str = "") -> None:
        super().__init__(code, call)
        self.code, self.said, self.call = code, said, call

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.code} at {self.call}".strip()


class Refused(VendorError):
    """A definite no: nothing happened, and the same request will be refused again."""


class DuplicateOrder(Refused):
    """The vendor knows this order number already. Not a failure: ask what became of it."""


class NoSuchOrder(Refused):
    """The vendor says it does not know the order number. Believed only under the rules of its class."""


class OrderPaid(Refused):
    """The order is paid already: ask for it and accept the payment."""


class Unavailable(VendorError):
    """Nothing happened (never sent, or refused for now): the same order number may be sent again later."""


class VendorDown(Unavailable):
    """It could not be reached, or is broken for now. This is what breakers count."""


class AuthProblem(Unavailable):
    """Our credentials are refused, and were again after one renewal. An administrator has to act."""


class NotEnough(Unavailable):
    """The merchant's balance does not cover the refund: after a top-up repeat it under the same number."""


class OutcomeUnknown(VendorError):
    """It may have happened or not. Ask before anything else; never repeat it under another number."""


class BadReply(VendorError):
    """A read whose answer could not be understood. Never to be taken for zero or for nothing."""
