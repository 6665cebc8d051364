"""Tables of the gates."""

TABLES = """
CREATE TABLE IF NOT EXISTS gate_entries (
    id TEXT PRIMARY KEY, number TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT, direction TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gate_given (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gate_passings (
    no INTEGER PRIMARY KEY, gate TEXT NOT NULL, number TEXT NOT NULL, direction TEXT NOT NULL, moment REAL NOT NULL);
CREATE INDEX IF NOT EXISTS gate_entries_number ON gate_entries (number);
"""
