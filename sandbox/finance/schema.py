"""Tables of the finance system."""

TABLES = """
CREATE TABLE IF NOT EXISTS finance_vouchers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
    month TEXT NOT NULL, no INTEGER NOT NULL, debit_fen INTEGER NOT NULL, booked REAL NOT NULL);
"""
