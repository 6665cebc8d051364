"""What each department took in a month, for its confirmation: by fee item, to the fen."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.kit.db import AnyRow
from app.payments.models import Confirmation
from app.payments.service.vouchers.periods import end_of_month
from app.platform.directory import queries as directory

# Money that settled an order, by the day the ledger booked it; fees as the channels' matched lines have them.
_FIGURES = text("""
WITH entries AS (
  SELECT e.id, e.kind, e.reference, e.fen, o.fee_item_id FROM payments_ledger_entries e
  JOIN payments_orders o ON o.id = e.order_id
  WHERE e.business_on BETWEEN :first AND :last AND e.kind IN ('payment', 'refund_paid')
), received AS (
  SELECT e.fee_item_id, count(*) AS count, sum(e.fen) AS fen FROM entries e
  JOIN payments_payments p ON p.id::text = e.reference AND p.role = 'settles'
  WHERE e.kind = 'payment' GROUP BY 1
), refunded AS (
  SELECT e.fee_item_id, count(*) AS count, sum(e.fen) AS fen FROM entries e
  JOIN payments_refunds r ON r.id::text = e.reference
  JOIN payments_payments p ON p.id = r.payment_id AND p.role = 'settles'
  WHERE e.kind = 'refund_paid' GROUP BY 1
), fees AS (
  SELECT e.fee_item_id, round(sum(l.fee_e5) / 1000.0) AS fen FROM entries e
  JOIN payments_matches m ON m.entry_id = e.id JOIN payments_bill_lines l ON l.id = m.line_id GROUP BY 1
), claimed AS (
  SELECT c.fee_item_id, count(*) AS count, sum(c.fen) AS fen FROM payments_claims c
  JOIN payments_ledger_entries e ON e.id = c.entry_id
  WHERE e.business_on BETWEEN :first AND :last GROUP BY 1
)
SELECT f.unit_id, f.code, f.title,
  COALESCE(received.count, 0) AS received_count, COALESCE(received.fen, 0) AS received_fen,
  COALESCE(refunded.count, 0) AS refunded_count, COALESCE(refunded.fen, 0) AS refunded_fen,
  COALESCE(claimed.count, 0) AS claimed_count, COALESCE(claimed.fen, 0) AS claimed_fen,
  COALESCE(fees.fen, 0) AS fee_fen
FROM payments_fee_items f
LEFT JOIN received ON received.fee_item_id = f.id LEFT JOIN refunded ON refunded.fee_item_id = f.id
LEFT JOIN claimed ON claimed.fee_item_id = f.id LEFT JOIN fees ON fees.fee_item_id = f.id
WHERE COALESCE(received.fen, refunded.fen, claimed.fen) IS NOT NULL
ORDER BY f.unit_id, f.code""")


@dataclass(frozen=True)
class ItemFigures:
    """One fee item. `net_fen` is what the department has of it."""

    code: str
    title: str
    received_count: int
    received_fen: int
    refunded_count: int
    refunded_fen: int
    claimed_count: int
    claimed_fen: int
    fee_fen: int

    @property
    def net_fen(self) -> int:
        return self.received_fen + self.claimed_fen - self.refunded_fen - self.fee_fen


@dataclass(frozen=True)
class Statement:
    """A department's month. `is_changed`: it was confirmed, and something was booked since."""

    month: date
    unit_id: int | None
    unit_code: str
    unit_name: str
    items: tuple[ItemFigures, ...]
    confirmed_by_id: int | None
    confirmed_at: datetime | None
    is_changed: bool

    @property
    def received_fen(self) -> int:
        return sum(item.received_fen for item in self.items)

    @property
    def refunded_fen(self) -> int:
        return sum(item.refunded_fen for item in self.items)

    @property
    def net_fen(self) -> int:
        return sum(item.net_fen for item in self.items)

    @property
    def figures(self) -> list[dict[str, Any]]:
        """What is confirmed."""
        return [asdict(item) for item in self.items]


def statements(session: Session, month: date) -> list[Statement]:
    """Of every department that took or gave back anything, those yet to confirm first: the chase list."""
    by_unit: dict[int | None, list[ItemFigures]] = {}
    for row in session.execute(_FIGURES, {"first": month, "last": end_of_month(month)}):
        by_unit.setdefault(row.unit_id, []).append(_figures(row))
    said: dict[int | None, Confirmation] = {
        row.unit_id: row for row in session.scalars(select(Confirmation).where(Confirmation.month == month))
    }
    units = directory.org_units(session, [one for one in {*by_unit, *said} if one is not None])
    found = [
        _statement(month, unit_id, units, tuple(by_unit.get(unit_id, ())), said.get(unit_id))
        for unit_id in {*by_unit, *said}
    ]
    return sorted(found, key=lambda one: (one.confirmed_at is not None and not one.is_changed, one.unit_code))


def _figures(row: AnyRow) -> ItemFigures:
    """Sums come as Decimal."""
    names = [name for name in ItemFigures.__dataclass_fields__ if name not in ("code", "title")]
    return ItemFigures(row.code, row.title, **{name: int(getattr(row, name)) for name in names})


def _statement(
    month: date,
    unit_id: int | None,
    units: Mapping[int, directory.OrgBrief],
    items: tuple[ItemFigures, ...],
    said: Confirmation | None,
) -> Statement:
    unit = units.get(unit_id) if unit_id is not None else None
    return Statement(
        month=month,
        unit_id=unit_id,
        unit_code=unit.code if unit else "",
        unit_name=unit.name if unit else "未设收费部门",
        items=items,
        confirmed_by_id=said.confirmed_by_id if said else None,
        confirmed_at=said.confirmed_at if said else None,
        is_changed=said is not None and said.figures != [asdict(item) for item in items],
    )


def find_statement(session: Session, *, month: date, unit_id: int) -> Statement | None:
    return next((one for one in statements(session, month) if one.unit_id == unit_id), None)
