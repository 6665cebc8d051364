"""What happened with freshmen. Ids only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SlotMoved:
    """The desk gave a slot another time; `version` is the slot's from then on."""

    slot_id: int
    version: int


@dataclass(frozen=True)
class SlotClosed:
    """There is no bus at that time; these arrivals lost their places."""

    slot_id: int
    arrival_ids: list[int]


@dataclass(frozen=True)
class AdmissionRegistered:
    """A freshman is here: the desk marked the final step."""

    admission_id: int
    mark_id: int
