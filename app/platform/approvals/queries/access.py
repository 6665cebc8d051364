"""Who may see a case, and which fields of its form."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.prepared import Prepared
from app.platform.approvals.definition import Definition
from app.platform.approvals.engine.state import APPROVE
from app.platform.approvals.models import Case, Deputy, Task
from app.platform.approvals.queries.deputies import stands_in
from app.platform.approvals.queries.people import ADMINISTER

READ = "approvals.read"

_STARTER = Prepared(select(Case.starter_id, Case.code).where(Case.id == bindparam("case_id")))
_NODES = Prepared(
    select(Task.node, Task.kind)
    .where(
        Task.case_id == bindparam("case_id"),
        (Task.person_id == bindparam("person_id"))
        | (Task.done_by_id == bindparam("person_id"))
        | Task.person_id.in_(
            select(Deputy.person_id).where(
                stands_in(bindparam("person_id"), bindparam("moment")),
                (Deputy.code.is_(None)) | (Deputy.code == bindparam("code")),
            )
        ),
    )
    .distinct()
)


def may_see(session: Session, caller: Caller, case_id: int) -> bool:
    """Its starter, whoever was asked or given a copy, their deputies, and who may read all."""
    row = _STARTER.first(session, case_id=case_id)
    if row is None:
        return False
    if row.starter_id == caller.person_id or caller.may(READ) or caller.may(ADMINISTER):
        return True
    return bool(nodes_seen_by(session, caller, case_id, row.code))


def nodes_seen_by(session: Session, caller: Caller, case_id: int, code: str) -> dict[str, str]:
    """At which nodes the caller was asked (`approve`) or given a copy (`cc`)."""
    rows = _NODES.rows(session, case_id=case_id, person_id=caller.person_id, moment=clock.now(), code=code)
    found: dict[str, str] = {}
    for row in rows:
        if found.get(row.node) != APPROVE:
            found[row.node] = row.kind
    return found


def visible_form(
    definition: Definition, form: Mapping[str, Any], *, is_starter: bool, nodes: Mapping[str, str]
) -> dict[str, Any]:
    """The starter sees all of it; others what no field hides from their nodes.

    Administrators who were not asked see no hidden field either.
    """
    if is_starter:
        return dict(form)
    asked = {node for node, kind in nodes.items() if kind == APPROVE}
    return {
        one.name: form[one.name]
        for one in definition.fields
        if one.name in form and (not one.visible_to or asked & set(one.visible_to))
    }
