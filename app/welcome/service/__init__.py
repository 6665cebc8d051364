"""Use-cases of welcome."""

from app.welcome.service.admissions import Admitted, admit, open_season
from app.welcome.service.alarms import close_alarm
from app.welcome.service.cards import card_code, revoke_card
from app.welcome.service.claims import Given, ask_code, check_may_claim, claim, claim_as_guardian, send_code
from app.welcome.service.disputes import Held, decide_dispute, examine_dispute, open_dispute, reveal_phone
from app.welcome.service.guardians import decide_guardian, end_guardian
from app.welcome.service.numbers import Issued, issue_numbers
from app.welcome.service.privacy import erase_person, export_person, merge_person, retain
from app.welcome.service.profiles import seed_profiles
from app.welcome.service.tries import Attempt, Gate, reserve_try

__all__ = [
    "Admitted",
    "Attempt",
    "Gate",
    "Given",
    "Held",
    "Issued",
    "admit",
    "ask_code",
    "card_code",
    "check_may_claim",
    "claim",
    "claim_as_guardian",
    "close_alarm",
    "decide_dispute",
    "decide_guardian",
    "end_guardian",
    "erase_person",
    "examine_dispute",
    "export_person",
    "issue_numbers",
    "merge_person",
    "open_dispute",
    "open_season",
    "reserve_try",
    "retain",
    "reveal_phone",
    "revoke_card",
    "seed_profiles",
    "send_code",
]
