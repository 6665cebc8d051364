"""The to-do list of a freshman, and how far a college has come with it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.kit import clock, paging
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.paging import Key, Page
from app.welcome.errors import ItemNotFound
from app.welcome.models import Admission, AdmissionStatus, Item, ItemKind
from app.welcome.queries import evidence
from app.welcome.queries.admissions import within

READ = "welcome.read"
GONE = (AdmissionStatus.DEFERRED, AdmissionStatus.WITHDRAWN)
SOON = timedelta(days=2)


@dataclass(frozen=True)
class Line:
    """An item as it stands for one freshman. `waits_for` is the unfinished item that comes before it."""

    item: Item
    is_done: bool
    waits_for: Item | None

    def is_late(self, today: date) -> bool:
        return not self.is_done and self.item.closes_on < today

    def is_open(self, today: date) -> bool:
        return not self.is_done and self.item.opens_on <= today and self.waits_for is None

    @property
    def may_tick(self) -> bool:
        return self.item.evidence == "manual"


@dataclass(frozen=True)
class ToDo:
    """Today's lines (late ones first), coming ones by day, and done ones; `total` counts what must be done."""

    today: list[Line]
    coming: dict[date, list[Line]]
    done: list[Line]
    finished: int
    total: int


def to_do(session: Session, admission: Admission) -> ToDo:
    """In two statements, whatever the number of items."""
    known = lines(session, admission)
    today, must = clock.today(), [line for line in known if line.item.kind == ItemKind.MUST]
    coming: dict[date, list[Line]] = {}
    for line in known:
        if not line.is_done and line.item.opens_on > today:
            coming.setdefault(line.item.opens_on, []).append(line)
    return ToDo(
        today=[line for line in known if not line.is_done and line.item.opens_on <= today],
        coming=dict(sorted(coming.items())),
        done=[line for line in known if line.is_done],
        finished=sum(line.is_done for line in must),
        total=len(must),
    )


def lines(session: Session, admission: Admission) -> list[Line]:
    """Soonest deadline first."""
    done = evidence.done(person_id=admission.person_id)
    rows = session.execute(
        select(Item, select(done.c.item_id).where(done.c.item_id == Item.id).exists().label("is_done"))
        .select_from(Item)
        .join(Admission, evidence.is_for())
        .where(Admission.id == admission.id)
        .order_by(Item.closes_on, Item.position, Item.id)
    ).all()
    waiting = {row.Item.id: row.Item for row in rows if not row.is_done}
    return [Line(row.Item, row.is_done, waiting.get(row.Item.prerequisite_id)) for row in rows]


def line_of(session: Session, admission: Admission, key: str) -> Line:
    """One line of one's own. Raises ItemNotFound."""
    for line in lines(session, admission):
        if line.item.key == key:
            return line
    raise ItemNotFound()


# --- Desk


def items(session: Session, season_id: int) -> list[Item]:
    stmt = select(Item).where(Item.season_id == season_id)
    return list(session.scalars(stmt.order_by(Item.opens_on, Item.position, Item.id)))


def item(session: Session, season_id: int, key: str) -> Item:
    """Raises ItemNotFound."""
    found = session.scalar(select(Item).where(Item.season_id == season_id, Item.key == key))
    if found is None:
        raise ItemNotFound()
    return found


def progress(session: Session, by: Caller, season_id: int) -> list[AnyRow]:
    """(Item, people, finished) of each active item, of the colleges of the caller's grant."""
    done = evidence.done()
    counted = (
        select(
            Item.id,
            func.count(Admission.id).label("people"),
            func.count(done.c.item_id).label("finished"),
        )
        .join(Admission, evidence.is_for() & _comes() & within(by.scope(READ)))
        .outerjoin(done, (done.c.item_id == Item.id) & (done.c.person_id == Admission.person_id))
        .where(Item.season_id == season_id)
        .group_by(Item.id)
        .subquery()
    )
    people, finished = func.coalesce(counted.c.people, 0), func.coalesce(counted.c.finished, 0)
    return list(
        session.execute(
            select(Item, people.label("people"), finished.label("finished"))
            .outerjoin(counted, counted.c.id == Item.id)
            .where(Item.season_id == season_id, Item.is_active)
            .order_by(Item.opens_on, Item.position, Item.id)
        )
    )


def unfinished(session: Session, by: Caller, found: Item, cursor: str | None) -> Page[Any]:
    """Who has not done it yet, of the colleges of the caller's grant."""
    stmt = (
        select(Admission.id, Admission.public_id, Admission.person_id, Admission.college_id)
        .join(Item, evidence.is_for())
        .where(Item.id == found.id, _comes(), _not_done(), within(by.scope(READ)))
    )
    return paging.page(session, stmt, keys=[Key("id", Admission.id)], cursor=cursor, limit=50)


# --- Reminders


def to_remind(session: Session, *, after_id: int, limit: int) -> list[AnyRow]:
    """(id, person_id, open, until) of freshmen with something that must be done within two days, or is new today."""
    today, before = clock.today(), aliased(Item)
    waits = exists().where(before.id == Item.prerequisite_id, _not_done(before))
    stmt = (
        select(
            Admission.id,
            Admission.person_id,
            func.count().label("open"),
            func.min(Item.closes_on).label("until"),
        )
        .join(Item, evidence.is_for())
        .where(
            Admission.id > after_id,
            Admission.claimed_at.is_not(None),
            _comes(),
            Item.kind == ItemKind.MUST,
            Item.opens_on <= today,
            Item.closes_on >= today,
            (Item.closes_on <= today + SOON) | (Item.opens_on == today),
            _not_done(),
            ~waits,
        )
        .group_by(Admission.id, Admission.person_id)
        .order_by(Admission.id)
        .limit(limit)
    )
    return list(session.execute(stmt))


def _comes() -> ColumnElement[bool]:
    return Admission.status.not_in(GONE)


def _not_done(table: Any = Item) -> ColumnElement[bool]:
    done = evidence.done()
    return tuple_(table.id, Admission.person_id).not_in(select(done.c.item_id, done.c.person_id))
