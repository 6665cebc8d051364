"""结算: what channels owe the bank, against the bank's lines.

WeChat lists its settlements in the fund flow. Card system and unified platform list none: what they owe for a day is
the net of its bill. A bank line is the sum of one or more of either that follow each other at one merchant number.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.payments.service.reconciling.settlement_parts import Part, parts_near, parts_of
from app.payments.service.reconciling.sql import Scope, rows, run

BOOKED_AS = "concat_ws(':', b.account, b.day, k.reference)"
"""Under which a bank line `k` of the bill `b` stands in the ledger; a new version of the bank's file is the same."""
Account = tuple[str, str]
Open = dict[Account, list[Part]]

FORGET_REPLACED = """
DELETE FROM payments_settlement_parts s USING payments_bill_lines l, payments_bills b
WHERE l.id IN (s.line_id, s.bank_line_id) AND l.bill_id = b.id AND b.status <> 'current'
  AND b.day BETWEEN CAST(:day AS date) - 40 AND CAST(:day AS date) + 40"""
FORGET_REPLACED_BILLS = """
DELETE FROM payments_settlement_parts s USING payments_bills b
WHERE b.id = s.bill_id AND b.status <> 'current'
  AND b.day BETWEEN CAST(:day AS date) - 40 AND CAST(:day AS date) + 40"""

# What was only near gives way to what fits, until it is booked.
FORGET_NEAR = f"""
DELETE FROM payments_settlement_parts s USING payments_bill_lines k, payments_bills b
WHERE k.id = s.bank_line_id AND b.id = k.bill_id
  AND b.day BETWEEN CAST(:day AS date) - 10 AND CAST(:day AS date) + 10
  AND k.fen <> (SELECT sum(x.fen) FROM payments_settlement_parts x WHERE x.bank_line_id = k.id)
  AND NOT EXISTS (SELECT FROM payments_ledger_entries e
    WHERE e.kind = 'settlement' AND e.reference = {BOOKED_AS})"""  # noqa: S608 - our own text

# Bank lines within ten days (the longest holidays and the working day after), and all that may be part of them.
_LEFT = """
SELECT l.id, b.source, b.account, (l.at AT TIME ZONE 'Asia/Shanghai')::date AS day, abs(l.fen) AS fen, false AS is_bill,
  concat_ws(' ', l.note, l.number) AS said
FROM payments_bills b JOIN payments_bill_lines l ON l.bill_id = b.id
WHERE b.status = 'current' AND l.sort = 'settlement' AND b.kind = '{kind}' AND {direction}
  AND b.day BETWEEN CAST(:day AS date) - 40 AND CAST(:day AS date) + 40
  AND (l.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN CAST(:day AS date) - {back} AND CAST(:day AS date) + 10
  AND NOT EXISTS (SELECT FROM payments_settlement_parts s WHERE l.id IN (s.line_id, s.bank_line_id))
ORDER BY l.at, l.reference"""
LEFT_IN_FUND = _LEFT.format(kind="fund", direction="l.fen <= 0", back=20)
LEFT_AT_BANK = _LEFT.format(kind="bank", direction="l.fen > 0", back=10)
LEFT_BILLS = """
SELECT b.id, b.source, b.account, b.day, b.in_fen + b.out_fen - b.fee_e5 / 1000 AS fen, true AS is_bill
FROM payments_bills b
WHERE b.status = 'current' AND b.kind = 'trade' AND b.source = ANY(:settled)
  AND b.day BETWEEN CAST(:day AS date) - 20 AND CAST(:day AS date) + 10
  AND b.in_fen + b.out_fen - b.fee_e5 / 1000 <> 0
  AND NOT EXISTS (SELECT FROM payments_settlement_parts s WHERE s.bill_id = b.id)
ORDER BY b.day, b.id"""
KEEP = """
INSERT INTO payments_settlement_parts (line_id, bill_id, bank_line_id, fen)
VALUES (:line_id, :bill_id, :bank_line_id, :fen)"""

# A closed day is not run again, an open one only for some days: what the bank told later, or lacks when its time is
# over, comes up on the next days.
OF_DAY = """(b.day = :day OR (b.day BETWEEN CAST(:day AS date) - 10 AND CAST(:day AS date) - 1
    AND CASE WHEN b.kind = 'bank'
      THEN EXISTS (SELECT FROM payments_days d WHERE d.day = b.day AND d.status = 'closed')
      ELSE b.day + 5 < :today END))"""

# Where an account that gets settlements is set up, its lines are expected: that there are none excuses nobody.
OVERDUE = "(cardinality(CAST(:settled AS text[])) > 0 AND b.kind <> 'bank' AND b.day + 5 < :today)"

# On their way: a difference once the bank's lines of the day or of a later one are here, or when their time is over.
FIND_LEFT = f"""
INSERT INTO found
SELECT concat_ws(':', b.source, b.account, 'settlement', l.reference), b.day, b.source, b.kind, b.account,
  'settlement', l.id, NULL, NULL, l.fen, NULL, l.fen,
  jsonb_build_object('reason', CASE b.kind WHEN 'bank' THEN 'bank_only' ELSE 'in_transit' END,
    'reference', l.reference, 'note', l.note, 'at', l.at),
  CASE b.kind WHEN 'fund' THEN b.day + 5 END
FROM payments_bills b JOIN payments_bill_lines l ON l.bill_id = b.id
WHERE b.status = 'current' AND l.sort = 'settlement' AND b.kind IN ('fund', 'bank') AND {OF_DAY}
  AND (l.fen > 0) = (b.kind = 'bank')
  AND NOT EXISTS (SELECT FROM payments_settlement_parts s WHERE l.id IN (s.line_id, s.bank_line_id))
  AND ({OVERDUE} OR EXISTS (
    SELECT FROM payments_bills x WHERE x.kind = 'bank' AND x.status = 'current' AND x.day >= b.day))"""  # noqa: S608 - our own text

# The bank has the net of a day on the next one at the earliest.
FIND_BILLS = f"""
INSERT INTO found
SELECT concat_ws(':', b.source, b.account, 'settlement', b.day), b.day, b.source, 'trade', b.account,
  'settlement', NULL, NULL, NULL, b.in_fen + b.out_fen - b.fee_e5 / 1000, NULL,
  b.in_fen + b.out_fen - b.fee_e5 / 1000, jsonb_build_object('reason', 'net_in_transit', 'bill', b.id), b.day + 5
FROM payments_bills b
WHERE b.status = 'current' AND b.kind = 'trade' AND b.source = ANY(:settled) AND {OF_DAY}
  AND b.in_fen + b.out_fen - b.fee_e5 / 1000 <> 0
  AND NOT EXISTS (SELECT FROM payments_settlement_parts s WHERE s.bill_id = b.id)
  AND ({OVERDUE} OR EXISTS (
    SELECT FROM payments_bills x WHERE x.kind = 'bank' AND x.status = 'current' AND x.day > b.day))"""  # noqa: S608 - our own text

FIND_NEAR = f"""
INSERT INTO found
WITH paid AS (
  SELECT s.bank_line_id, sum(s.fen) AS fen, min(b.source) AS source, min(b.account) AS account,
    min(coalesce((l.at AT TIME ZONE 'Asia/Shanghai')::date, b.day)) AS first,
    max(coalesce((l.at AT TIME ZONE 'Asia/Shanghai')::date, b.day)) AS last
  FROM payments_settlement_parts s LEFT JOIN payments_bill_lines l ON l.id = s.line_id
  JOIN payments_bills b ON b.id = coalesce(s.bill_id, l.bill_id)
  GROUP BY s.bank_line_id
)
SELECT concat_ws(':', b.source, b.account, 'settlement', l.reference), b.day, b.source, b.kind, b.account,
  'settlement', l.id, NULL, NULL, l.fen, p.fen, l.fen - p.fen,
  jsonb_build_object('reason', 'other_sum', 'reference', l.reference, 'note', l.note, 'at', l.at,
    'channel', p.source, 'merchant_no', p.account, 'first', p.first, 'last', p.last), NULL
FROM payments_bills b JOIN payments_bill_lines l ON l.bill_id = b.id JOIN paid p ON p.bank_line_id = l.id
WHERE b.status = 'current' AND b.kind = 'bank' AND {OF_DAY} AND l.fen <> p.fen"""  # noqa: S608 - our own text


def match(session: Session, scope: Scope) -> None:
    """What fits to the fen first; then what a bank line's words ascribe to a merchant number, and nearly fits."""
    for sql in (FORGET_REPLACED, FORGET_REPLACED_BILLS, FORGET_NEAR):
        run(session, sql, scope)
    left: Open = defaultdict(list)
    for row in (*rows(session, LEFT_IN_FUND, scope), *rows(session, LEFT_BILLS, scope)):
        left[row.source, row.account].append(Part(row.id, row.day, row.fen, row.is_bill))
    unpaid = [line for line in rows(session, LEFT_AT_BANK, scope) if not _match_exactly(session, line, left)]
    for line in unpaid:
        _match_nearly(session, line, left)


def find(session: Session, scope: Scope) -> None:
    for sql in (FIND_LEFT, FIND_BILLS, FIND_NEAR):
        run(session, sql, scope)


def _match_exactly(session: Session, line: Row[Any], left: Open) -> bool:
    for account in _named(line, left) or list(left):
        if _keep(session, line, parts_of(line.fen, line.day, left[account]), left[account]):
            return True
    return False


def _match_nearly(session: Session, line: Row[Any], left: Open) -> None:
    named = _named(line, left)
    if len(named) == 1:
        _keep(session, line, parts_near(line.fen, line.day, left[named[0]]), left[named[0]])


def _named(line: Row[Any], left: Open) -> list[Account]:
    """The merchant numbers that stand in the bank's words."""
    return [account for account in left if re.search(rf"\b{re.escape(account[1])}\b", line.said, re.ASCII)]


def _keep(session: Session, line: Row[Any], found: Sequence[Part], among: list[Part]) -> bool:
    for part in found:
        line_id, bill_id = (None, part.id) if part.is_bill else (part.id, None)
        values = {"line_id": line_id, "bill_id": bill_id, "bank_line_id": line.id, "fen": part.fen}
        session.execute(text(KEEP), values)
    among[:] = [part for part in among if part not in found]
    return bool(found)
