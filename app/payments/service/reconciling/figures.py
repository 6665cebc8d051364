"""The table of a run: each account's bill and our side, what of it agrees, what is explained and by what.

It is read from what is stored, not from what the run believes it did: a fen that is in no match and in no
difference stops the run.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.payments.models import Source
from app.payments.service.reconciling import card_flows
from app.payments.service.reconciling.sql import WHOLE_DAYS, Scope, rows, run

# One pass over the lines; the names of the bills come to the few sums, not to the million rows.
BILLS = """
WITH sums AS (
  SELECT l.bill_id, count(*) AS lines, sum(l.fen) AS fen, count(m.line_id) AS matched,
    coalesce(sum(l.fen) FILTER (WHERE m.line_id IS NOT NULL), 0) AS matched_fen
  FROM payments_bill_lines l LEFT JOIN payments_matches m ON m.line_id = l.id
  WHERE l.bill_id = ANY(ARRAY(SELECT id FROM current_bills WHERE day = :day))
  GROUP BY l.bill_id
)
SELECT b.source, b.kind, b.account, coalesce(sum(s.lines), 0) AS lines, coalesce(sum(s.fen), 0) AS fen,
  coalesce(sum(s.matched), 0) AS matched, coalesce(sum(s.matched_fen), 0) AS matched_fen, sum(b.lines) AS said
FROM current_bills b LEFT JOIN sums s ON s.bill_id = b.id
WHERE b.day = :day
GROUP BY b.source, b.kind, b.account"""

EXPLAINED_LINES = """
SELECT l.source, l.bill_kind AS kind, l.account, sum(l.fen) AS fen FROM left_lines l
WHERE l.day = :day AND (l.id IN (SELECT line_id FROM offset_lines) OR 1 = (
  SELECT count(*) FROM payments_differences d WHERE d.line_id = l.id AND d.status <> 'healed'))
GROUP BY 1, 2, 3"""

# One pass over the entries; each of the few pairs of accounts then counts on both sides.
OURS = """
WITH sums AS (
  SELECT e.debit_id, e.credit_id, count(*) AS entries, sum(e.fen) AS fen, count(m.entry_id) AS matched,
    coalesce(sum(e.fen) FILTER (WHERE m.entry_id IS NOT NULL), 0) AS matched_fen
  FROM payments_ledger_entries e LEFT JOIN payments_matches m ON m.entry_id = e.id
  WHERE e.business_on = :day AND e.kind IN ('payment', 'refund_paid', 'reversal')
  GROUP BY e.debit_id, e.credit_id
), sides AS (
  SELECT debit_id AS account_id, entries, fen, matched, matched_fen FROM sums
  UNION ALL
  SELECT credit_id, entries, -fen, matched, -matched_fen FROM sums
)
SELECT split_part(a.code, ':', 2) AS source, split_part(a.code, ':', 3) AS account, sum(s.entries) AS entries,
  sum(s.fen) AS fen, sum(s.matched) AS matched, sum(s.matched_fen) AS matched_fen
FROM sides s JOIN payments_ledger_accounts a ON a.id = s.account_id AND a.code LIKE 'channel:%'
GROUP BY 1, 2"""

DELIVERED = """
SELECT f.account, count(*) AS entries, sum(f.fen) AS fen, count(*) FILTER (WHERE f.is_matched) AS matched,
  coalesce(sum(f.fen) FILTER (WHERE f.is_matched), 0) AS matched_fen
FROM (
  SELECT b.account, e.fen, true AS is_matched FROM payments_ledger_entries e
    JOIN payments_matches m ON m.entry_id = e.id JOIN payments_bill_lines l ON l.id = m.line_id
    JOIN payments_bills b ON b.id = l.bill_id
  WHERE e.kind = 'delivery' AND e.business_on = :day
  UNION ALL
  SELECT coalesce(account, ''), fen, false FROM named_entries WHERE sort = 'top_up' AND day = :day
) f GROUP BY 1"""

EXPLAINED_ENTRIES = """
SELECT e.source, e.bill_kind AS kind, coalesce(e.account, '') AS account, sum(e.fen) AS fen
FROM named_entries e
WHERE e.day = :day AND (e.is_reversed OR e.is_correction OR 1 = (
  SELECT count(*) FROM payments_differences d WHERE d.entry_id = e.id AND d.status <> 'healed'))
GROUP BY 1, 2, 3"""

DIFFERENCES = """
SELECT source, bill_kind, account, kind, count(*) AS times, sum(fen) AS fen,
  count(*) FILTER (WHERE status IN ('open', 'waiting', 'proposed')) AS live
FROM payments_differences
WHERE status <> 'healed' AND (day = :day OR (facts ->> 'closed_day')::date = :day)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""

EXPECTED = """
SELECT DISTINCT source, account FROM (
  SELECT channel AS source, merchant_no AS account FROM payments_merchants
  UNION ALL
  SELECT split_part(a.code, ':', 2), split_part(a.code, ':', 3) FROM payments_ledger_accounts a
  WHERE a.code LIKE 'channel:%' AND (
    EXISTS (SELECT FROM payments_ledger_entries e WHERE e.debit_id = a.id AND e.business_on = :day)
    OR EXISTS (SELECT FROM payments_ledger_entries e WHERE e.credit_id = a.id AND e.business_on = :day))
) expected ORDER BY 1, 2"""

Key = tuple[str, str, str]


@dataclass
class Account:
    """One bill and our side of it, in fen. `differences`: kind → how many, fen, how many not yet explained."""

    source: str
    kind: str
    account: str
    is_expected: bool = False
    has_bill: bool = False
    lines: int = 0
    fen: int = 0
    matched: int = 0
    matched_fen: int = 0
    explained_fen: int = 0
    entries: int = 0
    our_fen: int = 0
    our_matched: int = 0
    our_matched_fen: int = 0
    our_explained_fen: int = 0
    differences: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    @property
    def is_missing(self) -> bool:
        return self.is_expected and not self.has_bill


class Unexplained(RuntimeError):
    """A fen is in no match and in no difference: a mistake of this program. The run is taken back."""


def read(session: Session, scope: Scope, meters: Sequence[str]) -> list[Account]:
    """Raises Unexplained."""
    table: dict[Key, Account] = {}
    run(session, WHOLE_DAYS, scope)
    _expect(session, scope, table, meters)
    _read_bills(session, scope, table)
    _read_ours(session, scope, table)
    for row in rows(session, DIFFERENCES, scope):
        found = _of(table, row.source, row.bill_kind, row.account)
        found.differences[row.kind] = (int(row.times), int(row.fen), int(row.live))
    for one in table.values():
        _check(one)
    return [table[key] for key in sorted(table)]


def as_json(table: Sequence[Account]) -> list[dict[str, Any]]:
    return [asdict(one) for one in table]


def _of(table: dict[Key, Account], source: str, kind: str, account: str | None) -> Account:
    key = (source, kind, account or "")
    if key not in table:
        table[key] = Account(*key)
    return table[key]


def _expect(session: Session, scope: Scope, table: dict[Key, Account], meters: Sequence[str]) -> None:
    """Every merchant number, WeChat's with both of its bills; a card's flow; every meter system with statements."""
    for row in rows(session, EXPECTED, scope):
        for kind in ("trade", "fund") if row.source == Source.WECHAT else ("trade",):
            _of(table, row.source, kind, row.account).is_expected = True
    for row in rows(session, card_flows.EXPECTED, scope):
        one = _of(table, Source.CARD, "flow", row.account)
        one.is_expected, one.has_bill = True, row.is_whole
        one.lines, one.fen = int(row.lines), int(row.fen)
    for key in meters:
        _of(table, "meters", "delivery", key).is_expected = True


def _read_bills(session: Session, scope: Scope, table: dict[Key, Account]) -> None:
    for row in rows(session, BILLS, scope):
        one = _of(table, row.source, row.kind, row.account)
        if row.said != row.lines:
            raise Unexplained(
                f"{one.source} {one.account}: {row.lines} lines are here, the bill has {row.said}"
            )
        one.has_bill, one.lines, one.fen = True, int(row.lines), int(row.fen)
        one.matched, one.matched_fen = int(row.matched), int(row.matched_fen)
    for row in rows(session, EXPLAINED_LINES, scope):
        _of(table, row.source, row.kind, row.account).explained_fen = int(row.fen)


def _read_ours(session: Session, scope: Scope, table: dict[Key, Account]) -> None:
    found = [(row.source, "trade", row) for row in rows(session, OURS, scope)]
    found += [("meters", "delivery", row) for row in rows(session, DELIVERED, scope)]
    for source, kind, row in found:
        one = _of(table, source, kind, row.account)
        one.entries, one.our_fen = int(row.entries), int(row.fen)
        one.our_matched, one.our_matched_fen = int(row.matched), int(row.matched_fen)
    for row in rows(session, EXPLAINED_ENTRIES, scope):
        _of(table, row.source, row.kind, row.account).our_explained_fen = int(row.fen)


def _check(one: Account) -> None:
    """To the fen, on both sides. Of an account without a bill there is nothing to explain yet."""
    if not one.has_bill or one.kind not in ("trade", "delivery"):
        return
    sides = {
        "bill": (one.fen, one.matched_fen + one.explained_fen),
        "ledger": (one.our_fen, one.our_matched_fen + one.our_explained_fen),
    }
    for side, (total, explained) in sides.items():
        if total != explained:
            raise Unexplained(f"{one.source} {one.account}, {side}: {total} fen, explained {explained}")
