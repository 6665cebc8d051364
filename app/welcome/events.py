"""What happened with freshmen. Ids only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AdmissionClaimed:
    """A WeChat account stands for the freshman from now on; `is_rebind`: in place of another one. `at` is ISO, UTC."""

    admission_id: int
    person_id: int
    at: str
    is_rebind: bool


@dataclass(frozen=True)
class AdmissionReleased:
    """A dispute was granted: nobody's WeChat stands for the freshman; `visitor_id` is who was behind the stolen one."""

    admission_id: int
    person_id: int
    dispute_id: int
    visitor_ids: list[int]


@dataclass(frozen=True)
class ClaimCodeAsked:
    """Somebody wants a code sent to the phone on file of what they claim, if it is there."""

    code_id: int


@dataclass(frozen=True)
class ClaimsAttacked:
    """Failures that look like enumeration."""

    alarm_id: int
    tries: int


@dataclass(frozen=True)
class DisputeOpened:
    """Somebody says that an admission is theirs."""

    dispute_id: int


@dataclass(frozen=True)
class DisputeDecided:
    """Staff has decided."""

    dispute_id: int


@dataclass(frozen=True)
class GuardianAsked:
    """A parent proved that they hold the papers, and waits for the freshman's consent."""

    guardian_id: int


@dataclass(frozen=True)
class GuardianDecided:
    """The freshman consented, or declined, or took it back."""

    guardian_id: int


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
