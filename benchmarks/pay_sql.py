"""The statements of the pay path, as the product sends them."""

ITEM = """SELECT id, code, service_key, link_url, order_minutes, valid_from, valid_until
FROM payments_fee_items WHERE code = %(code)s"""
LIVE_ORDER = """SELECT id, public_id, fen, owner_id, expires_at FROM payments_orders
WHERE service_key = %(service)s AND subject = %(subject)s AND status = 'open' FOR UPDATE"""
INSERT_ORDER = """INSERT INTO payments_orders (public_id, number, fee_item_id, service_key, subject, owner_id,
campus_id, fen, title, facts, masked_facts, return_path, status, is_late, created_at, expires_at)
VALUES (%(public_id)s, %(number)s, %(item)s, %(service)s, %(subject)s, %(person)s, NULL, %(fen)s, %(title)s,
%(facts)s, %(facts)s, '/m/', 'open', false, %(now)s, %(expires)s)
ON CONFLICT DO NOTHING RETURNING id, public_id"""
LOCK_ORDER = """SELECT status, fen, expires_at, fee_item_id, campus_id FROM payments_orders
WHERE id = %(order)s FOR UPDATE"""
MERCHANT = """SELECT m.merchant_no FROM payments_merchants m JOIN payments_fee_items f ON f.id = m.fee_item_id
WHERE m.fee_item_id = %(item)s AND m.channel = 'wechat' AND 'wechat' = ANY (f.channels)
AND (m.campus_id IS NULL OR m.campus_id = NULL) ORDER BY m.campus_id IS NULL LIMIT 1"""
INSERT_ATTEMPT = """INSERT INTO payments_attempts (order_id, number, channel, trade_type, merchant_no, payer_id,
payer_account, fen, status, checks, next_check_at, created_at)
VALUES (%(order)s, %(attempt)s, 'wechat', 'JSAPI', %(merchant)s, %(person)s, 'o', %(fen)s, 'created', 0,
%(check)s, %(now)s) ON CONFLICT DO NOTHING"""
LIVE_TASKS = """SELECT a.id, a.order_id, a.number, a.channel, a.trade_type, a.merchant_no, a.payer_id,
a.payer_account, a.fen, a.status, a.prepay, a.prepaid_at, a.checks, o.title, o.expires_at, o.public_id
FROM payments_attempts a JOIN payments_orders o ON o.id = a.order_id
WHERE a.order_id = %(order)s AND a.status IN ('created','pending','unknown')"""
LOOK = """SELECT o.id, o.number, o.status, o.closed_reason, o.closed_at, o.service_key, o.subject,
a.id AS attempt_id, a.channel, a.merchant_no, a.fen, f.code AS fee_code, f.takes_late
FROM payments_attempts a JOIN payments_orders o ON o.id = a.order_id JOIN payments_fee_items f
ON f.id = o.fee_item_id WHERE a.number = %(attempt)s FOR UPDATE OF o"""
KNOWN = "SELECT transaction_id, fen FROM payments_payments WHERE attempt_id = %(attempt_id)s"
PAYMENT = """INSERT INTO payments_payments (order_id, attempt_id, channel, merchant_no, transaction_id, fen, role,
learned_by, paid_at, received_at, refunding_fen, refunded_fen) VALUES (%(id)s, %(attempt_id)s, %(channel)s,
%(merchant_no)s, %(transaction)s, %(fen)s, 'settles', 'notify', %(paid_at)s, %(now)s, 0, 0) RETURNING id"""
PAID_ATTEMPT = "UPDATE payments_attempts SET status = 'paid', next_check_at = NULL WHERE id = %(attempt_id)s"
POST = """INSERT INTO payments_ledger_entries (debit_id, credit_id, kind, reference, fen, order_id, reverses_id,
business_on, happened_at, posted_at) SELECT d.id, c.id, %(kind)s, %(reference)s, %(fen)s::bigint, %(id)s::bigint,
NULL, %(day)s::date, %(paid_at)s::timestamptz, %(now)s::timestamptz
FROM payments_ledger_accounts d, payments_ledger_accounts c
WHERE d.code = %(debit)s AND c.code = %(credit)s RETURNING id"""
PAID_ORDER = """UPDATE payments_orders SET status = 'paid', paid_at = %(paid_at)s, is_late = false
WHERE id = %(id)s"""
FULFIL = """INSERT INTO payments_fulfilments (order_id, service_key, number, status, fence, next_at, tries, asks,
blanks, is_refused, created_at) VALUES (%(id)s, %(service_key)s, %(number)s, 'waiting', 0, %(now)s, 0, 0, 0,
false, %(now)s)"""
OUTBOX = """INSERT INTO outbox_deliveries (subscriber, event, payload, request_id, created_at, due_at, status,
attempts, fence) SELECT unnest(%(subscribers)s::text[]), %(event)s, %(payload)s::jsonb, NULL, %(now)s, %(now)s,
'pending', 0, 0"""
EVENT = """INSERT INTO external_events (source, external_id, payload, received_at)
VALUES ('wxpay', %(external)s, %(payload)s, %(now)s) ON CONFLICT DO NOTHING RETURNING id"""
FULFILMENT_OF = "SELECT id FROM payments_fulfilments WHERE order_id = %(order)s"
DUE = """SELECT id, order_id, number, status, fence, tries, asks FROM payments_fulfilments WHERE id = %(id)s
AND status IN ('waiting','sending','unknown','accepted') AND next_at <= %(now)s
AND (leased_until IS NULL OR leased_until < %(now)s) FOR UPDATE SKIP LOCKED"""
CLAIM = """UPDATE payments_fulfilments SET fence = %(fence)s, leased_until = %(until)s, status = 'sending',
tries = %(tries)s, asks = 0 WHERE id = %(id)s"""
CALL = """INSERT INTO payments_fulfilment_calls (fulfilment_id, fence, action, started_at)
VALUES (%(id)s, %(fence)s, 'send', %(now)s)"""
HELD = "SELECT fence FROM payments_fulfilments WHERE id = %(id)s AND fence = %(fence)s"
END_CALL = """UPDATE payments_fulfilment_calls SET ended_at = %(now)s, outcome = 'applied', code = NULL
WHERE fulfilment_id = %(id)s AND fence = %(fence)s"""
HELD_ROW = """SELECT * FROM payments_fulfilments WHERE id = %(id)s AND fence = %(fence)s
AND status IN ('waiting','sending','unknown','accepted') FOR UPDATE"""
MOVE = """UPDATE payments_fulfilments SET leased_until = NULL, status = 'applied', applied_at = %(now)s,
vendor_ref = 'V1' WHERE id = %(id)s AND fence = %(fence)s RETURNING id"""
ORDER = """SELECT o.fen, o.service_key, o.subject, f.code AS fee_code FROM payments_orders o
JOIN payments_fee_items f ON f.id = o.fee_item_id WHERE o.id = %(order)s"""
