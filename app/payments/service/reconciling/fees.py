"""手续费: what the channel kept of each line against what it may keep by the rates.

The channel rounds each line to the fen (its bills print five decimals, but the published samples have `0.00000` for
1 % of 0.01 and `-0.02000` for 1 % of 2.02); what it gives back with a refund is negative, at the rate of the day of
the payment. One difference for each merchant number, fee item and day, however many lines are wrong.
"""

from sqlalchemy.orm import Session

from app.payments.service.reconciling.sql import FEW_ROWS, WHOLE_DAYS, Scope, rows, run

# Where nothing is charged and nothing may be, there is nothing to recompute.
ARE_CHARGED = """
SELECT 1 FROM current_bills b WHERE b.kind = 'trade' AND b.day = :day AND (
  EXISTS (SELECT FROM payments_fee_rates r
    WHERE r.channel = b.source AND r.merchant_no = b.account AND r.rate_e6 > 0)
  OR EXISTS (SELECT FROM payments_bill_lines l WHERE l.bill_id = b.id AND l.fee_e5 <> 0))
LIMIT 1"""

FEES = """
INSERT INTO found
WITH lines AS (
  SELECT b.day, b.source, b.account, l.reference, l.fen, l.fee_e5, coalesce(o.fee_item_id, 0) AS item,
    coalesce((p.paid_at AT TIME ZONE 'Asia/Shanghai')::date, b.day) AS charged_on
  FROM current_bills b JOIN payments_bill_lines l ON l.bill_id = b.id
  LEFT JOIN payments_matches m ON m.line_id = l.id
  LEFT JOIN payments_ledger_entries e ON e.id = m.entry_id
  LEFT JOIN payments_refunds r ON e.kind = 'refund_paid' AND r.id::text = e.reference
  LEFT JOIN payments_payments p ON p.id = coalesce(r.payment_id,
    CASE WHEN e.kind = 'payment' THEN e.reference::bigint END)
  LEFT JOIN payments_orders o ON o.id = e.order_id
  WHERE b.kind = 'trade' AND b.day = :day
), rates AS (
  SELECT DISTINCT ON (l.source, l.account, l.item, l.charged_on) l.source, l.account, l.item, l.charged_on, r.rate_e6
  FROM (SELECT DISTINCT source, account, item, charged_on FROM lines) l
  JOIN payments_fee_rates r ON r.channel = l.source AND r.merchant_no = l.account
    AND (r.fee_item_id = l.item OR r.fee_item_id IS NULL)
    AND r.valid_from <= l.charged_on AND coalesce(r.valid_until, l.charged_on) >= l.charged_on
  ORDER BY l.source, l.account, l.item, l.charged_on, r.fee_item_id NULLS LAST, r.valid_from DESC
), expected AS (
  SELECT l.*, coalesce(r.rate_e6, 0) AS rate_e6,
    1000 * round(l.fen * coalesce(r.rate_e6, 0) / 1000000.0)::bigint AS wanted
  FROM lines l LEFT JOIN rates r USING (source, account, item, charged_on)
)
SELECT concat_ws(':', source, account, 'fee', coalesce(max(i.code), '-'), max(x.day)), max(x.day), source, 'trade',
  account, 'fee', NULL, NULL, NULL, NULL, NULL, round(sum(wanted - fee_e5) / 1000.0),
  jsonb_build_object('reason', 'rate', 'item', max(i.title), 'rate_e6', max(rate_e6), 'lines', count(*),
    'fee_e5', sum(fee_e5), 'wanted_e5', sum(wanted),
    'references', (array_agg(reference ORDER BY reference))[1:20]), NULL
FROM expected x LEFT JOIN payments_fee_items i ON i.id = x.item
WHERE fee_e5 <> wanted GROUP BY source, account, x.item"""


def find(session: Session, scope: Scope) -> None:
    if rows(session, ARE_CHARGED, scope):
        for sql in (WHOLE_DAYS, FEES, FEW_ROWS):
            run(session, sql, scope)
