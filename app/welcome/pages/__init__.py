"""The pages of welcome: the freshman's phone, the console."""

from app.welcome.pages.absent import desk as absent_desk
from app.welcome.pages.arrival import phone as arrival_phone
from app.welcome.pages.arrivals_desk import desk as arrivals_desk
from app.welcome.pages.check_in import desk as check_in_desk
from app.welcome.pages.claim import claim_phone
from app.welcome.pages.companions import phone as companions_phone
from app.welcome.pages.disputes import alarms_desk, disputes_desk, disputes_phone
from app.welcome.pages.dorm import desk as dorm_desk
from app.welcome.pages.dorm import phone as dorm_phone
from app.welcome.pages.fees import aid_desk, fees_phone
from app.welcome.pages.fees_desk import fees_desk
from app.welcome.pages.guardians import guardians_phone
from app.welcome.pages.guides import guides_desk, guides_phone
from app.welcome.pages.home import phone
from app.welcome.pages.items import items_desk, items_phone
from app.welcome.pages.moderation import desk as moderation_desk
from app.welcome.pages.quiz import quiz_desk, quiz_phone
from app.welcome.pages.steps import desk as steps_desk
from app.welcome.pages.verify import contacts_desk, verify_phone
from app.welcome.pages.wall import desk as wall_desk

__all__ = [
    "absent_desk",
    "aid_desk",
    "alarms_desk",
    "arrival_phone",
    "arrivals_desk",
    "check_in_desk",
    "claim_phone",
    "companions_phone",
    "contacts_desk",
    "disputes_desk",
    "disputes_phone",
    "dorm_desk",
    "dorm_phone",
    "fees_desk",
    "fees_phone",
    "guardians_phone",
    "guides_desk",
    "guides_phone",
    "items_desk",
    "items_phone",
    "moderation_desk",
    "phone",
    "quiz_desk",
    "quiz_phone",
    "steps_desk",
    "verify_phone",
    "wall_desk",
]
