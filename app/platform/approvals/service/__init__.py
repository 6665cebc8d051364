"""Use-cases of approvals. Each takes the session and the caller, and returns or raises."""

from app.platform.approvals.queries.simulation import Path, Step, simulate, simulate_body
from app.platform.approvals.service.deciding import approve, reject, return_case, take_back
from app.platform.approvals.service.definitions import (
    note_lint,
    propose,
    publish,
    publish_shipped,
    upload,
    withdraw_proposal,
)
from app.platform.approvals.service.deputies import end_deputy, set_deputy
from app.platform.approvals.service.overseeing import assign, hand_over, jump, open_tasks_of, terminate
from app.platform.approvals.service.personal import forget_cases
from app.platform.approvals.service.signing import (
    add_signers,
    claim,
    delegate,
    remove_signer,
    transfer,
    unclaim,
)
from app.platform.approvals.service.starting import Business, CaseBrief, resubmit, start, urge, withdraw
from app.platform.approvals.service.talking import comment, copy_to, mark_read
from app.platform.approvals.service.times import reckon
from app.platform.approvals.service.timing import (
    complete_service,
    due_timers,
    orphaned_tasks,
    rescue,
    ring,
)

__all__ = [
    "Business",
    "CaseBrief",
    "Path",
    "Step",
    "add_signers",
    "approve",
    "assign",
    "claim",
    "comment",
    "complete_service",
    "copy_to",
    "delegate",
    "due_timers",
    "end_deputy",
    "forget_cases",
    "hand_over",
    "jump",
    "mark_read",
    "note_lint",
    "open_tasks_of",
    "orphaned_tasks",
    "propose",
    "publish",
    "publish_shipped",
    "reckon",
    "reject",
    "remove_signer",
    "rescue",
    "resubmit",
    "return_case",
    "ring",
    "set_deputy",
    "simulate",
    "simulate_body",
    "start",
    "take_back",
    "terminate",
    "transfer",
    "unclaim",
    "upload",
    "urge",
    "withdraw",
    "withdraw_proposal",
]
