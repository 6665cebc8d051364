"""履约差异: what meters' statements and our deliveries do not say alike."""

from sqlalchemy.orm import Session

from app.payments.service.reconciling.found import ENTRY, LINE, LINE_KEY, NEAR_MIDNIGHT
from app.payments.service.reconciling.sql import Scope, run

PAIRS = f"""
INSERT INTO found
SELECT {LINE_KEY}, {LINE}, 'fulfilment', l.id, e.id, e.order_id, l.fen, e.fen, l.fen - e.fen,
  jsonb_build_object('reason', 'amount', 'reference', l.reference, 'number', e.number, 'room', l.key,
    'entry_on', e.day), NULL
FROM left_pairs p JOIN left_lines l ON l.id = p.line_id JOIN named_entries e ON e.id = p.entry_id
WHERE l.bill_kind = 'delivery' AND :day IN (p.day, p.entry_on)"""  # noqa: S608 - our own text

LINES = f"""
INSERT INTO found
SELECT key, day, source, bill_kind, account, 'fulfilment', id, NULL, order_id, fen, NULL, fen,
  jsonb_build_object('reason', reason, 'reference', reference, 'number', number, 'room', room,
    'fulfilment_status', status, 'entry_on', entry_on, 'at', at),
  CASE WHEN reason = 'not_here' AND {NEAR_MIDNIGHT.format("lines")} THEN day + 3 END
FROM (
  SELECT {LINE_KEY} AS key, {LINE}, l.id, f.order_id, l.fen, l.reference, l.number, l.key AS room, f.status, l.at,
    e.business_on AS entry_on,
    CASE
      WHEN l.sort <> 'top_up' THEN 'reversed_there'
      WHEN l.number IS NULL THEN 'purchase_unknown'
      WHEN f.id IS NULL THEN 'unknown_number'
      WHEN e.id IS NULL THEN 'not_here'
      WHEN abs(e.business_on - l.day) > 3 THEN 'other_day'
      ELSE 'twice' END AS reason
  FROM left_lines l
  LEFT JOIN payments_fulfilments f ON f.number = l.number
  LEFT JOIN payments_ledger_entries e ON e.kind = 'delivery' AND e.reference = f.id::text
  WHERE l.bill_kind = 'delivery' AND l.day = :day
    AND l.id NOT IN (SELECT line_id FROM left_pairs) AND l.id NOT IN (SELECT line_id FROM offset_lines)
) lines"""  # noqa: S608 - our own text

# Of a system without a statement nothing can be said.
ENTRIES = f"""
INSERT INTO found
SELECT concat_ws(':', e.source, e.account, e.sort, e.number), {ENTRY}, 'fulfilment', NULL, e.id, e.order_id, NULL,
  e.fen, -e.fen, jsonb_build_object('reason', 'not_at_vendor', 'number', e.number, 'room', e.key, 'at', e.at),
  CASE WHEN {NEAR_MIDNIGHT.format("e")} THEN e.day + 3 END
FROM named_entries e
WHERE e.sort = 'top_up' AND e.day = :day AND NOT e.is_reversed AND e.id NOT IN (SELECT entry_id FROM left_pairs)
  AND EXISTS (SELECT FROM current_bills b WHERE b.kind = 'delivery'
    AND b.account = e.account AND b.day = :day)"""  # noqa: S608 - our own text


def find(session: Session, scope: Scope) -> None:
    for sql in (PAIRS, LINES, ENTRIES):
        run(session, sql, scope)
