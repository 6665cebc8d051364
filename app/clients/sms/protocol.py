"""What the project asks of any gateway. Raises VendorError and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Sent:
    """The gateway has it. `serial` is its number for reports; the message may still not arrive."""

    serial: str


@dataclass(frozen=True)
class Report:
    """What became of it on the air. `reason` is the carrier's word when it failed."""

    state: Literal["waiting", "delivered", "failed"]
    reason: str = ""


class TextMessages(Protocol):
    """No gateway promises to know a repetition: what may have gone out is never sent again."""

    def knows(self, template: str) -> bool:
        """Whether the settings name the gateway's template for this key of ours."""

    def send(self, *, number: str, phone: str, template: str, params: Mapping[str, str]) -> Sent:
        """`number` is ours, for their log. Raises Refused, Unavailable (not now), OutcomeUnknown (don't repeat)."""

    def report(self, *, serial: str, phone: str, sent_at: datetime) -> Report:
        """How it went; `waiting` while the carrier is silent. Raises Unavailable, BadReply."""
