"""Lines of trade bills and delivery statements to entries of the ledger: first those of the same day, whole days
at once; what is left over then across days, each line once and each entry once.

What is left over afterwards stays in two tables of this transaction, `left_lines` and `named_entries`, and those of
the two that speak of the same movement with another sum, or of a refund that failed, in `left_pairs`.
"""

from sqlalchemy.orm import Session

from app.payments.service.reconciling import places
from app.payments.service.reconciling.sql import FEW_ROWS, WHOLE_DAYS, Scope, count, run

ROUNDS = 5
"""Of giving each line and each entry their nearest; two are enough unless several lines name one refund."""

# Of a day that came in two halves both are one trade bill; one alone is none.
CURRENT_BILLS = """
CREATE TEMPORARY TABLE current_bills ON COMMIT DROP AS
SELECT b.id, b.source, CASE WHEN b.kind IN ('payments', 'refunds') THEN 'trade' ELSE b.kind END AS kind, b.account,
  b.day, b.lines
FROM payments_bills b
WHERE b.status = 'current' AND b.day BETWEEN :first AND :last
  AND (b.kind NOT IN ('payments', 'refunds') OR EXISTS (
    SELECT FROM payments_bills o WHERE o.status = 'current' AND o.source = b.source AND o.account = b.account
      AND o.day = b.day AND o.kind IN ('payments', 'refunds') AND o.kind <> b.kind))"""

FORGET_REPLACED = """
DELETE FROM payments_matches m USING payments_bill_lines l
WHERE m.line_id = l.id AND l.bill_id = ANY(ARRAY(
  SELECT b.id FROM payments_bills b WHERE b.status <> 'current' AND b.day BETWEEN :first AND :last))"""

# A match across days gives way to one of the same day that came later, whichever day is run first.
FORGET_ACROSS = """
DELETE FROM payments_matches
WHERE day <> entry_on AND day BETWEEN :first AND :last AND entry_on BETWEEN :first AND :last"""

# Without the fence the entries could be joined by their sums first, of which thousands are alike. In the order of the
# lines, because each row that is referred to is locked: the lines page by page then, and not a page for each.
PAYMENTS_OF_THE_DAY = """
INSERT INTO payments_matches (line_id, entry_id, day, entry_on, rule)
SELECT paid.line_id, e.id, paid.day, e.business_on, 'payment'
FROM (
  SELECT l.id AS line_id, l.fen, b.day, p.id::text AS payment
  FROM current_bills b
  JOIN payments_bill_lines l ON l.bill_id = b.id
  JOIN payments_payments p
    ON p.channel = b.source AND p.merchant_no = b.account AND p.transaction_id = l.reference
  WHERE b.kind = 'trade' AND l.sort = 'payment'
    AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.line_id = l.id)
  OFFSET 0
) paid
JOIN payments_ledger_entries e
  ON e.kind = 'payment' AND e.reference = paid.payment AND e.business_on = paid.day AND e.fen = paid.fen
WHERE NOT EXISTS (SELECT FROM payments_matches m WHERE m.entry_id = e.id)
ORDER BY paid.line_id"""

# A vendor may have a number twice: the first line is the delivery, the second is left over.
DELIVERIES_OF_THE_DAY = """
INSERT INTO payments_matches (line_id, entry_id, day, entry_on, rule)
SELECT DISTINCT ON (e.id) l.id, e.id, b.day, e.business_on, 'delivery'
FROM current_bills b
JOIN payments_bill_lines l ON l.bill_id = b.id
JOIN payments_fulfilments f ON f.number = l.number
JOIN payments_ledger_entries e
  ON e.kind = 'delivery' AND e.reference = f.id::text AND e.business_on = b.day AND e.fen = l.fen
WHERE b.kind = 'delivery' AND l.sort = 'top_up'
  AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.line_id = l.id)
  AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.entry_id = e.id)
ORDER BY e.id, l.at, l.reference"""

LEFT_LINES = """
CREATE TEMPORARY TABLE left_lines ON COMMIT DROP AS
SELECT l.id, b.source, b.kind AS bill_kind, b.account, b.day, l.bill_id, l.sort, l.at, l.reference, l.number,
  l.original, l.key, l.fen, l.status, l.note
FROM current_bills b JOIN payments_bill_lines l ON l.bill_id = b.id
WHERE b.kind IN ('trade', 'delivery')
  AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.line_id = l.id)"""

# What moves a channel's account: payments in, refunds out, and reversals of either; then deliveries.
LEFT_ENTRIES = """
CREATE TEMPORARY TABLE left_entries ON COMMIT DROP AS
WITH unmatched AS MATERIALIZED (
  SELECT * FROM payments_ledger_entries e
  WHERE e.business_on BETWEEN :first AND :last AND e.kind IN ('payment', 'refund_paid', 'delivery', 'reversal')
    AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.entry_id = e.id)
), channels AS (SELECT id, code FROM payments_ledger_accounts WHERE code LIKE 'channel:%'), moved AS (
  SELECT e.*, a.code, e.fen AS signed FROM unmatched e JOIN channels a ON a.id = e.debit_id
  UNION ALL
  SELECT e.*, a.code, -e.fen FROM unmatched e JOIN channels a ON a.id = e.credit_id
  UNION ALL
  SELECT e.*, NULL, e.fen FROM unmatched e WHERE e.kind = 'delivery'
)
SELECT e.id, e.kind, CASE WHEN e.kind <> 'reversal' THEN e.reference::bigint END AS row_id,
  e.reverses_id, e.order_id, e.business_on AS day, e.happened_at AS at,
  e.signed AS fen, CASE WHEN e.kind = 'delivery' THEN 'delivery' ELSE 'trade' END AS bill_kind,
  CASE WHEN e.kind = 'delivery' THEN 'meters' ELSE split_part(e.code, ':', 2) END AS source,
  nullif(split_part(e.code, ':', 3), '') AS account,
  CASE e.kind WHEN 'payment' THEN 'payment' WHEN 'refund_paid' THEN 'refund' WHEN 'delivery' THEN 'top_up'
    WHEN 'reversal' THEN 'reversal' ELSE 'other' END AS sort
FROM moved e"""

# By which numbers a bill may call what is left. `key` and `meter` come with `places`.
NAME_ENTRIES = """
CREATE TEMPORARY TABLE named_entries ON COMMIT DROP AS
SELECT e.id, e.kind, e.reverses_id, e.order_id, e.day, e.at, e.fen, e.bill_kind, e.source, e.sort,
  coalesce(e.account, w.account) AS account, w.key, w.meter,
  coalesce(p.transaction_id, r.channel_refund_id, f.vendor_ref) AS reference,
  coalesce(a.number, r.number, f.number) AS number,
  coalesce(r.former_numbers, '{}') AS former_numbers,
  v.transaction_id AS original, va.number AS original_number,
  EXISTS (SELECT FROM payments_ledger_entries x WHERE x.reverses_id = e.id) AS is_reversed,
  e.sort = 'reversal' AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.entry_id = e.reverses_id)
    AS is_correction
FROM left_entries e
LEFT JOIN payments_payments p ON e.kind = 'payment' AND p.id = e.row_id
LEFT JOIN payments_attempts a ON a.id = p.attempt_id
LEFT JOIN payments_refunds r ON e.kind = 'refund_paid' AND r.id = e.row_id
LEFT JOIN payments_fulfilments f ON e.kind = 'delivery' AND f.id = e.row_id
LEFT JOIN delivery_places w ON e.kind = 'delivery' AND w.order_id = e.order_id
LEFT JOIN payments_ledger_entries o ON o.id = e.reverses_id AND o.kind = 'payment'
LEFT JOIN payments_payments v ON v.id::text = o.reference
LEFT JOIN payments_attempts va ON va.id = v.attempt_id"""

# Every pair that names the same movement: `r:` by the channel's number, `n:` by ours.
CANDIDATES = """
CREATE TEMPORARY TABLE candidates ON COMMIT DROP AS
WITH line_names AS (
  SELECT id, 'r:' || reference AS name FROM left_lines WHERE sort IN ('payment', 'refund')
  UNION SELECT id, 'n:' || number FROM left_lines WHERE sort IN ('refund', 'reversal', 'top_up')
  UNION SELECT id, 'r:' || original FROM left_lines WHERE sort = 'reversal'
), entry_names AS (
  SELECT id, 'r:' || reference AS name FROM named_entries WHERE sort IN ('payment', 'refund')
  UNION SELECT id, 'n:' || number FROM named_entries WHERE sort IN ('refund', 'top_up')
  UNION SELECT id, 'n:' || unnest(former_numbers) FROM named_entries WHERE sort = 'refund'
  UNION SELECT id, unnest(ARRAY['r:' || original, 'n:' || original_number]) FROM named_entries
    WHERE sort = 'reversal'
)
SELECT DISTINCT l.id AS line_id, e.id AS entry_id, l.day, e.day AS entry_on, abs(l.day - e.day) AS apart,
  e.sort AS rule, l.fen AS bill_fen, e.fen AS our_fen, l.status, l.at, l.reference,
  l.fen = e.fen AND coalesce(l.status, '') NOT IN ('FAIL', 'CHANGE') AS agrees
FROM line_names JOIN entry_names USING (name)
JOIN left_lines l ON l.id = line_names.id
JOIN named_entries e ON e.id = entry_names.id AND e.bill_kind = l.bill_kind AND e.source = l.source
  AND e.sort = l.sort AND (l.bill_kind = 'delivery' OR e.account = l.account)
WHERE abs(l.day - e.day) <= 3"""

# Each takes what is nearest to it in days, if that takes it too.
NEAREST = """
INSERT INTO payments_matches (line_id, entry_id, day, entry_on, rule)
SELECT line_id, entry_id, day, entry_on, rule FROM (
  SELECT *, row_number() OVER (PARTITION BY line_id ORDER BY apart, entry_on, entry_id) AS of_line,
    row_number() OVER (PARTITION BY entry_id ORDER BY apart, day, at, reference) AS of_entry
  FROM candidates c WHERE agrees
    AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.line_id = c.line_id)
    AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.entry_id = c.entry_id)
) ranked WHERE of_line = 1 AND of_entry = 1"""

# Purchase records have no order number: as many as agree in room, day, sum and, where they tell it, meter.
PURCHASES = """
INSERT INTO payments_matches (line_id, entry_id, day, entry_on, rule)
WITH lines AS (
  SELECT *, coalesce(note, '') AS meter,
    row_number() OVER (PARTITION BY account, key, coalesce(note, ''), day, fen ORDER BY at, reference) AS nth
  FROM left_lines l WHERE bill_kind = 'delivery' AND sort = 'top_up' AND number IS NULL
    AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.line_id = l.id)
), systems AS (SELECT account, bool_or(meter <> '') AS tell_meters FROM lines GROUP BY account),
entries AS (
  SELECT e.id, e.account, e.key, e.day, e.fen, e.at, CASE WHEN tell_meters THEN meter ELSE '' END AS meter
  FROM named_entries e JOIN systems USING (account)
  WHERE sort = 'top_up' AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.entry_id = e.id)
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY account, key, meter, day, fen ORDER BY at, id) AS nth FROM entries
)
SELECT l.id, e.id, l.day, e.day, 'purchase' FROM lines l JOIN ranked e USING (account, key, meter, fen, nth)
WHERE e.day = l.day"""

# The same, booked on the other side of midnight.
PURCHASES_NEXT_DAY = PURCHASES.replace(", day, fen ORDER", ", fen ORDER").replace(
    "e.day = l.day", "abs(e.day - l.day) = 1"
)

# What names the same movement and is no match: another sum, or a refund that failed there.
LEFT_PAIRS = """
CREATE TEMPORARY TABLE left_pairs ON COMMIT DROP AS
SELECT line_id, entry_id, day, entry_on, bill_fen, our_fen, status FROM (
  SELECT c.*, row_number() OVER (PARTITION BY line_id ORDER BY apart, entry_on, entry_id) AS of_line,
    row_number() OVER (PARTITION BY entry_id ORDER BY apart, c.day, c.at, c.reference) AS of_entry
  FROM candidates c JOIN left_lines l ON l.id = c.line_id JOIN named_entries e ON e.id = c.entry_id
) ranked WHERE of_line = 1 AND of_entry = 1"""

FORGET_MATCHED_LINES = "DELETE FROM left_lines l USING payments_matches m WHERE m.line_id = l.id"
FORGET_MATCHED_ENTRIES = "DELETE FROM named_entries e USING payments_matches m WHERE m.entry_id = e.id"


def match(session: Session, scope: Scope, deliveries: places.Deliveries) -> None:
    """Redo what a new version of a bill undid, and match all that can be matched around the day."""
    for sql in (CURRENT_BILLS, "ANALYZE current_bills", FORGET_REPLACED, FORGET_ACROSS):
        run(session, sql, scope)
    for sql in (WHOLE_DAYS, PAYMENTS_OF_THE_DAY, DELIVERIES_OF_THE_DAY, LEFT_LINES, LEFT_ENTRIES, FEW_ROWS):
        run(session, sql, scope)
    for sql in ("ANALYZE left_lines", "ANALYZE left_entries"):
        run(session, sql, scope)
    places.find(session, deliveries)
    for sql in (NAME_ENTRIES, "ANALYZE named_entries", CANDIDATES, "ANALYZE candidates"):
        run(session, sql, scope)
    for _ in range(ROUNDS):
        if not count(session, NEAREST, scope):
            break
    for sql in (WHOLE_DAYS, PURCHASES, PURCHASES_NEXT_DAY, FEW_ROWS):
        run(session, sql, scope)
    for sql in (FORGET_MATCHED_LINES, FORGET_MATCHED_ENTRIES, LEFT_PAIRS):
        run(session, sql, scope)
