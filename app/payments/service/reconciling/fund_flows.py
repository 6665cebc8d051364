"""WeChat's trade bill against its fund flow, day by day: the same money told twice."""

from sqlalchemy.orm import Session

from app.payments.service.reconciling.sql import FEW_ROWS, WHOLE_DAYS, Scope, run

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


def find(session: Session, scope: Scope) -> None:
    for sql in (WHOLE_DAYS, TOTALS, FEW_ROWS):
        run(session, sql, scope)
