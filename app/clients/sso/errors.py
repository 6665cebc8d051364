"""What can go wrong at the single sign-on. No error carries a ticket or an address."""

from typing import ClassVar


class SsoError(Exception):
    """Base of both."""

    permanent: ClassVar[bool] = False


class TicketRefused(SsoError):
    """The ticket is spent, expired, made up or of another service; `code` is CAS's word for it."""

    permanent = True

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code


class SsoUnavailable(SsoError):
    """No answer, or none that could be read. The ticket may be spent: send the person through again."""
