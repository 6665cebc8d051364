"""Tables of the payment platform."""

TABLES = """
CREATE TABLE IF NOT EXISTS unipay_orders (
    merchant_no TEXT NOT NULL, order_no TEXT NOT NULL, subject TEXT NOT NULL, fen INTEGER NOT NULL,
    payer TEXT NOT NULL, expires REAL NOT NULL, notify_url TEXT NOT NULL, return_url TEXT NOT NULL,
    ticket TEXT NOT NULL UNIQUE, state TEXT NOT NULL, bank TEXT NOT NULL DEFAULT '',
    transaction_id TEXT NOT NULL DEFAULT '', paid REAL, created REAL NOT NULL,
    PRIMARY KEY (merchant_no, order_no)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unipay_orders_paid ON unipay_orders (paid) WHERE paid IS NOT NULL;
CREATE TABLE IF NOT EXISTS unipay_refunds (
    id INTEGER PRIMARY KEY AUTOINCREMENT, merchant_no TEXT NOT NULL, refund_no TEXT NOT NULL,
    order_no TEXT NOT NULL, fen INTEGER NOT NULL, reason TEXT NOT NULL, status TEXT NOT NULL,
    accepted REAL NOT NULL, finish_at REAL, finish_as TEXT NOT NULL, finished REAL,
    UNIQUE (merchant_no, refund_no));
CREATE INDEX IF NOT EXISTS unipay_refunds_order ON unipay_refunds (merchant_no, order_no);
CREATE INDEX IF NOT EXISTS unipay_refunds_due ON unipay_refunds (finish_at) WHERE finish_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS unipay_notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT, merchant_no TEXT NOT NULL, order_no TEXT NOT NULL, due REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, flaw TEXT NOT NULL DEFAULT '', status INTEGER,
    said TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS unipay_notices_due ON unipay_notices (due) WHERE state = 'waiting';
"""
