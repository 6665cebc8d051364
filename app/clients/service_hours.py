"""When a vendor takes orders."""

from dataclasses import dataclass
from datetime import datetime, time

from app.kit import clock


@dataclass(frozen=True)
class ServiceHours:
    """From `since` to `until` on Shanghai's clock, over midnight if it has to be; equal ends are the whole day."""

    since: time = time(0, 0)
    until: time = time(0, 0)

    @classmethod
    def read(cls, text: str) -> "ServiceHours":
        """From `00:00-23:30`; "" is the whole day. Raises ValueError."""
        if not text:
            return cls()
        since, until = text.split("-")
        return cls(time.fromisoformat(since), time.fromisoformat(until))

    def cover(self, moment: datetime) -> bool:
        hour = clock.local(moment).time()
        if self.since < self.until:
            return self.since <= hour < self.until
        return self.since == self.until or not self.until <= hour < self.since
