"""The places of a caller, and what lies above and below a unit."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.platform.directory import queries as directory
from app.platform.directory.queries import OrgBrief

DEEPEST = 8


def units_of(session: Session, caller: Caller, permission: str) -> frozenset[int] | None:
    """The units where the permission holds, with all below them; None: everywhere."""
    scope = caller.scope(permission)
    if scope.everything:
        return None
    return frozenset(below for unit_id in scope.unit_ids for below in directory.ids_below(session, unit_id))


def with_parents(session: Session, unit_ids: Collection[int]) -> dict[int, OrgBrief]:
    """These units and all above them, by id."""
    known: dict[int, OrgBrief] = {}
    wanted = set(unit_ids)
    for _level in range(DEEPEST):
        if not wanted:
            break
        found = directory.org_units(session, wanted)
        known |= found
        wanted = {one.parent_id for one in found.values() if one.parent_id is not None} - known.keys()
    return known


def college_of(unit_id: int, known: dict[int, OrgBrief]) -> OrgBrief | None:
    """The college that a unit lies in, or is; `known` has what lies above it."""
    found = known.get(unit_id)
    while found is not None and found.kind != "college":
        found = known.get(found.parent_id) if found.parent_id is not None else None
    return found
