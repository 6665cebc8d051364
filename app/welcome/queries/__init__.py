"""Reads of welcome."""

from app.welcome.queries.admissions import (
    admission_for,
    admission_of,
    current_season,
    find_admission,
    find_season,
    holds_for,
    season_by_code,
    within,
)
from app.welcome.queries.cards import admission_by_card

__all__ = [
    "admission_by_card",
    "admission_for",
    "admission_of",
    "current_season",
    "find_admission",
    "find_season",
    "holds_for",
    "season_by_code",
    "within",
]
