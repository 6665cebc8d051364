"""What channels answer, in one form."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.payments.service import Arrival
from app.payments.service.attempts import AttemptTask


@dataclass(frozen=True)
class Started:
    """How the payer goes on. `kind`: invoke (WeChat's own sheet, `payload` for it), qr (`payload["url"]` to show),
    redirect (`payload["url"]`), paid (nothing more to do; `arrival`) or checking (no answer yet)."""

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    prepay: str | None = None
    arrival: Arrival | None = None


@dataclass(frozen=True)
class Found:
    """`state`: paid (with `transaction_id`, `fen`, `paid_at`), unpaid, closed, or absent (unknown to the channel)."""

    state: str
    transaction_id: str = ""
    fen: int = 0
    paid_at: datetime | None = None

    def arrival(self, task: AttemptTask) -> Arrival:
        """Of a paid one."""
        assert self.paid_at is not None
        return Arrival(
            task.number, task.channel, task.merchant_no, self.transaction_id, self.fen, self.paid_at, "query"
        )


@dataclass(frozen=True)
class RefundFound:
    """`status`: SUCCESS, PROCESSING, ABNORMAL or CLOSED."""

    status: str
    channel_refund_id: str = ""
