"""Reads about leave."""

from app.miniapps.leave.queries.checks import Checks, check_span
from app.miniapps.leave.queries.policies import Measured, find_policy, policies_of, simulate_policy
from app.miniapps.leave.queries.students import Student, find_student

__all__ = [
    "Checks",
    "Measured",
    "Student",
    "check_span",
    "find_policy",
    "find_student",
    "policies_of",
    "simulate_policy",
]
