"""What every campus card system can do for us, whoever made it. Errors are those of `app.clients.vendor`.

Money is int fen. We never see, send or store a card's password.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from app.clients.service_hours import ServiceHours
from app.clients.statement import Statement, StatementRow
from app.clients.vendor import OrderClass, Refused

CardStatus = Literal["normal", "lost", "frozen", "closed", "expired"]
DebitStatus = Literal["applied", "pending", "refused", "not_found"]
PURSE, ELECTRONIC = "purse", "electronic"


class NoSuchAccount(Refused):
    """The card system does not know this person."""


@dataclass(frozen=True)
class CardCapabilities:
    """What this system offers, and its rules."""

    order_class: OrderClass
    can_query_order: bool
    has_transactions: bool
    has_statement: bool
    has_flow: bool
    """Whether the card centre tells its movements under numbers without gaps, while the day goes on."""
    order_no_max_len: int
    min_fen: int
    max_fen: int
    has_agreements: bool
    """Whether small sums may be debited at once, without the PIN, from who has agreed to it."""
    has_pin_page: bool
    """Whether the vendor has a page where the payer types the PIN."""
    settle_seconds: int
    """From an unknown outcome until a "not found" may be believed."""
    service_hours: ServiceHours


@dataclass(frozen=True)
class CardAccount:
    """A person's account. `account_no` is the card system's, not the student number; None is "not told"."""

    account_no: str
    status: CardStatus
    balances: Mapping[str, int] = field(repr=False)
    single_limit_fen: int | None = None
    day_limit_fen: int | None = None
    day_spent_fen: int | None = None


@dataclass(frozen=True)
class CardTransaction:
    """Positive came in, negative went out."""

    vendor_ref: str
    at: datetime
    fen: int
    place: str
    balance_fen: int | None


@dataclass(frozen=True)
class TransactionPage:
    transactions: tuple[CardTransaction, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class FlowLine:
    """One movement of the card centre. `movement` is None of what is not ours: only its number counts.

    `told` is the line as the vendor told it, always the same text for the same line.
    """

    no: int
    told: str = field(repr=False)
    movement: StatementRow | None


@dataclass(frozen=True)
class FlowPage:
    """As it came, perhaps repeated or out of order: whoever keeps it checks. `last`: the highest number there is."""

    lines: tuple[FlowLine, ...]
    last: int


@dataclass(frozen=True)
class DebitState:
    """What the vendor says became of a debit or a refund; None where its record does not tell."""

    status: DebitStatus
    vendor_ref: str | None = None
    fen: int | None = None
    account_no: str | None = None
    at: datetime | None = None

    def agrees_with(self, account_no: str, fen: int) -> bool:
        """Whether the vendor's record, as far as it goes, is of this account and this money."""
        return self.fen in (None, fen) and self.account_no in (None, account_no)


class CardSystem(Protocol):
    """The school's campus card. Make one per process; threads share it."""

    @property
    def system(self) -> str:
        """Its name in the settings."""

    @property
    def merchant(self) -> str:
        """What its statements call us."""

    @property
    def capabilities(self) -> CardCapabilities: ...

    def account(self, student_no: str) -> CardAccount:
        """Raises NoSuchAccount."""

    def transactions(
        self, account_no: str, since: date, until: date, cursor: str | None = None
    ) -> TransactionPage:
        """Newest first, both days included; only with `has_transactions`."""

    def debit(self, order_no: str, account_no: str, fen: int, memo: str) -> DebitState:
        """Sends once, whatever happens; `applied`, or `pending` where the vendor takes its time.

        Raises Refused (nothing happened), DuplicateOrder (ask), Unavailable (nothing happened, later perhaps),
        OutcomeUnknown (ask).
        """

    def pin_page(
        self, order_no: str, account_no: str, fen: int, memo: str, *, expires_at: datetime, return_url: str
    ) -> str:
        """Where the payer types the PIN, until `expires_at`; nothing is sent by us. Only with `has_pin_page`.

        What came of it is asked for with `query`: that somebody comes back proves nothing. Raises Refused.
        """

    def query(self, order_no: str) -> DebitState:
        """What became of a debit; `not_found` is an answer. Raises Unavailable or BadReply, never Refused."""

    def refund(self, refund_no: str, order_no: str, vendor_ref: str, account_no: str, fen: int) -> DebitState:
        """Give back a debit, whole or in part, under a number of its own. Raises as `debit` does."""

    def query_refund(self, refund_no: str, order_no: str) -> DebitState:
        """As `query`, for a refund."""

    def flow(self, after: int, limit: int) -> FlowPage:
        """The next `limit` lines of all after number `after`; only with `has_flow`. Raises Unavailable or BadReply."""

    def statement(self, day: date) -> Statement:
        """The vendor's books of a day, whole. Raises StatementMissing, Unavailable or BadReply."""

    def statement_file(self, day: date) -> bytes:
        """The same, as it came: whoever archives it reads it. Raises StatementMissing or Unavailable."""
