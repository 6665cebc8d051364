"""Reads of welcome."""

from app.welcome.queries.admissions import (
    admission_for,
    admission_of,
    current_season,
    find_admission,
    find_season,
    holds_for,
    within,
)

__all__ = [
    "admission_for",
    "admission_of",
    "current_season",
    "find_admission",
    "find_season",
    "holds_for",
    "within",
]
