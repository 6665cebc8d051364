"""What happened to a leave. Ids only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LeaveMoved:
    """Its status changed, or its times."""

    request_id: int
    status: str


@dataclass(frozen=True)
class StepClimbed:
    """A rung of the ladder: tell whom it names."""

    request_id: int
    step: str
    due: str
