"""Tables of leave."""

from app.miniapps.leave.models.batches import Batch
from app.miniapps.leave.models.campaigns import (
    NOT_GRANTED,
    Answer,
    Campaign,
    CampaignKind,
    CampaignUnit,
    Reminder,
    StayReason,
    StayState,
    Whereto,
)
from app.miniapps.leave.models.following import Contact, Roll, RollMark
from app.miniapps.leave.models.gate_lists import GateEntry, GateLink, GateList, GateLog
from app.miniapps.leave.models.gates import Gate, Scan
from app.miniapps.leave.models.guardians import Guardian
from app.miniapps.leave.models.lesson_notices import LessonNotice
from app.miniapps.leave.models.policies import CountMode, DayCount, Policy, ScopeKind
from app.miniapps.leave.models.requests import (
    ABSENT,
    GIVEN_UP,
    LIVE,
    ROAMING,
    LeaveKind,
    LeaveRequest,
    LeaveStatus,
    LogLine,
    Step,
)
from app.miniapps.leave.models.screens import Screen, ScreenKey
from app.miniapps.leave.models.timetable import Exam, Lesson

__all__ = [
    "ABSENT",
    "GIVEN_UP",
    "LIVE",
    "NOT_GRANTED",
    "ROAMING",
    "Answer",
    "Batch",
    "Campaign",
    "CampaignKind",
    "CampaignUnit",
    "Reminder",
    "StayReason",
    "StayState",
    "Whereto",
    "Contact",
    "CountMode",
    "DayCount",
    "Exam",
    "Gate",
    "GateEntry",
    "GateLink",
    "GateList",
    "GateLog",
    "Guardian",
    "LeaveKind",
    "LeaveRequest",
    "LeaveStatus",
    "Lesson",
    "LessonNotice",
    "LogLine",
    "Policy",
    "Roll",
    "RollMark",
    "Scan",
    "ScopeKind",
    "Screen",
    "ScreenKey",
    "Step",
]
