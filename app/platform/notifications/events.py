"""What happened in notifications."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageQueued:
    """A message waits to be pushed."""

    message_id: int


@dataclass(frozen=True)
class TextQueued:
    """A text message that stands for no message of the centre waits to be sent."""

    text_id: int
