"""Tables of the card platform."""

TABLES = """
CREATE TABLE IF NOT EXISTS card_accounts (
    account TEXT PRIMARY KEY, student TEXT NOT NULL UNIQUE, name TEXT NOT NULL, purse INTEGER NOT NULL,
    electronic INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'normal', single_limit INTEGER NOT NULL,
    day_limit INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS card_moves (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, order_no TEXT NOT NULL,
    refund_no TEXT NOT NULL DEFAULT '', account TEXT NOT NULL, fen INTEGER NOT NULL,
    moved_fen INTEGER NOT NULL, memo TEXT NOT NULL DEFAULT '', accepted REAL NOT NULL, known REAL NOT NULL,
    applies REAL NOT NULL, settled INTEGER NOT NULL DEFAULT 0, balance INTEGER);
CREATE INDEX IF NOT EXISTS card_moves_order ON card_moves (order_no, kind);
CREATE INDEX IF NOT EXISTS card_moves_refund ON card_moves (refund_no) WHERE refund_no <> '';
CREATE INDEX IF NOT EXISTS card_moves_account ON card_moves (account, applies);
CREATE INDEX IF NOT EXISTS card_moves_due ON card_moves (applies) WHERE settled = 0;
CREATE TABLE IF NOT EXISTS card_flow (
    no INTEGER PRIMARY KEY, merchant TEXT NOT NULL, ref TEXT NOT NULL, order_no TEXT NOT NULL, kind TEXT NOT NULL,
    account TEXT NOT NULL, fen INTEGER NOT NULL, moment REAL NOT NULL);
CREATE TABLE IF NOT EXISTS card_tokens (
    token TEXT PRIMARY KEY, expires REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
"""
