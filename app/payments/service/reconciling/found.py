"""The differences that a run finds, and what becomes of those that were there before.

`found` holds them for the time of the transaction. A row of payments_differences is found again by its key; what
people decided of it stays, unless it speaks of other sums now.
"""

from sqlalchemy.orm import Session

from app.payments.service.reconciling.sql import Scope, run

# A line that other bills have too: only one of them goes by the movement's own key.
LINE_KEY = """concat_ws(':', l.source, l.account, l.sort, l.reference) || CASE WHEN EXISTS (
    SELECT FROM payments_bill_lines x JOIN current_bills xb ON xb.id = x.bill_id
    WHERE x.reference = l.reference AND x.sort = l.sort AND x.id <> l.id
      AND xb.source = l.source AND xb.account = l.account AND xb.kind = l.bill_kind
      AND (xb.day < l.day OR EXISTS (SELECT FROM payments_matches m WHERE m.line_id = x.id))
  ) THEN '@' || l.day ELSE '' END"""
ENTRY_KEY = "concat_ws(':', e.source, e.account, e.sort, coalesce(e.reference, e.number, e.id::text))"
LINE = "l.day, l.source, l.bill_kind, l.account"
ENTRY = "e.day, e.source, e.bill_kind, e.account"
NEAR_MIDNIGHT = """(({0}.at AT TIME ZONE 'Asia/Shanghai')::time < '00:30'
    OR ({0}.at AT TIME ZONE 'Asia/Shanghai')::time >= '23:30') AND :today <= {0}.day + 3"""

FOUND = """
CREATE TEMPORARY TABLE found (
  key text PRIMARY KEY, day date, source text, bill_kind text, account text, kind text, line_id bigint,
  entry_id bigint, order_id bigint, bill_fen bigint, our_fen bigint, fen bigint, facts jsonb, heal_by date
) ON COMMIT DROP"""

# News of a closed day belongs to the day on which it comes: also other figures of what was explained there.
MOVE_FROM_CLOSED = """
UPDATE found f SET day = :today, facts = facts || jsonb_build_object('closed_day', f.day),
  key = f.key || CASE WHEN EXISTS (SELECT FROM payments_differences x WHERE x.key = f.key AND x.day = f.day)
    THEN '@late' ELSE '' END
WHERE EXISTS (SELECT FROM payments_days d WHERE d.day = f.day AND d.status = 'closed')
  AND NOT EXISTS (SELECT FROM payments_differences x WHERE x.key = f.key AND x.day = f.day
    AND x.status <> 'healed' AND x.fen = f.fen AND x.bill_fen IS NOT DISTINCT FROM f.bill_fen
    AND x.our_fen IS NOT DISTINCT FROM f.our_fen)"""

_SAME = """(d.fen = excluded.fen AND d.bill_fen IS NOT DISTINCT FROM excluded.bill_fen
  AND d.our_fen IS NOT DISTINCT FROM excluded.our_fen)"""
_STAYS = f"(d.status = 'suspended' OR (d.status IN ('proposed', 'settled') AND {_SAME}))"

STORE = f"""
WITH numbered AS (
  SELECT f.*, nextval(pg_get_serial_sequence('payments_differences', 'id')) AS id FROM found f
)
INSERT INTO payments_differences AS d (id, number, key, day, source, bill_kind, account, kind, line_id, entry_id,
  order_id, bill_fen, our_fen, fen, facts, status, heal_by, run_id, opened_at)
SELECT id, 'D' || to_char(CAST(:today AS date), 'YYMMDD') || '-' || id, key, day, source, bill_kind, account, kind,
  line_id, entry_id, order_id, bill_fen, our_fen, fen, jsonb_strip_nulls(facts),
  CASE WHEN heal_by >= :today THEN 'waiting' ELSE 'open' END, heal_by, :run_id, :now
FROM numbered ORDER BY id
ON CONFLICT (key) DO UPDATE SET
  day = CASE WHEN excluded.facts ? 'closed_day' THEN d.day ELSE excluded.day END,
  kind = excluded.kind, line_id = excluded.line_id, entry_id = excluded.entry_id,
  order_id = excluded.order_id, bill_fen = excluded.bill_fen, our_fen = excluded.our_fen, fen = excluded.fen,
  facts = excluded.facts, heal_by = excluded.heal_by, account = excluded.account,
  status = CASE WHEN {_STAYS} THEN d.status ELSE excluded.status END,
  ended_at = CASE WHEN {_STAYS} THEN d.ended_at END,
  action = CASE WHEN {_STAYS} THEN d.action END,
  proposed_by_id = CASE WHEN {_STAYS} THEN d.proposed_by_id END,
  proposed_at = CASE WHEN {_STAYS} THEN d.proposed_at END,
  decided_by_id = CASE WHEN {_STAYS} THEN d.decided_by_id END,
  decided_at = CASE WHEN {_STAYS} THEN d.decided_at END"""  # noqa: S608 - our own text

# Of a day whose bill is away, nothing is known to be gone.
HEAL = """
UPDATE payments_differences d SET status = 'healed', ended_at = :now
WHERE d.ended_at IS NULL AND NOT EXISTS (SELECT FROM found f WHERE f.key = d.key) AND (
  (coalesce((d.facts ->> 'closed_day')::date, d.day) = :day AND EXISTS (
    SELECT FROM current_bills b WHERE b.day = :day
      AND b.source = d.source AND b.kind = d.bill_kind AND b.account = d.account))
  OR EXISTS (SELECT FROM payments_matches m WHERE m.line_id = d.line_id)
  OR EXISTS (SELECT FROM payments_settlement_parts p WHERE p.line_id = d.line_id)
  OR EXISTS (SELECT FROM payments_settlement_parts p WHERE p.bill_id = (d.facts ->> 'bill')::bigint)
  OR d.bill_fen = (SELECT sum(p.fen) FROM payments_settlement_parts p WHERE p.bank_line_id = d.line_id)
  OR (d.line_id IS NULL AND EXISTS (SELECT FROM payments_matches m WHERE m.entry_id = d.entry_id)))"""


def begin(session: Session, scope: Scope) -> None:
    run(session, FOUND, scope)


def store(session: Session, scope: Scope) -> None:
    for sql in (MOVE_FROM_CLOSED, STORE, HEAL):
        run(session, sql, scope)
