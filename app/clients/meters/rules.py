"""The part of a system's rules that the school sets, whatever the dialect."""

from dataclasses import dataclass
from typing import Any

from app.clients.meters.protocol import MeterCapabilities, TopUpRequest
from app.clients.orders import check_order
from app.clients.service_hours import ServiceHours


@dataclass(frozen=True)
class OrderRules:
    """`service_hours` as `00:00-23:30`; empty is the whole day."""

    min_fen: int = 100
    max_fen: int = 20_000
    step_fen: int = 100
    presets_fen: tuple[int, ...] = (1_000, 2_000, 5_000, 10_000)
    settle_seconds: int = 600
    service_hours: str = ""

    def __post_init__(self) -> None:
        ServiceHours.read(self.service_hours)
        if not 0 < self.min_fen <= self.max_fen or self.step_fen <= 0:
            raise ValueError("rules: 0 < min_fen <= max_fen and step_fen > 0")

    def capabilities(self, **offers: Any) -> MeterCapabilities:
        """These rules and what the dialect offers."""
        return MeterCapabilities(
            min_fen=self.min_fen,
            max_fen=self.max_fen,
            step_fen=self.step_fen,
            presets_fen=self.presets_fen,
            settle_seconds=self.settle_seconds,
            service_hours=ServiceHours.read(self.service_hours),
            **offers,
        )

    def check(self, request: TopUpRequest, order_no_max_len: int) -> None:
        """Raises Refused for what can never be sent."""
        check_order(
            request.order_no, order_no_max_len, request.fen, self.min_fen, self.max_fen, self.step_fen
        )
