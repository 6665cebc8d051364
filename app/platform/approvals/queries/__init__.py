"""Reads about approvals: to-do lists, cases, deputies, definitions."""

from app.platform.approvals.queries.access import may_see, nodes_seen_by, visible_form
from app.platform.approvals.queries.cases import case_for, form_of
from app.platform.approvals.queries.definitions import published
from app.platform.approvals.queries.people import load_registry
from app.platform.approvals.queries.simulation import Path, Step, simulate
from app.platform.approvals.queries.todo import todo_count

__all__ = [
    "Path",
    "Step",
    "case_for",
    "form_of",
    "load_registry",
    "may_see",
    "nodes_seen_by",
    "published",
    "simulate",
    "todo_count",
    "visible_form",
]
