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

__all__ = [
    "ARRIVAL_LABELS",
    "CONTACT_OUTCOMES",
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
    "Contact",
    "Device",
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
