"""Changing the shelf: the state, order and audience of a micro-app, and counting visits."""

from collections.abc import Mapping, Sequence

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.module import Registry
from app.platform.audit import service as audit
from app.platform.portal import queries
from app.platform.portal.errors import (
    AudienceMissing,
    BadState,
    ModuleChanged,
    NoSuchModule,
    NoteMissing,
)
from app.platform.portal.models import ModuleState, PortalModule, PortalVisit


def place_module(
    session: Session,
    *,
    by: Caller,
    registry: Registry,
    key: str,
    state: str,
    position: int | None,
    audiences: Sequence[str],
    note: str,
    expected_version: int,
) -> None:
    """Decide how a micro-app stands on the shelf. Raises ModuleChanged when somebody was first."""
    titles = {one.key: one.title for one in queries.placed_modules(session, registry)}
    if key not in titles:
        raise NoSuchModule()
    _check(state, audiences, note)
    values = {
        "state": state,
        "position": position,
        "audiences": [kind for kind in queries.AUDIENCES if kind in audiences] or None,
        "note": note.strip()[:200],
        "changed_by": by.person_id,
        "changed_at": clock.now(),
    }
    if not _write(session, key, values, expected_version):
        raise ModuleChanged(title=titles[key])
    audit.record(
        session, by=by, action="portal.place_module", object_type="module", object_id=key, fields=[state]
    )


def note_visit(session: Session, key: str) -> None:
    """Count one opening from the shelf."""
    stmt = insert(PortalVisit).values(module_key=key, visited_on=clock.today(), visits=1)
    session.execute(
        stmt.on_conflict_do_update(
            index_elements=["module_key", "visited_on"], set_={"visits": PortalVisit.visits + 1}
        )
    )


def _check(state: str, audiences: Sequence[str], note: str) -> None:
    if state not in list(ModuleState):
        raise BadState(details={"state": [BadState.msgid]})
    if state == ModuleState.SUSPENDED and not note.strip():
        raise NoteMissing(details={"note": [NoteMissing.msgid]})
    if state == ModuleState.TRIAL and not audiences:
        raise AudienceMissing(details={"audiences": [AudienceMissing.msgid]})


def _write(session: Session, key: str, values: Mapping[str, object], expected_version: int) -> bool:
    if expected_version == 0:
        fresh = insert(PortalModule).values(key=key, version=1, **values)
        made = session.scalar(fresh.on_conflict_do_nothing().returning(PortalModule.id))
        return made is not None
    changed = (
        update(PortalModule)
        .where(PortalModule.key == key, PortalModule.version == expected_version)
        .values(version=expected_version + 1, **values)
    )
    return db.rows_changed(session, changed) == 1
