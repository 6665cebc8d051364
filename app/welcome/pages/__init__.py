"""The pages of welcome: the freshman's phone, the console."""

from app.welcome.pages.claim import claim_phone
from app.welcome.pages.disputes import alarms_desk, disputes_desk, disputes_phone
from app.welcome.pages.guardians import guardians_phone
from app.welcome.pages.home import phone

__all__ = [
    "alarms_desk",
    "claim_phone",
    "disputes_desk",
    "disputes_phone",
    "guardians_phone",
    "phone",
]
