"""What a definition is: its tree, its language of conditions, and how JSON becomes one."""

from app.platform.approvals.definition.parsing import Faults, parse
from app.platform.approvals.definition.tree import (
    STARTER,
    Approve,
    Asked,
    Branch,
    Condition,
    Copy,
    Definition,
    FormField,
    Limit,
    Node,
    Parallel,
    Place,
    Service,
    Timer,
)

__all__ = [
    "STARTER",
    "Approve",
    "Asked",
    "Branch",
    "Condition",
    "Copy",
    "Definition",
    "Faults",
    "FormField",
    "Limit",
    "Node",
    "Parallel",
    "Place",
    "Service",
    "Timer",
    "parse",
]
