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


@dataclass(frozen=True)
class TextEnded:
    """What became of a text message to somebody else than the person: `status` is one of models.Status."""

    subject: str
    status: str
    error: str
