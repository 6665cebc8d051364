"""The to-do centre: what waits for a person, what he did, what he started, what was copied to him."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.module import Thing
from app.kit.paging import Key, Page, count_up_to, page
from app.platform.approvals.engine.state import APPROVE, COPY, DONE, GIVEN, LIVE, REVISE
from app.platform.approvals.models import Case, Deputy, Task
from app.platform.approvals.queries.deputies import stands_in
from app.platform.directory import queries as directory

LONGEST_SEARCH = 40
TO_APPROVE, TO_CHANGE = N_("待审批"), N_("待修改")

_SHOWN = (
    Task.id,
    Task.seq,
    Task.kind,
    Task.status,
    Task.outcome,
    Task.person_id,
    Task.opened_at,
    Task.ended_at,
    Case.public_id,
    Case.title,
    Case.title_en,
    Case.starter_id,
    Case.status.label("case_status"),
    Case.started_at,
)


def todo(
    session: Session, person_id: int, *, cursor: str | None, search: str = "", limit: int = 20
) -> Page[Any]:
    """What waits for him and for those he stands in for; the longest waiting first."""
    stmt = _searched(waiting_for(session, person_id), search)
    return page(session, stmt, keys=[Key("id", Task.id)], cursor=cursor, limit=limit)


def open_things(session: Session, caller: Caller) -> list[Thing]:
    """For the phone's home: the ten that wait longest."""
    rows = todo(session, caller.person_id, cursor=None, limit=10).items
    names = directory.people(session, {row.starter_id for row in rows})
    return [
        Thing(
            title=row.title,
            line=names[row.starter_id].name if row.starter_id in names else "",
            url=f"/m/approvals/{row.public_id}",
            state=TO_CHANGE if row.kind == REVISE else TO_APPROVE,
            kind="ask",
            title_en=row.title_en or "",
        )
        for row in rows
    ]


def todo_count(session: Session, person_id: int) -> int:
    return count_up_to(session, waiting_for(session, person_id).with_only_columns(Task.id))


def todo_of(session: Session, caller: Caller) -> int:
    """For the console's rail."""
    return todo_count(session, caller.person_id)


def done(
    session: Session, person_id: int, *, cursor: str | None, search: str = "", limit: int = 20
) -> Page[Any]:
    """What he decided, the latest first."""
    stmt = (
        select(*_SHOWN)
        .join(Case, Case.id == Task.case_id)
        .where(Task.done_by_id == person_id, Task.status == DONE)
    )
    keys = [Key("ended_at", Task.ended_at, descending=True), Key("id", Task.id, descending=True)]
    return page(session, _searched(stmt, search), keys=keys, cursor=cursor, limit=limit)


def copied(
    session: Session, person_id: int, *, cursor: str | None, search: str = "", limit: int = 20
) -> Page[Any]:
    """Copies he was given, the latest first."""
    stmt = (
        select(*_SHOWN)
        .join(Case, Case.id == Task.case_id)
        .where(Task.person_id == person_id, Task.kind == COPY)
    )
    keys = [Key("id", Task.id, descending=True)]
    return page(session, _searched(stmt, search), keys=keys, cursor=cursor, limit=limit)


def started(
    session: Session, person_id: int, *, cursor: str | None, search: str = "", limit: int = 20
) -> Page[Any]:
    """Cases he started, the latest first."""
    stmt = select(
        Case.id,
        Case.public_id,
        Case.title,
        Case.title_en,
        Case.starter_id,
        Case.status.label("case_status"),
        Case.started_at,
    ).where(Case.starter_id == person_id)
    keys = [Key("id", Case.id, descending=True)]
    return page(session, _searched(stmt, search), keys=keys, cursor=cursor, limit=limit)


def unread(session: Session, person_id: int) -> int:
    """Copies he has not opened."""
    return count_up_to(
        session, select(Task.id).where(Task.person_id == person_id, Task.kind == COPY, Task.status == GIVEN)
    )


def nobodys(session: Session, *, cursor: str | None, limit: int = 50) -> Page[Any]:
    """Tasks for which nobody was found: an administrator sees to them."""
    stmt = (
        select(*_SHOWN)
        .join(Case, Case.id == Task.case_id)
        .where(Task.status == LIVE, Task.person_id.is_(None))
    )
    return page(session, stmt, keys=[Key("id", Task.id)], cursor=cursor, limit=limit)


def every(
    session: Session,
    *,
    code: str = "",
    status: str = "",
    search: str = "",
    cursor: str | None,
    limit: int = 50,
) -> Page[Any]:
    """All cases there are, the latest first: for those who may read all."""
    stmt = select(
        Case.id,
        Case.public_id,
        Case.title,
        Case.title_en,
        Case.starter_id,
        Case.status.label("case_status"),
        Case.started_at,
    )
    if code:
        stmt = stmt.where(Case.code == code)
    if status:
        stmt = stmt.where(Case.status == status)
    return page(
        session,
        _searched(stmt, search),
        keys=[Key("id", Case.id, descending=True)],
        cursor=cursor,
        limit=limit,
    )


def waiting_for(session: Session, person_id: int) -> Select[*tuple[Any, ...]]:
    """His own, and of those he stands in for what his deputyship covers."""
    standing = session.execute(
        select(Deputy.person_id, Deputy.code).where(stands_in(person_id, clock.now()))
    ).all()
    # Equality lets the index give the rows in their order; most people stand in for nobody.
    mine: ColumnElement[bool] = Task.person_id == person_id
    for principal_id, code in standing:
        theirs = (
            (Task.person_id == principal_id)
            & (Task.kind == APPROVE)
            & Case.starter_id.not_in((person_id, principal_id))
        )
        mine = or_(mine, theirs if code is None else theirs & (Case.code == code))
    return select(*_SHOWN).join(Case, Case.id == Task.case_id).where(mine, Task.status == LIVE)


def _searched(stmt: Select[*tuple[Any, ...]], search: str) -> Select[*tuple[Any, ...]]:
    """By words of the title: within one person's own rows."""
    words = search.strip()[:LONGEST_SEARCH]
    if not words:
        return stmt
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return stmt.where(func.lower(Case.title).like(pattern.lower()))
