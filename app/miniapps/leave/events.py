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


@dataclass(frozen=True)
class CampaignOpened:
    """Its people are to be asked."""

    campaign_id: int


@dataclass(frozen=True)
class CampaignReminded:
    """Those who have not answered are to be asked again."""

    reminder_id: int


@dataclass(frozen=True)
class StayDecided:
    """Whether somebody may stay is settled. `how`: decided, terminated (its case), revoked, lapsed, or left
    (the school, as its roster says).
    """

    answer_id: int
    state: str
    how: str = "decided"


@dataclass(frozen=True)
class BatchMade:
    """A list of students has public leave: their counsellors are to know."""

    batch_id: int
