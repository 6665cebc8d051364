"""Definitions of the tests, and a campus whose people they ask."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.kit.caller import Caller, Grant
from app.platform.approvals import service as approvals
from app.platform.approvals.service import Business
from app.platform.directory import service as directory
from tests.make import SINCE


def approve(key: str, *numbers: str, **more: Any) -> dict[str, Any]:
    """An approval by people of these numbers."""
    return {
        "key": key,
        "type": "approve",
        "title": f"环节{key}",
        "approvers": [{"resolver": "approvals.person", "args": {"numbers": [one]}} for one in numbers],
        **more,
    }


def body(*nodes: Mapping[str, Any], fields: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"title": "试一试", "fields": fields or [], "nodes": list(nodes)}


def publish(session: Session, *nodes: Mapping[str, Any], fields: list[dict[str, Any]] | None = None) -> None:
    approvals.publish_shipped(session, {"try": body(*nodes, fields=fields)})


def start(
    session: Session, starter: int, *, form: Mapping[str, Any] | None = None, business: str = "1"
) -> int:
    """A case of what was published; its id."""
    case = approvals.start(
        session,
        by=Caller(starter),
        code="try",
        starter_id=starter,
        business=Business("tests", business),
        title="请批一下",
        form=form or {},
    )
    return case.id


def people(session: Session, count: int, prefix: str = "P") -> dict[str, int]:
    """So many of the staff: P1, P2…; ids by number."""
    unit = directory.add_org_unit(session, by=None, code=f"{prefix}X", name="试验处", kind="department")
    found = {}
    for at in range(1, count + 1):
        person = directory.add_person(session, by=None, name=f"试{at}", number=f"{prefix}{at}")
        directory.add_affiliation(
            session, by=None, person_id=person, kind="staff", org_unit_id=unit, starts_on=SINCE
        )
        found[f"{prefix}{at}"] = person
    return found


def administrator(person_id: int) -> Caller:
    return Caller(person_id, grants=(Grant("approvals.administer"),))
