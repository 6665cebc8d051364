"""Tables of electricity, by noun."""

from app.miniapps.electricity.models.bindings import PROOF_LABELS, Binding, BindingStatus, Proof
from app.miniapps.electricity.models.readings import DailyUse, Purchase, Reading
from app.miniapps.electricity.models.systems import Building, Meter, Room, System
from app.miniapps.electricity.models.top_ups import (
    CASE_KINDS,
    CASE_LABELS,
    TOP_UP_LABELS,
    Case,
    CaseKind,
    CaseStatus,
    Share,
    TopUp,
    TopUpStatus,
)

__all__ = [
    "CASE_KINDS",
    "CASE_LABELS",
    "PROOF_LABELS",
    "TOP_UP_LABELS",
    "Binding",
    "BindingStatus",
    "Building",
    "Case",
    "CaseKind",
    "CaseStatus",
    "DailyUse",
    "Meter",
    "Proof",
    "Purchase",
    "Reading",
    "Room",
    "Share",
    "System",
    "TopUp",
    "TopUpStatus",
]
