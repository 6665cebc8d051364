"""Tables of welcome, by noun."""

from app.welcome.models.admissions import STATUS_LABELS, Admission, AdmissionStatus, Season

__all__ = ["STATUS_LABELS", "Admission", "AdmissionStatus", "Season"]
