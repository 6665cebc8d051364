"""What happened in notifications."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageQueued:
    """A message waits to be pushed."""

    message_id: int
