"""The pages of welcome: the freshman's phone, the console."""

from app.welcome.pages.claim import claim_phone
from app.welcome.pages.companions import phone as companions_phone
from app.welcome.pages.disputes import alarms_desk, disputes_desk, disputes_phone
from app.welcome.pages.dorm import desk as dorm_desk
from app.welcome.pages.dorm import phone as dorm_phone
from app.welcome.pages.guardians import guardians_phone
from app.welcome.pages.home import phone
from app.welcome.pages.moderation import desk as moderation_desk

__all__ = [
    "alarms_desk",
    "claim_phone",
    "companions_phone",
    "disputes_desk",
    "disputes_phone",
    "dorm_desk",
    "dorm_phone",
    "guardians_phone",
    "moderation_desk",
    "phone",
]
