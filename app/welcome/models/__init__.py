"""Tables of welcome, by noun."""

from app.welcome.models.admissions import STATUS_LABELS, Admission, AdmissionStatus, Season
from app.welcome.models.arrivals import (
    ARRIVAL_LABELS,
    SHUTTLE_STATUSES,
    SLOT_STATUSES,
    STATION_KINDS,
    Arrival,
    ArrivalCount,
    ArrivalStatus,
    Boarding,
    Shuttle,
    Slot,
    Station,
    StationKind,
)
from app.welcome.models.check_in import (
    CONTACT_OUTCOMES,
    STEP_KINDS,
    Contact,
    Device,
    SentEntry,
    Step,
    StepKind,
    StepMark,
)
from app.welcome.models.claims import ClaimAlarm, ClaimCode, ClaimTry, Profile
from app.welcome.models.disputes import DISPUTE_LABELS, Dispute, DisputeStatus
from app.welcome.models.guardians import GUARDIAN_LABELS, RELATIONS, Guardian, GuardianStatus

__all__ = [
    "ARRIVAL_LABELS",
    "CONTACT_OUTCOMES",
    "DISPUTE_LABELS",
    "GUARDIAN_LABELS",
    "RELATIONS",
    "SHUTTLE_STATUSES",
    "SLOT_STATUSES",
    "STATION_KINDS",
    "STATUS_LABELS",
    "STEP_KINDS",
    "Admission",
    "AdmissionStatus",
    "Arrival",
    "ArrivalCount",
    "ArrivalStatus",
    "Boarding",
    "ClaimAlarm",
    "ClaimCode",
    "ClaimTry",
    "Contact",
    "Device",
    "Dispute",
    "DisputeStatus",
    "Guardian",
    "GuardianStatus",
    "Profile",
    "Season",
    "SentEntry",
    "Shuttle",
    "Slot",
    "Station",
    "StationKind",
    "Step",
    "StepKind",
    "StepMark",
]
