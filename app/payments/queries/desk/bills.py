"""Bills as the desk shows them: days by sources, one with its versions and lines, and what changed between two."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import column, func, or_, select, text
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.kit.paging import Key, Page, page
from app.payments.errors import BillNotFound
from app.payments.models import Bill, BillFetch, BillKind, BillLine, BillStatus, BillUpload
from app.payments.queries.bills import balance_gap
from app.payments.service.bill_fetches import Account
from app.payments.service.bills import HALVES

SHOWN_CHANGES = 200


@dataclass(frozen=True)
class Cell:
    """One day of one account. `state`: here, empty, half, refused or missing."""

    state: str
    bill: AnyRow | None = None
    gap: int | None = None
    answer: str | None = None


def calendar(
    session: Session, accounts: Iterable[Account], *, first: date, last: date
) -> dict[tuple[Account, date], Cell]:
    """What there is. A day that is not in it is missing, or not yet due."""
    columns = {(account.source, account.kind, account.account): account for account in accounts}
    rows = session.execute(
        select(Bill.__table__)
        .where(Bill.day.between(first, last), Bill.status != BillStatus.REPLACED)
        .order_by(Bill.status.desc(), Bill.id)  # what is believed comes after what was refused
    ).all()
    asked = {(one.source, one.kind, one.account, one.day): one.answer for one in _fetches(session, first)}
    cells: dict[tuple[Account, date], Cell] = {}
    for row in rows:
        kind = BillKind.TRADE if row.kind in HALVES else row.kind
        account = columns.get((row.source, kind, row.account))
        if account is not None:
            cells[account, row.day] = _cell(session, row, cells.get((account, row.day)))
    for (source, kind, number, day), answer in asked.items():
        account = columns.get((source, kind, number))
        if account is not None:
            cells.setdefault((account, day), Cell("missing", answer=answer))
    return cells


def _cell(session: Session, row: AnyRow, before: Cell | None) -> Cell:
    if row.status == BillStatus.REFUSED:
        return before if before and before.state != "refused" else Cell("refused", row)
    if row.kind in HALVES:
        both = before is not None and before.state == "half" and before.bill is not None
        return Cell(
            "here" if both and before and before.bill and before.bill.kind != row.kind else "half", row
        )
    return Cell("empty" if row.is_empty or not row.lines else "here", row, balance_gap(session, row))


def _fetches(session: Session, first: date) -> list[AnyRow]:
    return list(session.execute(select(BillFetch.__table__).where(BillFetch.day >= first)))


@dataclass(frozen=True)
class BillFile:
    """One bill, all that came for its day, and whether its opening balance fits."""

    bill: AnyRow
    versions: list[AnyRow]
    gap: int | None


def bill_file(session: Session, public_id: str) -> BillFile:
    """Raises BillNotFound."""
    bill = session.execute(select(Bill.__table__).where(Bill.public_id == public_id)).first()
    if bill is None:
        raise BillNotFound()
    versions = session.execute(
        select(Bill.__table__)
        .where(
            Bill.source == bill.source,
            Bill.kind == bill.kind,
            Bill.account == bill.account,
            Bill.day == bill.day,
        )
        .order_by(Bill.id.desc())
    ).all()
    return BillFile(bill, list(versions), balance_gap(session, bill))


def lines(
    session: Session, bill_id: int, *, number: str = "", cursor: str | None = None, limit: int = 50
) -> Page[AnyRow]:
    """In the order of the file; `number` is any number that a line has."""
    stmt = select(BillLine.__table__).where(BillLine.bill_id == bill_id)
    if number:
        named = (BillLine.reference, BillLine.number, BillLine.original, BillLine.key)
        stmt = stmt.where(or_(*(column == number for column in named)))
    return page(session, stmt, keys=[Key("no", BillLine.no)], cursor=cursor, limit=limit)


def find_line(session: Session, bill_id: int, no: int) -> AnyRow:
    """Raises BillNotFound."""
    found = select(BillLine.__table__).where(BillLine.bill_id == bill_id, BillLine.no == no)
    row = session.execute(found).first()
    if row is None:
        raise BillNotFound()
    return row


@dataclass(frozen=True)
class Changes:
    """What a version has otherwise than the one before: counts, and the first rows of each."""

    counts: Mapping[str, int]
    rows: list[AnyRow]


_CHANGE = ("change", "reference", "sort", "number", "old_fen", "new_fen", "old_status", "new_status")
_CHANGED = """
    SELECT CASE WHEN o.id IS NULL THEN 'added' WHEN n.id IS NULL THEN 'gone' ELSE 'changed' END AS change,
        coalesce(n.reference, o.reference) AS reference, coalesce(n.sort, o.sort) AS sort,
        coalesce(n.number, o.number) AS number, o.fen AS old_fen, n.fen AS new_fen,
        o.status AS old_status, n.status AS new_status
    FROM (SELECT * FROM payments_bill_lines WHERE bill_id = :old) o
    FULL JOIN (SELECT * FROM payments_bill_lines WHERE bill_id = :new) n
        ON n.reference = o.reference AND n.sort = o.sort
    WHERE (o.fen, o.fee_e5, o.status, o.number, o.at) IS DISTINCT FROM (n.fen, n.fee_e5, n.status, n.number, n.at)
"""


def changes(session: Session, *, old_id: int, new_id: int) -> Changes:
    """The difference report of two versions."""
    both = text(_CHANGED).bindparams(old=old_id, new=new_id)
    changed = both.columns(*(column(name) for name in _CHANGE)).subquery()
    counts = session.execute(select(changed.c.change, func.count()).group_by(changed.c.change))
    rows = session.execute(
        select(changed).order_by(changed.c.change, changed.c.reference).limit(SHOWN_CHANGES)
    )
    found = dict.fromkeys(("added", "gone", "changed"), 0)
    return Changes(found | {change: count for change, count in counts}, list(rows))


def find_upload(session: Session, public_id: str) -> AnyRow:
    """With the bill that came of it. Raises BillNotFound."""
    row = session.execute(
        select(
            BillUpload.__table__,
            Bill.public_id.label("bill_public_id"),
            Bill.version,
            Bill.refusal,
            Bill.refused_line,
        )
        .outerjoin(Bill, Bill.id == BillUpload.bill_id)
        .where(BillUpload.public_id == public_id)
    ).first()
    if row is None:
        raise BillNotFound()
    return row
