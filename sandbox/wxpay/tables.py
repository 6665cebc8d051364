"""Tables of WeChat Pay, beside the others in the sandbox's store."""

import json
from typing import Any

from sandbox.store import Store
from sandbox.wxpay.keys import FEE_RATES, MERCHANTS

TABLES = """
CREATE TABLE IF NOT EXISTS wxpay_merchants (
    mchid TEXT PRIMARY KEY, name TEXT NOT NULL, balance INTEGER NOT NULL DEFAULT 0,
    fee_rate INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS wxpay_orders (
    mchid TEXT NOT NULL, order_no TEXT NOT NULL, trade_type TEXT NOT NULL, description TEXT NOT NULL,
    notify_url TEXT NOT NULL, total INTEGER NOT NULL, openid TEXT NOT NULL, attach TEXT NOT NULL,
    expires REAL NOT NULL, asked TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'NOTPAY', created REAL NOT NULL,
    closed REAL, PRIMARY KEY (mchid, order_no)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS wxpay_orders_by_number ON wxpay_orders (order_no);
CREATE INDEX IF NOT EXISTS wxpay_orders_by_time ON wxpay_orders (created);
CREATE TABLE IF NOT EXISTS wxpay_prepays (
    prepay_id TEXT PRIMARY KEY, mchid TEXT NOT NULL, order_no TEXT NOT NULL, code TEXT NOT NULL UNIQUE,
    made REAL NOT NULL);
CREATE INDEX IF NOT EXISTS wxpay_prepays_of_order ON wxpay_prepays (mchid, order_no);
CREATE TABLE IF NOT EXISTS wxpay_payments (
    transaction_id TEXT PRIMARY KEY, mchid TEXT NOT NULL, order_no TEXT NOT NULL, openid TEXT NOT NULL,
    total INTEGER NOT NULL, fee INTEGER NOT NULL, bank_type TEXT NOT NULL, at REAL NOT NULL,
    billed REAL NOT NULL);
CREATE INDEX IF NOT EXISTS wxpay_payments_of_order ON wxpay_payments (mchid, order_no, at);
CREATE INDEX IF NOT EXISTS wxpay_payments_by_time ON wxpay_payments (mchid, billed);
CREATE TABLE IF NOT EXISTS wxpay_refunds (
    refund_id TEXT PRIMARY KEY, mchid TEXT NOT NULL, refund_no TEXT NOT NULL, transaction_id TEXT NOT NULL,
    order_no TEXT NOT NULL, fen INTEGER NOT NULL, total INTEGER NOT NULL, fee INTEGER NOT NULL,
    reason TEXT NOT NULL, notify_url TEXT NOT NULL, asked TEXT NOT NULL, status TEXT NOT NULL,
    accepted REAL NOT NULL, finish_at REAL, finish_as TEXT NOT NULL, succeeded REAL,
    UNIQUE (mchid, refund_no));
CREATE INDEX IF NOT EXISTS wxpay_refunds_of_order ON wxpay_refunds (mchid, order_no);
CREATE INDEX IF NOT EXISTS wxpay_refunds_by_time ON wxpay_refunds (mchid, accepted);
CREATE TABLE IF NOT EXISTS wxpay_flows (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mchid TEXT NOT NULL, at REAL NOT NULL, business_no TEXT NOT NULL,
    flow_no TEXT NOT NULL, name TEXT NOT NULL, fen INTEGER NOT NULL, balance INTEGER NOT NULL,
    note TEXT NOT NULL, voucher TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS wxpay_flows_by_time ON wxpay_flows (mchid, at);
CREATE TABLE IF NOT EXISTS wxpay_notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT, ident TEXT NOT NULL, mchid TEXT NOT NULL, order_no TEXT NOT NULL,
    event TEXT NOT NULL, url TEXT NOT NULL, inside TEXT NOT NULL, due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, created REAL NOT NULL);
CREATE INDEX IF NOT EXISTS wxpay_notices_of_order ON wxpay_notices (mchid, order_no);
CREATE INDEX IF NOT EXISTS wxpay_notices_open ON wxpay_notices (state)
    WHERE state IN ('waiting', 'sending', 'held');
CREATE TABLE IF NOT EXISTS wxpay_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, notice INTEGER NOT NULL, order_no TEXT NOT NULL,
    event TEXT NOT NULL, number INTEGER NOT NULL, flaw TEXT NOT NULL, status INTEGER, ms INTEGER NOT NULL,
    said TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS wxpay_attempts_of_order ON wxpay_attempts (order_no);
CREATE TABLE IF NOT EXISTS wxpay_files (
    token TEXT PRIMARY KEY, mchid TEXT NOT NULL, content BLOB NOT NULL, expires REAL NOT NULL);
"""
NAMES = [line.split()[5] for line in TABLES.splitlines() if line.startswith("CREATE TABLE")]


def create(store: Store) -> None:
    for statement in TABLES.split(";"):
        if statement.strip():
            store.run(statement)
    fill(store)


def fill(store: Store) -> None:
    """The merchants, where they are missing."""
    for mchid, name in MERCHANTS.items():
        store.run(
            "INSERT INTO wxpay_merchants (mchid, name, fee_rate) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (mchid, name, FEE_RATES[mchid]),
        )


def wipe(store: Store) -> None:
    with store.tx():
        for name in NAMES:
            store.run(f"DELETE FROM {name}")  # noqa: S608 - names from our own schema
        fill(store)


def insert(store: Store, table: str, row: dict[str, Any]) -> int:
    marks = ", ".join("?" * len(row))
    return store.insert(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608


def canonical(asked: dict[str, Any]) -> str:
    return json.dumps(asked, ensure_ascii=False, sort_keys=True)
