"""Starting a case; the starter's own acts on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.kit.prepared import Prepared
from app.platform.approvals import models
from app.platform.approvals.engine.state import LIVE, REVISE, RUNNING, WITHDRAWN, State
from app.platform.approvals.errors import (
    AlreadyRunning,
    DefinitionMissing,
    NotYourTask,
    TaskDoneAlready,
    UrgedAlready,
)
from app.platform.approvals.models import Case, DefinitionStatus
from app.platform.approvals.service.acting import clean, write_comment
from app.platform.approvals.service.forms import check_form, store_form
from app.platform.approvals.service.running import Running, definition_of, lock_case, lock_task, machine_for
from app.platform.approvals.service.saving import save

URGE_EVERY = clock.timedelta(hours=2)


@dataclass(frozen=True)
class Business:
    """What a case is about, in the words of the package that starts it."""

    module: str
    id: str


@dataclass(frozen=True)
class CaseBrief:
    id: int
    public_id: str
    status: str


_PUBLISHED = Prepared(
    select(models.Definition.id, models.Definition.sha256).where(
        models.Definition.code == bindparam("code"), models.Definition.status == DefinitionStatus.PUBLISHED
    )
)


def start(
    session: Session,
    *,
    by: Caller,
    code: str,
    starter_id: int,
    business: Business,
    title: str,
    form: Mapping[str, Any],
    picks: Mapping[str, Sequence[int]] | None = None,
    title_en: str | None = None,
) -> CaseBrief:
    """Open a case of the published version. It may have ended when this returns: nobody had to be asked.

    Raises DefinitionMissing, FormIncomplete, AlreadyRunning.
    """
    found = _PUBLISHED.first(session, code=code)
    if found is None:
        raise DefinitionMissing()
    check_form(definition_of(session, found.id, found.sha256), form)
    row = _insert_case(
        session,
        definition_id=found.id,
        sha256=found.sha256,
        code=code,
        module=business.module,
        business_id=business.id,
        title=title[:200],
        title_en=title_en,
        starter_id=starter_id,
        form=dict(form),
        picks={key: list(people) for key, people in (picks or {}).items()},
    )
    running = Running(row, machine_for(session, row, State(), by))
    running.machine.start()
    save(session, running, by=by, action="start")
    return CaseBrief(row.id, row.public_id, running.state.status)


def _insert_case(session: Session, **values: Any) -> Any:
    stmt = (
        insert(Case)
        .values(
            public_id=ids.public_id("apc"),
            status=RUNNING,
            fresh_from=1,
            lines=0,
            started_at=clock.now(),
            **values,
        )
        .returning(Case)
    )
    try:
        with session.begin_nested():
            return session.scalars(stmt).one()
    except IntegrityError as error:
        if "uq_approvals_cases_running" in str(error.orig):
            raise AlreadyRunning() from None
        raise


def resubmit(
    session: Session, *, by: Caller, task_id: int, form: Mapping[str, Any], comment: str = ""
) -> None:
    """The starter sends the changed form on; fixed fields stay as they were.

    Raises TaskDoneAlready, NotYourTask, FormIncomplete.
    """
    text = clean(comment)
    running, task = lock_task(session, by, task_id, check=lambda case, _task: _check_starter(by, case))
    if task.kind != REVISE or task.status != LIVE:
        raise TaskDoneAlready()
    fixed = {one.name for one in running.definition.fields if one.is_fixed}
    changed = {**form, **{name: value for name, value in running.row.form.items() if name in fixed}}
    check_form(running.definition, changed)
    running.machine.form = changed
    store_form(session, running.row.id, changed)
    running.machine.revised(task)
    first = save(session, running, by=by, action="resubmit")
    if text:
        write_comment(session, running, by.person_id, first, text)


def withdraw(session: Session, *, by: Caller, case_id: int, reason: str = "") -> None:
    """The starter ends it himself. Raises NotYourTask, CaseEndedAlready."""
    text = clean(reason)
    running = lock_case(session, by, case_id, check=lambda case: _check_starter(by, case))
    running.machine.end(WITHDRAWN)
    first = save(session, running, by=by, action="withdraw")
    if text:
        write_comment(session, running, by.person_id, first, text)


def urge(session: Session, *, by: Caller, case_id: int) -> None:
    """The starter asks those whose turn it is to hurry; every two hours at most. Raises UrgedAlready."""
    running = lock_case(session, by, case_id, check=lambda case: _check_starter(by, case))
    now = clock.now()
    if running.row.urged_at is not None and running.row.urged_at > now - URGE_EVERY:
        raise UrgedAlready()
    session.execute(update(Case).where(Case.id == case_id).values(urged_at=now))
    running.machine.note("urged")
    save(session, running, by=by, action="urge")


def _check_starter(by: Caller, running: Running) -> None:
    if by.person_id != running.row.starter_id:
        raise NotYourTask()
