"""Reads about approvals: to-do lists, cases, deputies, definitions."""

from app.platform.approvals.queries.access import may_see, nodes_seen_by, visible_form
from app.platform.approvals.queries.people import known_resolvers, load_registry
from app.platform.approvals.queries.simulation import Path, Step, simulate

__all__ = [
    "Path",
    "Step",
    "known_resolvers",
    "load_registry",
    "may_see",
    "nodes_seen_by",
    "simulate",
    "visible_form",
]
