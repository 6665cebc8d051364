"""Tables of the electricity control."""

TABLES = """
CREATE TABLE IF NOT EXISTS meter_rooms (
    system TEXT NOT NULL, key TEXT NOT NULL, campus TEXT NOT NULL, campus_name TEXT NOT NULL,
    building TEXT NOT NULL, building_name TEXT NOT NULL, floor TEXT NOT NULL, number TEXT NOT NULL,
    PRIMARY KEY (system, key));
CREATE TABLE IF NOT EXISTS meter_closed (system TEXT NOT NULL, room TEXT NOT NULL, PRIMARY KEY (system, room));
CREATE TABLE IF NOT EXISTS meter_states (
    system TEXT NOT NULL, room TEXT NOT NULL, meter TEXT NOT NULL, millifen INTEGER NOT NULL,
    subsidy INTEGER NOT NULL, powered INTEGER NOT NULL, settled REAL NOT NULL,
    PRIMARY KEY (system, room, meter));
CREATE TABLE IF NOT EXISTS meter_days (
    system TEXT NOT NULL, room TEXT NOT NULL, meter TEXT NOT NULL, day TEXT NOT NULL, used INTEGER NOT NULL,
    PRIMARY KEY (system, room, meter, day));
CREATE TABLE IF NOT EXISTS meter_credits (
    id INTEGER PRIMARY KEY AUTOINCREMENT, system TEXT NOT NULL, order_no TEXT, room TEXT NOT NULL,
    meter TEXT NOT NULL, fen INTEGER NOT NULL, credited_room TEXT NOT NULL, credited_fen INTEGER NOT NULL,
    kind TEXT NOT NULL, accepted REAL NOT NULL, known REAL NOT NULL, applies REAL NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS meter_credits_order ON meter_credits (order_no, system);
CREATE INDEX IF NOT EXISTS meter_credits_room ON meter_credits (system, credited_room, meter, applies);
CREATE INDEX IF NOT EXISTS meter_credits_time ON meter_credits (system, applies);
"""
