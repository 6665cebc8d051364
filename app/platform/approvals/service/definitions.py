"""Making and publishing definitions: one person makes, another publishes."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.kit.caller import Caller
from app.kit.errors import Conflict, Forbidden, NotFound
from app.platform.approvals.definition import Faults, parse
from app.platform.approvals.errors import DefinitionFaulty, FindingsLeft, LintMissing, SamePerson
from app.platform.approvals.events import DefinitionProposed
from app.platform.approvals.models import Definition, DefinitionStatus
from app.platform.approvals.queries.linting import Lint
from app.platform.audit import service as audit

DESIGN, PUBLISH = "approvals.design", "approvals.publish"
MOST_BYTES = 200_000


def upload(session: Session, *, by: Caller, code: str, body: Mapping[str, Any]) -> Definition:
    """A new draft of a code. Raises DefinitionFaulty with every fault, by place."""
    if not by.may(DESIGN):
        raise Forbidden()
    return _add(session, by=by, code=code, body=body, status=DefinitionStatus.DRAFT)


def propose(session: Session, *, by: Caller, definition_id: int) -> None:
    """Ask a second person to publish it; a trial in every college begins."""
    if not by.may(DESIGN):
        raise Forbidden()
    _move(session, by, definition_id, DefinitionStatus.DRAFT, DefinitionStatus.PROPOSED, "propose")
    outbox.emit(session, DefinitionProposed(definition_id))


def note_lint(session: Session, *, definition_id: int, lint: Lint) -> None:
    """What a trial in every college found, if the version still waits for its second person."""
    session.execute(
        update(Definition)
        .where(Definition.id == definition_id, Definition.status == DefinitionStatus.PROPOSED)
        .values(lint=lint.as_json())
    )


def withdraw_proposal(session: Session, *, by: Caller, definition_id: int) -> None:
    if not by.may(DESIGN):
        raise Forbidden()
    _move(session, by, definition_id, DefinitionStatus.PROPOSED, DefinitionStatus.DRAFT, "withdraw_proposal")


def publish(session: Session, *, by: Caller, definition_id: int, knows_findings: bool = False) -> None:
    """From now on new cases follow it; running ones keep theirs.

    What the trial found must be known to whoever publishes. Raises SamePerson, Conflict, LintMissing, FindingsLeft.
    """
    if not by.may(PUBLISH):
        raise Forbidden()
    code = session.scalars(select(Definition.code).where(Definition.id == definition_id)).one_or_none()
    if code is None:
        raise NotFound()
    _lock(session, code)
    found = session.get_one(Definition, definition_id, with_for_update=True, populate_existing=True)
    if found.status != DefinitionStatus.PROPOSED:
        raise Conflict()
    if found.made_by_id == by.person_id:
        raise SamePerson()
    if found.lint is None:
        raise LintMissing()
    if found.lint["findings"] and not knows_findings:
        raise FindingsLeft(count=len(found.lint["findings"]))
    _retire(session, found.code)
    found.status, found.published_by_id, found.published_at = (
        DefinitionStatus.PUBLISHED,
        by.person_id,
        clock.now(),
    )
    session.flush()
    _note(session, by, "publish", found.id)


def publish_shipped(session: Session, definitions: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Publish what came with the product where an office has published nothing of its own; the codes.

    Safe to run at each start. A later body of the product replaces an earlier one of the product only.
    """
    done = []
    for code, body in definitions.items():
        latest = session.scalars(
            select(Definition).where(Definition.code == code, Definition.status == DefinitionStatus.PUBLISHED)
        ).one_or_none()
        if latest is not None and (latest.made_by_id is not None or latest.sha256 == digest(body)):
            continue
        _retire(session, code)
        _add(session, by=None, code=code, body=body, status=DefinitionStatus.PUBLISHED)
        done.append(code)
    return done


def digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _add(
    session: Session, *, by: Caller | None, code: str, body: Mapping[str, Any], status: DefinitionStatus
) -> Definition:
    try:
        tree = parse(body)
    except Faults as error:
        details: dict[str, list[str]] = {}
        for where, what in error.found[:100]:
            details.setdefault(where, []).append(what)
        raise DefinitionFaulty(count=len(error.found), details=details) from None
    _lock(session, code)
    last = session.scalar(select(func.max(Definition.version)).where(Definition.code == code)) or 0
    is_published = status == DefinitionStatus.PUBLISHED
    made = Definition(
        code=code,
        version=last + 1,
        title=tree.title,
        status=status,
        body=dict(body),
        sha256=digest(body),
        made_by_id=by.person_id if by else None,
        made_at=clock.now(),
        published_at=clock.now() if is_published else None,
    )
    session.add(made)
    session.flush()
    _note(session, by, "upload", made.id)
    return made


def _lock(session: Session, code: str) -> None:
    """One version of a code after the other."""
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"approvals.definition:{code}", 0)))
    )


def _retire(session: Session, code: str) -> None:
    session.execute(
        update(Definition)
        .where(Definition.code == code, Definition.status == DefinitionStatus.PUBLISHED)
        .values(status=DefinitionStatus.RETIRED)
    )


def _move(
    session: Session,
    by: Caller,
    definition_id: int,
    old: DefinitionStatus,
    new: DefinitionStatus,
    action: str,
) -> None:
    moved = session.execute(
        update(Definition)
        .where(Definition.id == definition_id, Definition.status == old)
        .values(status=new, lint=None)
        .returning(Definition.id)
    ).first()
    if moved is None:
        raise Conflict()
    _note(session, by, action, definition_id)


def _note(session: Session, by: Caller | None, action: str, definition_id: int) -> None:
    audit.record(
        session,
        by=by,
        action=f"approvals.{action}_definition",
        object_type="approvals.definition",
        object_id=definition_id,
    )
