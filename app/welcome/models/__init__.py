"""Tables of welcome, by noun."""

from app.welcome.models.admissions import STATUS_LABELS, Admission, AdmissionStatus, Season
from app.welcome.models.claims import ClaimAlarm, ClaimCode, ClaimTry, Profile
from app.welcome.models.disputes import DISPUTE_LABELS, Dispute, DisputeStatus
from app.welcome.models.guardians import GUARDIAN_LABELS, RELATIONS, Guardian, GuardianStatus

__all__ = [
    "DISPUTE_LABELS",
    "GUARDIAN_LABELS",
    "RELATIONS",
    "STATUS_LABELS",
    "Admission",
    "AdmissionStatus",
    "ClaimAlarm",
    "ClaimCode",
    "ClaimTry",
    "Dispute",
    "DisputeStatus",
    "Guardian",
    "GuardianStatus",
    "Profile",
    "Season",
]
