"""Working a difference to its end: an owner, notes, an action that one proposes and another approves."""

from app.payments.service.cases.acting import ACTIONS, possible_actions
from app.payments.service.cases.deciding import approve, propose, reject, withdraw
from app.payments.service.cases.owning import add_note, assign

__all__ = ["ACTIONS", "add_note", "approve", "assign", "possible_actions", "propose", "reject", "withdraw"]
