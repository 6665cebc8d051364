"""The card's day file against the centre's flow: the same movements told twice, day by day."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.payments.service.card_flows import SETTLES
from app.payments.service.reconciling.sql import FEW_ROWS, WHOLE_DAYS, Scope, rows, run

_OVER = f"(x.day + 1) + interval '{SETTLES // timedelta(minutes=1)} minutes'"
HAS_WHOLE = f"""(f.account = x.account AND (f.started_at AT TIME ZONE 'Asia/Shanghai')::date < x.day
  AND (f.reached_at AT TIME ZONE 'Asia/Shanghai') >= {_OVER})"""
"""Whether the flow `f` has all of a day of an account `x`."""

# A flow that was given up says nothing of the days that it has not whole.
EXPECTED = f"""
SELECT x.account, bool_or({HAS_WHOLE}) AS is_whole,
  (SELECT count(*) FROM payments_card_flow_lines l JOIN payments_card_flows g ON g.id = l.flow_id
    WHERE l.day = :day AND g.account = x.account) AS lines,
  (SELECT coalesce(sum(l.fen), 0) FROM payments_card_flow_lines l JOIN payments_card_flows g ON g.id = l.flow_id
    WHERE l.day = :day AND g.account = x.account) AS fen
FROM (SELECT DISTINCT account, CAST(:day AS date) AS day FROM payments_card_flows) x
JOIN payments_card_flows f ON f.account = x.account AND (f.started_at AT TIME ZONE 'Asia/Shanghai')::date < x.day
WHERE f.ended_at IS NULL OR {HAS_WHOLE}
GROUP BY x.account"""  # noqa: S608 - our own text

# The day itself; and closed ones, when the flow has told more of them since.
CHECKED = f"""
SELECT x.account, x.day FROM payments_bills x
WHERE x.source = 'card' AND x.kind = 'trade' AND x.status = 'current'
  AND (x.day = :day OR (x.day BETWEEN CAST(:day AS date) - 10 AND CAST(:day AS date) - 1 AND EXISTS (
    SELECT FROM payments_days d JOIN payments_card_flow_lines l ON l.day = d.day AND l.kept_at > d.closed_at
    WHERE d.day = x.day AND d.status = 'closed')))
  AND EXISTS (SELECT FROM payments_card_flows f WHERE {HAS_WHOLE})
ORDER BY x.day, x.account"""  # noqa: S608 - our own text

# A movement at midnight may stand on one day in the file and on the next in the flow: that is no difference. What
# only one of them has may yet come with the next day's file.
COMPARE = """
INSERT INTO found
WITH filed AS (
  SELECT b.day, l.sort, l.reference, l.fen,
    row_number() OVER (PARTITION BY l.sort, l.reference ORDER BY b.day, l.fen) AS nth
  FROM payments_bills b JOIN payments_bill_lines l ON l.bill_id = b.id
  WHERE b.source = 'card' AND b.kind = 'trade' AND b.status = 'current' AND b.account = :account
    AND b.day BETWEEN CAST(:on AS date) - 1 AND CAST(:on AS date) + 1
), flowed AS (
  SELECT l.day, l.sort, l.reference, l.fen,
    row_number() OVER (PARTITION BY l.sort, l.reference ORDER BY l.day, l.fen) AS nth
  FROM payments_card_flows f JOIN payments_card_flow_lines l ON l.flow_id = f.id
  WHERE f.account = :account AND l.day BETWEEN CAST(:on AS date) - 1 AND CAST(:on AS date) + 1
), apart AS (
  SELECT reference, filed.fen AS file_fen, flowed.fen AS flow_fen
  FROM filed FULL JOIN flowed USING (sort, reference, nth)
  WHERE coalesce(filed.day, flowed.day) = :on AND filed.fen IS DISTINCT FROM flowed.fen
), summed AS (
  SELECT count(*) AS lines, coalesce(sum(file_fen), 0) AS file_fen, coalesce(sum(flow_fen), 0) AS flow_fen,
    array_to_string((array_agg(reference ORDER BY reference))[1:3], '、') AS reference
  FROM apart
)
SELECT concat_ws(':', 'card', CAST(:account AS text), 'flow', CAST(:on AS date)), CAST(:on AS date), 'card', 'trade',
  :account, 'settlement', NULL, NULL, NULL, file_fen, flow_fen, file_fen - flow_fen,
  jsonb_build_object('reason', 'flow', 'lines', lines, 'reference', reference), CAST(:on AS date) + 2
FROM summed WHERE lines > 0"""


def find(session: Session, scope: Scope) -> None:
    checked = rows(session, CHECKED, scope)
    if not checked:
        return
    run(session, WHOLE_DAYS, scope)
    for account, day in checked:
        session.execute(text(COMPARE), {"account": account, "on": day})
    run(session, FEW_ROWS, scope)
