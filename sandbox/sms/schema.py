"""Tables of the gateway. Numbers here are invented, as all else."""

TABLES = """
CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY AUTOINCREMENT, serial TEXT NOT NULL UNIQUE, phone TEXT NOT NULL, context TEXT NOT NULL,
    template TEXT NOT NULL, text TEXT NOT NULL, status TEXT NOT NULL, description TEXT NOT NULL, created REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sms_of_phone ON sms (phone, id);
CREATE TABLE IF NOT EXISTS sms_blacklist (phone TEXT PRIMARY KEY);
"""
