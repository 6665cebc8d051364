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
class ExchangeAsked:
    """A roommate would like to swap a channel."""

    exchange_id: int


@dataclass(frozen=True)
class ExchangeAccepted:
    """Both see the other's contact of one channel from now on."""

    exchange_id: int


@dataclass(frozen=True)
class CardWanted:
    """The card of an admission is to be drawn, with this school's name and hotline on it."""

    admission_id: int
    school: str
    hotline: str


@dataclass(frozen=True)
class JoinAsked:
    """Somebody would like to join a companion post."""

    thread_id: int


@dataclass(frozen=True)
class JoinAccepted:
    """The author said yes; the two may write."""

    thread_id: int


@dataclass(frozen=True)
class CompanionWrote:
    """A message of one companion to the other."""

    message_id: int


@dataclass(frozen=True)
class NoteDecided:
    """The desk has read the free text of a post, or hidden the post."""

    post_id: int


@dataclass(frozen=True)
class ReportSettled:
    """The desk has answered a report."""

    report_id: int


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


@dataclass(frozen=True)
class DeferralAsked:
    """A freshman asks to pay later."""

    deferral_id: int


@dataclass(frozen=True)
class DeferralSettled:
    """It was granted or refused."""

    deferral_id: int
