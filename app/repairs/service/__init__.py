"""Use-cases of repairs. Each takes the session and the caller, and returns or raises."""

from app.repairs.service.act import act_on
from app.repairs.service.catalogue import add_route, issue_door_codes, load_catalogue, retire_door_code
from app.repairs.service.closing import (
    cancel_ticket,
    close_unanswered,
    confirm_ticket,
    rate_ticket,
    resume_expired,
    return_unanswered,
    rework_ticket,
    urge_ticket,
)
from app.repairs.service.dispatching import (
    accept_ticket,
    dispatch_ticket,
    reassign_ticket,
    reject_ticket,
    reveal_phone,
)
from app.repairs.service.submit import PhoneCaller, Report, Submitted, submit_for_caller, submit_ticket
from app.repairs.service.working import (
    arrive_ticket,
    decline_ticket,
    finish_ticket,
    hold_ticket,
    resume_ticket,
    take_ticket,
)

__all__ = [
    "PhoneCaller",
    "Report",
    "Submitted",
    "accept_ticket",
    "act_on",
    "add_route",
    "arrive_ticket",
    "cancel_ticket",
    "close_unanswered",
    "confirm_ticket",
    "decline_ticket",
    "dispatch_ticket",
    "finish_ticket",
    "hold_ticket",
    "issue_door_codes",
    "load_catalogue",
    "rate_ticket",
    "reassign_ticket",
    "reject_ticket",
    "resume_expired",
    "resume_ticket",
    "retire_door_code",
    "return_unanswered",
    "reveal_phone",
    "rework_ticket",
    "submit_for_caller",
    "submit_ticket",
    "take_ticket",
    "urge_ticket",
]
