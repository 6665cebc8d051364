"""What happened with money. Ids only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaymentSucceeded:
    """An order is paid and its fulfilment is waiting."""

    order_id: int
    service_key: str
    subject: str


@dataclass(frozen=True)
class OrderClosed:
    """Nobody shall pay this order any more; what the channels know of it is to be closed there."""

    order_id: int


@dataclass(frozen=True)
class SurplusReceived:
    """A payment came on top (twice, or too late) and is on its way back."""

    payment_id: int


@dataclass(frozen=True)
class RefundReady:
    """A refund may be sent to the channel."""

    refund_id: int


@dataclass(frozen=True)
class VoucherReady:
    """A voucher may be handed to the finance system."""

    voucher_id: int


@dataclass(frozen=True)
class ReceiptReady:
    """A receipt may be asked of the issuer."""

    receipt_id: int


@dataclass(frozen=True)
class RefundSucceeded:
    """The money is back with the payer."""

    refund_id: int
    order_id: int


@dataclass(frozen=True)
class FulfilmentAccepted:
    """The vendor has taken the order; it will be applied."""

    order_id: int
    service_key: str
    subject: str


@dataclass(frozen=True)
class FulfilmentApplied:
    """What was paid for is delivered."""

    order_id: int
    service_key: str
    subject: str


@dataclass(frozen=True)
class FulfilmentAbandoned:
    """It will not be delivered, ever; the refund is under way."""

    order_id: int
    service_key: str
    subject: str


@dataclass(frozen=True)
class FulfilmentNeedsReview:
    """The machine can't decide any more; a person has to look."""

    order_id: int


@dataclass(frozen=True)
class DisputeOpened:
    """A genuine notice does not fit what we know."""

    dispute_id: int


@dataclass(frozen=True)
class DayWasClosed:
    """日结: the day (ISO date) is signed and takes no more changes."""

    day: str


@dataclass(frozen=True)
class BillDue:
    """It is time to ask for this bill. `day` is ISO."""

    source: str
    kind: str
    account: str
    day: str


@dataclass(frozen=True)
class BillUploaded:
    """Somebody gave a file; it lies in the archive."""

    upload_id: int
