"""Tables of leave."""

from app.miniapps.leave.models.following import Contact, Roll, RollMark
from app.miniapps.leave.models.policies import CountMode, DayCount, Policy, ScopeKind
from app.miniapps.leave.models.requests import (
    ABSENT,
    LIVE,
    LeaveKind,
    LeaveRequest,
    LeaveStatus,
    LogLine,
    Step,
)
from app.miniapps.leave.models.timetable import Exam, Lesson

__all__ = [
    "ABSENT",
    "LIVE",
    "Contact",
    "CountMode",
    "DayCount",
    "Exam",
    "LeaveKind",
    "LeaveRequest",
    "LeaveStatus",
    "Lesson",
    "LogLine",
    "Policy",
    "Roll",
    "RollMark",
    "ScopeKind",
    "Step",
]
