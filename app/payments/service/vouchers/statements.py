"""The statements that sum the ledger into vouchers. Parameters: period, first, last."""

from sqlalchemy import text

# Each entry as a movement between two kinds of accounts. A reversal is what it reverses, the other way round.
_MOVES = """
accounts AS (
  SELECT a.id, split_part(a.code, ':', 1) AS part, f.id AS fee_item_id,
    CASE WHEN a.code ~ '^(channel|refunding):' THEN split_part(a.code, ':', 2) END AS channel,
    CASE WHEN a.code ~ '^(channel|refunding):' THEN regexp_replace(a.code, '^[^:]*:[^:]*:', '') END AS merchant_no
  FROM payments_ledger_accounts a
  LEFT JOIN payments_fee_items f ON a.code IN ('due:' || f.code, 'delivered:' || f.code)
), moves AS (
  SELECT e.id, e.kind, e.fen, e.business_on, e.reverses_id IS NOT NULL AS is_reversed,
    CASE WHEN e.reverses_id IS NULL THEN d.part ELSE c.part END AS debit_of,
    CASE WHEN e.reverses_id IS NULL THEN c.part ELSE d.part END AS credit_of,
    COALESCE(o.fee_item_id, d.fee_item_id, c.fee_item_id) AS fee_item_id,
    COALESCE(d.channel, c.channel, '') AS channel,
    COALESCE(d.merchant_no, c.merchant_no, '') AS merchant_no
  FROM payments_ledger_entries e
  JOIN accounts d ON d.id = e.debit_id
  JOIN accounts c ON c.id = e.credit_id
  LEFT JOIN payments_orders o ON o.id = e.order_id
  {where}
)"""

# Few shapes, however many entries: each finds its rule once, per side.
_RULED = """
shapes AS (
  SELECT DISTINCT business_on, debit_of, credit_of, channel, fee_item_id FROM moves
), ruled AS (
  SELECT s.*, side.side, r.id AS rule_id, r.debit, r.credit, r.debit_aux, r.credit_aux, r.summary
  FROM shapes s CROSS JOIN (VALUES ('financial'), ('budget')) side (side)
  LEFT JOIN LATERAL (
    SELECT * FROM payments_voucher_rules r
    WHERE r.debit_of = s.debit_of AND r.credit_of = s.credit_of AND r.side = side.side
      AND r.valid_from <= s.business_on AND COALESCE(r.channel, s.channel) = s.channel
      AND (r.fee_item_id IS NULL OR r.fee_item_id = s.fee_item_id)
    ORDER BY r.fee_item_id IS NULL, r.channel IS NULL, r.valid_from DESC LIMIT 1
  ) r ON true
)"""
_SAME_SHAPE = """ruled.business_on = m.business_on AND ruled.debit_of = m.debit_of
    AND ruled.credit_of = m.credit_of AND ruled.channel = m.channel
    AND ruled.fee_item_id IS NOT DISTINCT FROM m.fee_item_id"""

_NEW = _MOVES.format(
    where="""WHERE e.business_on BETWEEN :first AND :last
    AND NOT EXISTS (SELECT 1 FROM payments_voucher_entries t WHERE t.entry_id = e.id)"""
)
_BOOKED = f"""{_NEW}, {_RULED}, booked AS (
  SELECT m.*, f.unit_id FROM moves m LEFT JOIN payments_fee_items f ON f.id = m.fee_item_id
  WHERE EXISTS (SELECT 1 FROM ruled WHERE {_SAME_SHAPE} AND ruled.debit IS NOT NULL)
)"""  # noqa: S608 - our own text
_SAME_VOUCHER = """v.period = :period AND v.kind = b.kind AND v.fee_item_id IS NOT DISTINCT FROM b.fee_item_id
    AND v.unit_id IS NOT DISTINCT FROM b.unit_id AND v.channel = b.channel AND v.merchant_no = b.merchant_no"""

WITHOUT_RULE = text(f"""
WITH {_NEW}, {_RULED}
SELECT ruled.debit_of, ruled.credit_of, ruled.business_on, f.title AS fee_title
FROM ruled LEFT JOIN payments_fee_items f ON f.id = ruled.fee_item_id
WHERE ruled.side = 'financial' AND ruled.rule_id IS NULL
ORDER BY 3, 1, 2 LIMIT 1""")  # noqa: S608 - our own text

NEW_VOUCHERS = text(f"""
WITH {_BOOKED}, wanted AS (
  SELECT b.kind, b.fee_item_id, b.unit_id, b.channel, b.merchant_no,
    COALESCE((SELECT max(v.sequence) FROM payments_vouchers v WHERE {_SAME_VOUCHER}), 0) + 1 AS sequence
  FROM (SELECT DISTINCT kind, fee_item_id, unit_id, channel, merchant_no FROM booked) b
  WHERE NOT EXISTS (SELECT 1 FROM payments_vouchers v WHERE {_SAME_VOUCHER} AND v.status = 'draft')
  ORDER BY b.kind, b.fee_item_id, b.unit_id, b.channel, b.merchant_no
)
INSERT INTO payments_vouchers (number, period, kind, fee_item_id, unit_id, channel, merchant_no, sequence,
  voucher_on, status, entries, fen, made_by_id, made_at, tries, fence)
SELECT 'V' || to_char(CAST(:last AS date), 'YYMM') || lpad(nextval('payments_voucher_numbers')::text, 6, '0'),
  :period, kind, fee_item_id, unit_id, channel, merchant_no, sequence,
  CASE WHEN sequence = 1 THEN CAST(:regular_on AS date) ELSE CAST(:late_on AS date) END,
  'draft', 0, 0, :by_id, :now, 0, 0
FROM wanted""")  # noqa: S608 - our own text

TIE = text(f"""
WITH {_BOOKED}
INSERT INTO payments_voucher_entries (entry_id, voucher_id)
SELECT b.id, v.id FROM booked b JOIN payments_vouchers v ON {_SAME_VOUCHER} AND v.status = 'draft'""")  # noqa: S608 - our own text

_TIED = _MOVES.format(
    where="""JOIN payments_voucher_entries t ON t.entry_id = e.id
  JOIN payments_vouchers tv ON tv.id = t.voucher_id AND tv.period = :period AND tv.status = 'draft'"""
)
SUMS = text(f"""
WITH {_TIED}, {_RULED}
SELECT v.id AS voucher_id, v.period, v.number, v.sequence, v.voucher_on, v.kind, v.fee_item_id, v.unit_id,
  v.channel, v.merchant_no, ruled.side, ruled.debit, ruled.credit, ruled.debit_aux, ruled.credit_aux,
  ruled.summary, m.is_reversed, sum(m.fen) AS fen, count(*) AS entries
FROM moves m
JOIN payments_voucher_entries t ON t.entry_id = m.id
JOIN payments_vouchers v ON v.id = t.voucher_id
JOIN ruled ON {_SAME_SHAPE} AND ruled.debit IS NOT NULL
GROUP BY v.id, ruled.rule_id, ruled.side, ruled.debit, ruled.credit, ruled.debit_aux, ruled.credit_aux,
  ruled.summary, m.is_reversed
ORDER BY v.id, ruled.rule_id, m.is_reversed""")  # noqa: S608 - our own text

DROP_EMPTY = text("""
DELETE FROM payments_vouchers v WHERE v.period = :period AND v.status = 'draft'
  AND NOT EXISTS (SELECT 1 FROM payments_voucher_entries t WHERE t.voucher_id = v.id)""")  # noqa: S608 - our own text

TOTALS = text("""
UPDATE payments_vouchers v SET
  entries = (SELECT count(*) FROM payments_voucher_entries t WHERE t.voucher_id = v.id),
  fen = (SELECT COALESCE(sum(l.debit_fen), 0) FROM payments_voucher_lines l
         WHERE l.voucher_id = v.id AND l.side = 'financial')
WHERE v.period = :period AND v.status = 'draft'""")  # noqa: S608 - our own text
