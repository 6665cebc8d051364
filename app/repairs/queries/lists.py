"""Lists of tickets: mine, the worker's, the dispatcher's board, the archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Text,
    and_,
    any_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from app.kit import clock, crypto
from app.kit.caller import Caller, Scope
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.module import Thing
from app.kit.paging import Key, Page, cut, page, position
from app.kit.prepared import Prepared
from app.platform.directory import queries as directory
from app.repairs.models import LABELS, OPEN, STUDENT_LABELS, Category, Status, Ticket

ROW = (
    Ticket.id,
    Ticket.public_id,
    Ticket.number,
    Ticket.version,
    Ticket.status,
    Ticket.status_since,
    Ticket.priority,
    Ticket.is_hazard,
    Ticket.place_text,
    Ticket.place_text_en,
    Ticket.category_name,
    Ticket.detail,
    Ticket.reporter_id,
    Ticket.worker_id,
    Ticket.team_id,
    Ticket.next_due_at,
    Ticket.resolve_due_at,
    Ticket.hold_reason,
    Ticket.hold_until,
    Ticket.access,
    Ticket.visit_from,
    Ticket.visit_until,
    Ticket.urge_count,
    Ticket.cycle,
    Ticket.rating,
    Ticket.created_at,
    Ticket.finished_at,
    Ticket.building_id,
)

# Said with literal values, so that the partial indexes of the board fit also plans made beforehand.
_OPEN_STATES = ", ".join(f"'{status}'" for status in OPEN)
IS_OPEN_SQL = literal_column(f"repairs_tickets.status IN ({_OPEN_STATES})", Boolean)


@dataclass(frozen=True)
class View:
    """A saved filter of the board."""

    key: str
    title: str
    statuses: tuple[Status, ...]


BOARD_VIEWS = (
    View("open", N_("全部未完"), OPEN),
    View("new", N_("待受理"), (Status.SUBMITTED,)),
    View("triaged", N_("待派单"), (Status.TRIAGED,)),
    View("dispatched", N_("待接单"), (Status.DISPATCHED,)),
    View("working", N_("处理中"), (Status.TAKEN, Status.WORKING)),
    View("on_hold", N_("挂起"), (Status.ON_HOLD,)),
)
VIEWS = {view.key: view for view in BOARD_VIEWS}


def in_scope(scope: Scope) -> ColumnElement[bool] | None:
    """The tickets a scope covers; None for all of them."""
    if scope.everything:
        return None
    parts: list[ColumnElement[bool]] = []
    for column, ids in (
        (Ticket.unit_id, scope.unit_ids),
        (Ticket.team_id, scope.team_ids),
        (Ticket.building_id, scope.building_ids),
        (Ticket.campus_id, scope.campus_ids),
    ):
        if ids:
            parts.append(column.in_(ids))
    return or_(*parts) if parts else false()


def visible(by: Caller) -> ColumnElement[bool] | None:
    """What the board shows this caller: by repairs.dispatch, or their teams by repairs.lead."""
    whole = in_scope(by.scope("repairs.dispatch"))
    teams = in_scope(by.scope("repairs.lead"))
    return None if whole is None or teams is None else or_(whole, teams)


def board(
    session: Session,
    by: Caller,
    *,
    view: str = "open",
    team_id: int | None = None,
    building_id: int | None = None,
    overdue: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[AnyRow]:
    """Open tickets, the next deadline first. One index range, whatever lies in the archive."""
    values = {
        "statuses": [str(status) for status in VIEWS.get(view, VIEWS["open"]).statuses],
        "team": team_id,
        "building": building_id,
        "due_before": clock.now() if overdue else None,
        "most": limit + 1,
        **_places(by),
    }
    if cursor:
        due, last = position(cursor, (datetime, int))
        rows = _BOARD_BEYOND.rows(session, **values, due=due, last=last)
    else:
        rows = _BOARD.rows(session, **values)
    return cut(rows, ("next_due_at", "id"), limit)


_NEWEST_FIRST = (Key("id", Ticket.id, descending=True),)


def board_counts(session: Session, by: Caller) -> dict[str, int]:
    """How many tickets each view holds, and how many are overdue."""
    rows = _COUNTS.rows(session, now=clock.now(), **_places(by))
    counts = {view.key: sum(row.all for row in rows if row.status in view.statuses) for view in BOARD_VIEWS}
    return counts | {"overdue": sum(row.late for row in rows)}


def _places(by: Caller) -> dict[str, Any]:
    """What `visible` says, as values for a statement that was made before."""
    scopes = by.scope("repairs.dispatch"), by.scope("repairs.lead")
    return {
        "everything": any(scope.everything for scope in scopes),
        "units": [id_ for scope in scopes for id_ in scope.unit_ids],
        "teams": [id_ for scope in scopes for id_ in scope.team_ids],
        "buildings": [id_ for scope in scopes for id_ in scope.building_ids],
        "campuses": [id_ for scope in scopes for id_ in scope.campus_ids],
    }


def _among(column: Any, name: str, kind: Any = BigInteger) -> ColumnElement[bool]:
    return column == any_(bindparam(name, type_=ARRAY(kind)))


def _or_any(name: str, kind: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition, where a value is given for it."""
    return or_(bindparam(name, type_=kind).is_(None), condition)


# Built once: the page that dispatchers keep open, fetched anew every twenty seconds.
_IN_PLACES = or_(
    bindparam("everything", type_=Boolean),
    _among(Ticket.unit_id, "units"),
    _among(Ticket.team_id, "teams"),
    _among(Ticket.building_id, "buildings"),
    _among(Ticket.campus_id, "campuses"),
)
_ON_BOARD = (
    select(*ROW)
    .where(
        IS_OPEN_SQL,
        _IN_PLACES,
        _among(Ticket.status, "statuses", Text),
        _or_any("team", BigInteger, Ticket.team_id == bindparam("team")),
        _or_any("building", BigInteger, Ticket.building_id == bindparam("building")),
        _or_any("due_before", DateTime(timezone=True), Ticket.next_due_at < bindparam("due_before")),
    )
    .order_by(Ticket.next_due_at, Ticket.id)
    .limit(bindparam("most"))
)
_BOARD = Prepared(_ON_BOARD)
_LAST: Any = tuple_(bindparam("due", type_=DateTime(timezone=True)), bindparam("last", type_=BigInteger))
_BOARD_BEYOND = Prepared(_ON_BOARD.where(tuple_(Ticket.next_due_at, Ticket.id) > _LAST))
_COUNTS = Prepared(
    select(
        Ticket.status,
        func.count().label("all"),
        func.count().filter(Ticket.next_due_at < bindparam("now")).label("late"),
    )
    .where(IS_OPEN_SQL, _IN_PLACES)
    .group_by(Ticket.status)
)


def waiting(session: Session, by: Caller) -> int:
    """Tickets that wait for a dispatcher: the live figure of the rail."""
    stmt = select(func.count()).where(
        Ticket.status.in_(["submitted", "triaged"]), IS_OPEN_SQL, *_narrowed(by, None, None)
    )
    return int(session.execute(stmt).scalar_one())


def my_tickets(session: Session, person_id: int, *, cursor: str | None = None) -> Page[AnyRow]:
    """What a person reported, newest first."""
    stmt = select(*ROW).where(Ticket.reporter_id == person_id)
    return page(session, stmt, keys=_NEWEST_FIRST, cursor=cursor, limit=20)


def my_jobs(session: Session, worker_id: int) -> list[AnyRow]:
    """A worker's open jobs by building, urgent ones first; at most 100."""
    stmt = (
        select(*ROW)
        .where(IS_OPEN_SQL, Ticket.worker_id == worker_id)
        .order_by(Ticket.priority.desc(), Ticket.building_id, Ticket.next_due_at, Ticket.id)
        .limit(100)
    )
    return list(session.execute(stmt))


def jobs_done_today(session: Session, worker_id: int) -> int:
    since = clock.start_of_day(clock.today())
    stmt = select(func.count()).where(Ticket.worker_id == worker_id, Ticket.finished_at >= since)
    return int(session.execute(stmt).scalar_one())


def archive(
    session: Session,
    by: Caller,
    *,
    status: str | None = None,
    days: int = 90,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[AnyRow]:
    """All tickets of the last `days`, newest first."""
    since = clock.now() - timedelta(days=days)
    stmt = select(*ROW).where(Ticket.created_at >= since, *_narrowed(by, None, None))
    if status:
        stmt = stmt.where(Ticket.status == status)
    return page(session, stmt, keys=_NEWEST_FIRST, cursor=cursor, limit=limit)


def search(session: Session, by: Caller, text: str, *, limit: int = 30) -> list[AnyRow]:
    """By ticket number, phone number, student or staff number, or the words of a place."""
    text = text.strip()
    if len(text) < 2:
        return []
    stmt = select(*ROW).where(_matches(session, text), *_narrowed(by, None, None))
    return list(session.execute(stmt.order_by(Ticket.id.desc()).limit(limit)))


def _matches(session: Session, text: str) -> ColumnElement[bool]:
    upper = text.upper()
    if upper.startswith("R") and upper[1:2].isdigit():
        return Ticket.number.like(f"{_escaped(upper)}%")
    if text.isdigit() and len(text) == 11:
        return Ticket.contact_phone_index == crypto.blind_index(text, "phone")
    person = directory.find_person_by_number(session, text)
    if person is not None:
        return Ticket.reporter_id == person.id
    recent = Ticket.created_at >= clock.now() - timedelta(days=120)
    words = [Ticket.place_text.contains(word, autoescape=True) for word in text.split()[:4]]
    return and_(recent, or_(and_(*words), Ticket.detail.contains(text, autoescape=True)))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _narrowed(by: Caller, team_id: int | None, building_id: int | None) -> list[ColumnElement[bool]]:
    parts = []
    if (mine := visible(by)) is not None:
        parts.append(mine)
    if team_id is not None:
        parts.append(Ticket.team_id == team_id)
    if building_id is not None:
        parts.append(Ticket.building_id == building_id)
    return parts


def open_things(session: Session, caller: Caller) -> list[Thing]:
    """What waits for this person: their jobs, then their reports to confirm or in work; at most 20."""
    rows = session.execute(select(Category.name, Category.name_en))
    names = {row.name: row.name_en for row in rows}
    jobs = [_thing(row, names, is_job=True) for row in my_jobs(session, caller.person_id)[:10]]
    mine = select(*ROW).where(
        Ticket.reporter_id == caller.person_id,
        or_(IS_OPEN_SQL, Ticket.status == Status.FINISHED),
    )
    reports = session.execute(mine.order_by(Ticket.id.desc()).limit(10))
    return jobs + [_thing(row, names, is_job=False) for row in reports]


def _thing(row: AnyRow, names: Mapping[str, str | None], *, is_job: bool) -> Thing:
    is_ask = row.status in (Status.DISPATCHED, Status.TAKEN) if is_job else row.status == Status.FINISHED
    labels = LABELS if is_job else STUDENT_LABELS
    return Thing(
        title=f"{row.category_name} {row.number}",
        line=row.place_text,
        url=f"/m/repairs/{row.public_id}",
        state=labels[Status(row.status)],
        kind="ask" if is_ask else "go",
        title_en=f"{names.get(row.category_name) or row.category_name} {row.number}",
        line_en=row.place_text_en,
    )
