"""The pages of leave: the student's phone, and those who look after students."""

from app.miniapps.leave.pages.answers import answers
from app.miniapps.leave.pages.batches import batches
from app.miniapps.leave.pages.campaigns import campaigns
from app.miniapps.leave.pages.desk import desk
from app.miniapps.leave.pages.family import family
from app.miniapps.leave.pages.following import following
from app.miniapps.leave.pages.gates import gates
from app.miniapps.leave.pages.parents import parents
from app.miniapps.leave.pages.phone import phone
from app.miniapps.leave.pages.policies import policies
from app.miniapps.leave.pages.screens import screens
from app.miniapps.leave.pages.timetable import timetable

__all__ = [
    "answers",
    "batches",
    "campaigns",
    "desk",
    "family",
    "following",
    "gates",
    "parents",
    "phone",
    "policies",
    "screens",
    "timetable",
]
