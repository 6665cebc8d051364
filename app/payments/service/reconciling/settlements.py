"""结算: what left a channel for the bank, against the bank's lines; and the trade bill against the fund flow.

A bank line is the sum of one or more settlements that follow each other at one merchant number: the banks put those
of a weekend together. There are a few lines a day, so they are compared here and not in the database.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.payments.service.reconciling.sql import FEW_ROWS, WHOLE_DAYS, Scope, run

PART_LIMIT = 20
"""Settlements in one bank line, at most."""

FORGET_REPLACED = """
DELETE FROM payments_settlement_parts s USING payments_bill_lines l, payments_bills b
WHERE l.id IN (s.line_id, s.bank_line_id) AND l.bill_id = b.id AND b.status <> 'current'
  AND b.day BETWEEN CAST(:day AS date) - 40 AND CAST(:day AS date) + 40"""

# Ten days: the longest holidays and the working day after. A bank's file may be of a whole month.
LEFT = """
SELECT l.id, b.kind, b.account, (l.at AT TIME ZONE 'Asia/Shanghai')::date AS day, abs(l.fen) AS fen
FROM payments_bills b JOIN payments_bill_lines l ON l.bill_id = b.id
WHERE b.status = 'current' AND l.sort = 'settlement' AND b.kind = :kind
  AND (l.fen > 0) = (b.kind = 'bank')
  AND b.day BETWEEN CAST(:day AS date) - 40 AND CAST(:day AS date) + 40
  AND (l.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN CAST(:day AS date) - 10 AND CAST(:day AS date) + 10
  AND NOT EXISTS (SELECT FROM payments_settlement_parts s WHERE l.id IN (s.line_id, s.bank_line_id))
ORDER BY l.at, l.reference"""

# On their way: a difference once the bank's lines of the day or of a later one are here.
FIND_LEFT = """
INSERT INTO found
SELECT concat_ws(':', b.source, b.account, 'settlement', l.reference), b.day, b.source, b.kind, b.account,
  'settlement', l.id, NULL, NULL, l.fen, NULL, l.fen,
  jsonb_build_object('reason', CASE b.kind WHEN 'bank' THEN 'bank_only' ELSE 'in_transit' END,
    'reference', l.reference, 'note', l.note, 'at', l.at),
  CASE b.kind WHEN 'fund' THEN b.day + 5 END
FROM payments_bills b JOIN payments_bill_lines l ON l.bill_id = b.id
WHERE b.status = 'current' AND l.sort = 'settlement' AND b.kind IN ('fund', 'bank') AND b.day = :day
  AND (l.fen > 0) = (b.kind = 'bank')
  AND NOT EXISTS (SELECT FROM payments_settlement_parts s WHERE l.id IN (s.line_id, s.bank_line_id))
  AND EXISTS (SELECT FROM payments_bills x WHERE x.kind = 'bank' AND x.status = 'current' AND x.day >= b.day)"""

# Per day: gross receipts, fees kept on them, and refunds less the fees that came back with them.
# A refund stands in the trade bill when it is accepted and in the fund flow when it is done.
TOTALS = """
INSERT INTO found
WITH accounts AS (
  SELECT source, account FROM current_bills WHERE day = :day AND kind = 'trade'
  INTERSECT SELECT source, account FROM current_bills WHERE day = :day AND kind = 'fund'
), moved AS (
  SELECT b.source, b.account, b.kind, l.sort, sum(l.fen) AS fen, sum(l.fee_e5) AS fee_e5
  FROM accounts JOIN current_bills b USING (source, account) JOIN payments_bill_lines l ON l.bill_id = b.id
  WHERE b.day = :day AND l.sort IN ('payment', 'fee')
  GROUP BY 1, 2, 3, 4
), refunds AS (
  SELECT b.source, b.account, b.kind, b.day, l.status, l.number, l.reference, l.fen - l.fee_e5 / 1000 AS net
  FROM accounts JOIN current_bills b USING (source, account) JOIN payments_bill_lines l ON l.bill_id = b.id
  WHERE l.sort = 'refund'
), told AS (
  SELECT DISTINCT ON (source, account, reference) * FROM refunds
  WHERE kind = 'trade' AND day <= :day ORDER BY source, account, reference, day DESC
), fund AS (
  SELECT * FROM refunds WHERE kind = 'fund'
), paid AS (
  SELECT source, account, reference, min(day) AS day FROM (
    SELECT t.source, t.account, t.reference, f.day FROM told t
      JOIN fund f ON (f.source, f.account, f.number) = (t.source, t.account, t.number)
    UNION ALL
    SELECT t.source, t.account, t.reference, f.day FROM told t
      JOIN fund f ON (f.source, f.account, f.reference) = (t.source, t.account, t.reference)
  ) named GROUP BY 1, 2, 3
), done AS (
  SELECT t.source, t.account, t.net FROM told t LEFT JOIN paid USING (source, account, reference)
  WHERE paid.day = :day
    OR (paid.day IS NULL AND t.day = :day AND coalesce(t.status, 'SUCCESS') = 'SUCCESS')
), sums AS (
  SELECT a.*, 'gross' AS reason,
    coalesce((SELECT fen FROM moved m WHERE (m.source, m.account, m.kind, m.sort)
      = (a.source, a.account, 'fund', 'payment')), 0) AS theirs,
    coalesce((SELECT fen FROM moved m WHERE (m.source, m.account, m.kind, m.sort)
      = (a.source, a.account, 'trade', 'payment')), 0) AS ours
  FROM accounts a
  UNION ALL
  SELECT a.*, 'fees',
    coalesce((SELECT fen FROM moved m WHERE (m.source, m.account, m.kind, m.sort)
      = (a.source, a.account, 'fund', 'fee')), 0),
    coalesce((SELECT -round(fee_e5 / 1000.0) FROM moved m WHERE (m.source, m.account, m.kind, m.sort)
      = (a.source, a.account, 'trade', 'payment')), 0)
  FROM accounts a
  UNION ALL
  SELECT a.*, 'refunds',
    coalesce((SELECT sum(net) FROM refunds f WHERE (f.source, f.account, f.kind, f.day)
      = (a.source, a.account, 'fund', :day)), 0),
    coalesce((SELECT sum(net) FROM done d WHERE (d.source, d.account) = (a.source, a.account)), 0)
  FROM accounts a
)
SELECT concat_ws(':', source, account, 'fund', reason, CAST(:day AS date)), :day, source, 'fund', account,
  'settlement', NULL, NULL, NULL, theirs, ours, theirs - ours,
  jsonb_build_object('reason', reason, 'fund_fen', theirs, 'trade_fen', ours), NULL
FROM sums WHERE theirs <> ours"""


@dataclass(frozen=True)
class Part:
    """A settlement that no bank line has yet."""

    id: int
    day: date
    fen: int


def match(session: Session, scope: Scope) -> None:
    run(session, FORGET_REPLACED, scope)
    by_account: dict[str, list[Part]] = defaultdict(list)
    for row in _left(session, scope, "fund"):
        by_account[row.account].append(Part(row.id, row.day, row.fen))
    for bank_line in _left(session, scope, "bank"):
        for parts in by_account.values():
            found = parts_of(bank_line.fen, bank_line.day, parts)
            if found:
                _keep(session, bank_line.id, found)
                parts[:] = [part for part in parts if part not in found]
                break


def parts_of(fen: int, day: date, parts: Sequence[Part]) -> Sequence[Part]:
    """The first run of parts, none later than the bank's day, whose sum is exactly `fen`; or none."""
    known = [part for part in parts if part.day <= day and (day - part.day).days <= 10]
    for start in range(len(known)):
        total = 0
        for end, part in enumerate(known[start : start + PART_LIMIT], start + 1):
            total += part.fen
            if total == fen:
                return known[start:end]
            if total > fen:
                break
    return ()


def find(session: Session, scope: Scope) -> None:
    for sql in (FIND_LEFT, WHOLE_DAYS, TOTALS, FEW_ROWS):
        run(session, sql, scope)


def _left(session: Session, scope: Scope, kind: str) -> list[Row[*tuple[Any, ...]]]:
    return list(session.execute(text(LEFT), {"day": scope.day, "kind": kind}).all())


def _keep(session: Session, bank_line_id: int, parts: Sequence[Part]) -> None:
    session.execute(
        text(
            "INSERT INTO payments_settlement_parts (line_id, bank_line_id) VALUES (:line_id, :bank_line_id)"
        ),
        [{"line_id": part.id, "bank_line_id": bank_line_id} for part in parts],
    )
