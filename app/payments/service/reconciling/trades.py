"""What is left of trade bills and of the channels' accounts, and what each thing is called.

Everything goes into `found`, the differences of this run, with the figures of its explanation.
"""

from sqlalchemy.orm import Session

from app.payments.service.reconciling.found import ENTRY, ENTRY_KEY, LINE, LINE_KEY, NEAR_MIDNIGHT
from app.payments.service.reconciling.sql import Scope, run

PAIRS = f"""
INSERT INTO found
SELECT {LINE_KEY}, {LINE}, CASE WHEN l.status IN ('FAIL', 'CHANGE') THEN 'refund' ELSE 'amount' END,
  l.id, e.id, e.order_id, l.fen, e.fen, l.fen - e.fen,
  jsonb_build_object('reason', CASE l.status WHEN 'FAIL' THEN 'failed' WHEN 'CHANGE' THEN 'abnormal' ELSE l.sort END,
    'reference', l.reference, 'number', coalesce(e.number, l.number), 'entry_on', e.day, 'status', l.status), NULL
FROM left_pairs p JOIN left_lines l ON l.id = p.line_id JOIN named_entries e ON e.id = p.entry_id
WHERE l.bill_kind = 'trade' AND :day IN (p.day, p.entry_on)"""  # noqa: S608 - our own text

PAYMENT_LINES = f"""
INSERT INTO found
SELECT key, day, source, bill_kind, account, split_part(what, ':', 1), id, NULL, order_id, fen, NULL, fen,
  jsonb_build_object('reason', split_part(what, ':', 2), 'reference', reference, 'number', number,
    'ordered_fen', ordered_fen, 'entry_on', entry_on, 'closed_reason', closed_reason, 'at', at),
  CASE WHEN what LIKE 'cutoff%' THEN day + 3 END
FROM (
  SELECT {LINE_KEY} AS key, {LINE}, l.id, o.id AS order_id, l.fen, l.reference, l.number, l.at,
    a.fen AS ordered_fen, e.business_on AS entry_on, o.closed_reason,
    CASE
      WHEN p.id IS NOT NULL AND p.merchant_no <> l.account THEN 'surplus:other_account'
      WHEN p.id IS NOT NULL AND abs(e.business_on - l.day) > 3 THEN 'surplus:other_day'
      WHEN p.id IS NOT NULL THEN 'surplus:listed_twice'
      WHEN a.id IS NULL THEN 'surplus:unknown_order'
      WHEN a.merchant_no <> l.account THEN 'surplus:other_account'
      WHEN a.fen <> l.fen THEN 'amount:not_booked'
      WHEN EXISTS (SELECT FROM payments_payments x WHERE x.order_id = o.id) THEN 'double:paid_otherwise'
      WHEN o.status = 'closed' OR a.status IN ('closed', 'refused') THEN 'status:closed_here'
      WHEN {NEAR_MIDNIGHT.format("l")} THEN 'cutoff:only_there'
      ELSE 'surplus:not_booked' END AS what
  FROM left_lines l
  LEFT JOIN payments_payments p ON p.channel = l.source AND p.transaction_id = l.reference
  LEFT JOIN payments_ledger_entries e ON e.kind = 'payment' AND e.reference = p.id::text
  LEFT JOIN payments_attempts a ON a.number = l.number AND a.channel = l.source
  LEFT JOIN payments_orders o ON o.id = coalesce(p.order_id, a.order_id)
  WHERE l.bill_kind = 'trade' AND l.sort = 'payment' AND l.day = :day
    AND l.id NOT IN (SELECT line_id FROM left_pairs) AND l.id NOT IN (SELECT line_id FROM offset_lines)
) lines"""  # noqa: S608 - our own text

# Debited and reversed within one bill, and nothing of it here: nothing is left of it there either.
OFFSET_LINES = """
CREATE TEMPORARY TABLE offset_lines ON COMMIT DROP AS
WITH offset_pairs AS (
  SELECT DISTINCT ON (v.id) l.id AS line_id, v.id AS reversal_id
  FROM left_lines v JOIN left_lines l ON l.bill_id = v.bill_id AND l.sort IN ('payment', 'top_up')
    AND l.fen = -v.fen AND (l.reference = v.original OR l.number = v.number)
  WHERE v.sort = 'reversal' AND NOT EXISTS (
    SELECT FROM payments_payments p WHERE p.channel = l.source AND p.transaction_id = l.reference)
  ORDER BY v.id, l.at, l.reference
), once AS (SELECT DISTINCT ON (line_id) * FROM offset_pairs ORDER BY line_id, reversal_id)
SELECT unnest(ARRAY[line_id, reversal_id]) AS line_id FROM once"""

REFUND_LINES = f"""
INSERT INTO found
WITH known AS (
  SELECT DISTINCT ON (line_id) line_id, refund_id FROM (
    SELECT l.id AS line_id, r.id AS refund_id FROM left_lines l JOIN payments_refunds r ON r.number = l.number
    UNION ALL
    SELECT l.id, r.id FROM left_lines l JOIN payments_refunds r ON r.channel_refund_id = l.reference
    UNION ALL
    SELECT l.id, r.id FROM left_lines l
      JOIN (SELECT id, unnest(former_numbers) AS number FROM payments_refunds) r ON r.number = l.number
  ) names ORDER BY line_id, refund_id
)
SELECT key, day, source, bill_kind, account, CASE reason WHEN 'amount' THEN 'amount' ELSE 'refund' END, id, NULL,
  order_id, fen, NULL, fen,
  jsonb_build_object('reason', CASE reason WHEN 'amount' THEN 'refund' ELSE reason END, 'reference', reference,
    'number', number, 'refund', refund, 'refund_status', refund_status, 'refund_fen', refund_fen, 'status', status,
    'original', original, 'entry_on', entry_on),
  CASE WHEN reason IN ('processing', 'not_finished') THEN day + 3 END
FROM (
  SELECT {LINE_KEY} AS key, {LINE}, l.id, r.order_id, l.fen, l.reference, l.number, l.original, l.status,
    r.number AS refund, r.status AS refund_status, r.fen AS refund_fen, e.business_on AS entry_on,
    CASE
      WHEN l.status = 'FAIL' THEN 'failed'
      WHEN l.status = 'CHANGE' THEN 'abnormal'
      WHEN r.id IS NULL THEN 'unknown_here'
      WHEN r.fen <> -l.fen THEN 'amount'
      WHEN r.status = 'paid_offline' THEN 'paid_offline_too'
      WHEN r.status = 'rejected' THEN 'rejected_here'
      WHEN r.status = 'succeeded' AND abs(e.business_on - l.day) > 3 THEN 'other_day'
      WHEN r.status = 'succeeded' THEN 'listed_twice'
      WHEN l.status = 'PROCESSING' THEN 'processing'
      ELSE 'not_finished' END AS reason
  FROM left_lines l
  LEFT JOIN known ON known.line_id = l.id
  LEFT JOIN payments_refunds r ON r.id = known.refund_id AND EXISTS (SELECT FROM payments_payments p
    WHERE p.id = r.payment_id AND p.channel = l.source AND p.merchant_no = l.account)
  LEFT JOIN payments_ledger_entries e ON e.kind = 'refund_paid' AND e.reference = r.id::text
  WHERE l.bill_kind = 'trade' AND l.sort = 'refund' AND l.day = :day
    AND l.id NOT IN (SELECT line_id FROM left_pairs)
) lines"""  # noqa: S608 - our own text

OTHER_LINES = f"""
INSERT INTO found
SELECT {LINE_KEY}, {LINE}, CASE l.sort WHEN 'reversal' THEN 'status' ELSE 'surplus' END, l.id, NULL, p.order_id,
  l.fen, NULL, l.fen, jsonb_build_object('reason', CASE WHEN l.sort <> 'reversal' THEN 'unknown_sort'
    WHEN p.id IS NULL THEN 'reversal_unknown' ELSE 'reversed_there' END,
    'reference', l.reference, 'number', l.number, 'original', coalesce(l.original, p.transaction_id)), NULL
FROM left_lines l
LEFT JOIN payments_attempts a ON a.number = l.number AND a.channel = l.source
LEFT JOIN payments_payments p ON l.sort = 'reversal'
  AND (p.attempt_id = a.id OR (a.id IS NULL AND p.channel = l.source AND p.transaction_id = l.original))
WHERE l.bill_kind = 'trade' AND l.sort NOT IN ('payment', 'refund') AND l.day = :day
  AND l.id NOT IN (SELECT line_id FROM left_pairs)
  AND l.id NOT IN (SELECT line_id FROM offset_lines)"""  # noqa: S608 - our own text

# A bill that is not here yet says nothing of what it lacks. What was reversed here is no money any more.
ENTRIES = f"""
INSERT INTO found
SELECT key, day, source, bill_kind, account, split_part(what, ':', 1), NULL, id, order_id, NULL, fen, -fen,
  jsonb_build_object('reason', split_part(what, ':', 2), 'reference', reference, 'number', number,
    'original', original, 'at', at),
  CASE split_part(what, ':', 1) WHEN 'cutoff' THEN day + 3 WHEN 'shortage' THEN day + 2 WHEN 'refund' THEN day + 3 END
FROM (
  SELECT {ENTRY_KEY} AS key, {ENTRY}, e.id, e.order_id, e.fen, e.reference, e.number, e.at,
    coalesce(e.original, e.original_number) AS original,
    CASE
      WHEN e.sort = 'reversal' THEN 'status:reversed_here'
      WHEN e.sort = 'refund' THEN 'refund:missing_there'
      WHEN {NEAR_MIDNIGHT.format("e")} THEN 'cutoff:only_here'
      ELSE 'shortage:not_in_bill' END AS what
  FROM named_entries e
  WHERE e.bill_kind = 'trade' AND e.day = :day AND NOT e.is_reversed AND NOT e.is_correction
    AND e.id NOT IN (SELECT entry_id FROM left_pairs)
    AND EXISTS (SELECT FROM current_bills b WHERE b.kind = 'trade'
      AND b.source = e.source AND b.account = e.account AND b.day = :day)
) entries"""  # noqa: S608 - our own text


def find(session: Session, scope: Scope) -> None:
    for sql in (OFFSET_LINES, PAIRS, PAYMENT_LINES, REFUND_LINES, OTHER_LINES, ENTRIES):
        run(session, sql, scope)
