"""Differences by what they wait for, and all about one of them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.paging import Key, Page, page
from app.payments.errors import DifferenceNotFound
from app.payments.models import (
    BillLine,
    Difference,
    DifferenceNote,
    DifferenceStatus,
    LedgerEntry,
    Order,
)
from app.platform.directory import queries as directory

S = DifferenceStatus
VIEWS = {
    "open": (N_("待处理"), (S.OPEN,)),
    "proposed": (N_("待复核"), (S.PROPOSED,)),
    "waiting": (N_("等账单"), (S.WAITING,)),
    "suspended": (N_("挂账"), (S.SUSPENDED,)),
    "all": (N_("全部"), ()),
}
STATUS_NAMES = {
    S.OPEN: N_("待处理"),
    S.WAITING: N_("等账单"),
    S.PROPOSED: N_("待复核"),
    S.SUSPENDED: N_("挂账"),
    S.HEALED: N_("已对上"),
    S.SETTLED: N_("已处理"),
}
FOR_PEOPLE = (S.OPEN, S.PROPOSED)
_COLUMNS = tuple(Difference.__table__.columns)
_DIFFERENCES = select(*_COLUMNS, Order.number.label("order_number"), Order.public_id.label("order_public_id")).outerjoin(
    Order, Order.id == Difference.order_id
)  # fmt: skip


def differences(
    session: Session,
    *,
    view: str = "open",
    kind: str = "",
    day: date | None = None,
    text: str = "",
    owner_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[AnyRow]:
    """A queue has the oldest first; all of them the newest first."""
    statuses = VIEWS.get(view, VIEWS["open"])[1]
    stmt = _DIFFERENCES
    if statuses:
        stmt = stmt.where(Difference.status.in_([str(one) for one in statuses]))
    if kind:
        stmt = stmt.where(Difference.kind == kind)
    if day is not None:
        stmt = stmt.where(_of_day(day))
    if owner_id is not None:
        stmt = stmt.where(Difference.owner_id == owner_id)
    if text:
        stmt = stmt.where(_matches(text))
    keys = [Key("id", Difference.id, descending=not statuses)]
    return page(session, stmt, keys=keys, cursor=cursor, limit=limit)


def _of_day(day: date) -> ColumnElement[bool]:
    return or_(Difference.day == day, Difference.facts["closed_day"].astext == day.isoformat())


def _matches(text: str) -> ColumnElement[bool]:
    """Any number by which people may know it: its own, the order's, the channel's."""
    lines = select(BillLine.id).where(or_(BillLine.reference == text, BillLine.number == text))
    return or_(Difference.number == text.upper(), Order.number == text.upper(), Difference.line_id.in_(lines))


def counts(session: Session) -> dict[str, int]:
    """How many live ones each view has."""
    rows = session.execute(
        select(Difference.status, func.count())
        .where(Difference.ended_at.is_(None))
        .group_by(Difference.status)
    )
    by_status = {str(status): int(count) for status, count in rows}
    return {
        view: sum(by_status.get(str(one), 0) for one in statuses)
        for view, (_title, statuses) in VIEWS.items()
        if statuses
    }


def differences_waiting(session: Session, caller: Caller) -> int:
    """What waits for a person: the live figure of the rail."""
    return int(
        session.scalar(
            select(func.count()).where(
                Difference.ended_at.is_(None), Difference.status.in_([str(s) for s in FOR_PEOPLE])
            )
        )
        or 0
    )


@dataclass(frozen=True)
class DifferenceFile:
    """One difference with both sides of it, what was written, and who is named."""

    row: AnyRow
    line: AnyRow | None
    entries: list[AnyRow]
    notes: list[AnyRow]
    people: dict[int, directory.PersonBrief]


def difference_file(session: Session, number: str) -> DifferenceFile:
    """Raises DifferenceNotFound."""
    row = session.execute(_DIFFERENCES.where(Difference.number == number)).first()
    if row is None:
        raise DifferenceNotFound()
    line = session.execute(select(BillLine.__table__).where(BillLine.id == row.line_id)).first()
    entries = session.execute(
        select(LedgerEntry.__table__)
        .where(
            or_(
                LedgerEntry.id == row.entry_id,
                LedgerEntry.reference.like(f"{row.number}/%"),
                LedgerEntry.order_id == row.order_id if row.order_id else false(),
            )
        )
        .order_by(LedgerEntry.id)
        .limit(50)
    ).all()
    notes = session.execute(
        select(DifferenceNote.__table__)
        .where(DifferenceNote.difference_id == row.id)
        .order_by(DifferenceNote.id.desc())
        .limit(100)
    ).all()
    named = {row.owner_id, row.proposed_by_id, row.decided_by_id, *(note.by_id for note in notes)} - {None}
    return DifferenceFile(row, line, list(entries), list(notes), directory.people(session, named))


def find_attachment(session: Session, number: str, note_id: int) -> AnyRow:
    """Raises DifferenceNotFound, also for a note without a file."""
    row = session.execute(
        select(DifferenceNote.file_key, DifferenceNote.file_name)
        .join(Difference, Difference.id == DifferenceNote.difference_id)
        .where(
            DifferenceNote.id == note_id, Difference.number == number, DifferenceNote.file_key.is_not(None)
        )
    ).first()
    if row is None:
        raise DifferenceNotFound()
    return row


def ageing(session: Session, today: date) -> list[tuple[str, int, int]]:
    """账龄 of what is not ended: (bucket, how many, fen), youngest first."""
    days = today - Difference.day
    bucket = func.width_bucket(days, [2, 4, 8, 31]).label("bucket")  # array of lower bounds
    rows = session.execute(
        select(bucket, func.count(), func.coalesce(func.sum(func.abs(Difference.fen)), 0))
        .where(Difference.ended_at.is_(None))
        .group_by("bucket")
    )
    found = {int(b): (int(n), int(fen)) for b, n, fen in rows}
    return [(name, *found.get(place, (0, 0))) for place, name in enumerate(AGES)]


AGES = (N_("1 天内"), N_("2–3 天"), N_("4–7 天"), N_("8–30 天"), N_("30 天以上"))
