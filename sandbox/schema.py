"""Tables of the outside world. Everything here is invented and may be thrown away."""

from sandbox.card.schema import TABLES as CARD_TABLES
from sandbox.finance.schema import TABLES as FINANCE_TABLES
from sandbox.gates.schema import TABLES as GATE_TABLES
from sandbox.meters.schema import TABLES as METER_TABLES
from sandbox.receipts.schema import TABLES as RECEIPT_TABLES
from sandbox.sms.schema import TABLES as SMS_TABLES
from sandbox.unipay.schema import TABLES as UNIPAY_TABLES

TABLES = """
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users (
    openid TEXT PRIMARY KEY, number TEXT UNIQUE, name TEXT NOT NULL, position INTEGER NOT NULL DEFAULT 0,
    follows INTEGER NOT NULL DEFAULT 0, subscribe_time INTEGER NOT NULL DEFAULT 0,
    scene TEXT NOT NULL DEFAULT 'ADD_SCENE_SEARCH', qr_scene TEXT NOT NULL DEFAULT '',
    remark TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, issued REAL NOT NULL, expires REAL NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS jsapi_tickets (ticket TEXT PRIMARY KEY, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS oauth_codes (
    code TEXT PRIMARY KEY, openid TEXT NOT NULL, scope TEXT NOT NULL, snapshot INTEGER NOT NULL,
    created REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS oauth_tokens (
    access_token TEXT PRIMARY KEY, refresh_token TEXT NOT NULL, openid TEXT NOT NULL, scope TEXT NOT NULL,
    created REAL NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, openid TEXT NOT NULL, conversation TEXT NOT NULL,
    side TEXT NOT NULL,
    kind TEXT NOT NULL, body TEXT NOT NULL, created REAL NOT NULL, seen INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS messages_of_user ON messages (openid, conversation, id);
CREATE INDEX IF NOT EXISTS messages_unseen ON messages (openid, conversation) WHERE seen = 0;
CREATE TABLE IF NOT EXISTS sent (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, openid TEXT NOT NULL,
    template_id TEXT NOT NULL DEFAULT '',
    msgid INTEGER, client_msg_id TEXT NOT NULL DEFAULT '', payload TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sent_dedupe ON sent (openid, client_msg_id) WHERE client_msg_id <> '';
CREATE INDEX IF NOT EXISTS sent_msgid ON sent (msgid);
CREATE TABLE IF NOT EXISTS windows (
    openid TEXT NOT NULL, kind TEXT NOT NULL, opened REAL NOT NULL, left_over INTEGER NOT NULL,
    PRIMARY KEY (openid, kind));
CREATE TABLE IF NOT EXISTS credits (
    openid TEXT NOT NULL, template_id TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (openid,
    template_id));
CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, push TEXT NOT NULL, attempt INTEGER NOT NULL,
    openid TEXT NOT NULL, what TEXT NOT NULL,
    url TEXT NOT NULL, request TEXT NOT NULL, plain TEXT NOT NULL, status INTEGER,
    latency_ms INTEGER NOT NULL,
    response TEXT NOT NULL, verdict TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS menus (menuid INTEGER PRIMARY KEY AUTOINCREMENT, button TEXT NOT NULL,
    rule TEXT, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS user_tags (
    position INTEGER PRIMARY KEY AUTOINCREMENT, openid TEXT NOT NULL, tag_id INTEGER NOT NULL,
    UNIQUE (openid, tag_id));
CREATE TABLE IF NOT EXISTS qrcodes (
    ticket TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, action TEXT NOT NULL, scene TEXT NOT NULL,
    expires REAL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS media (
    media_id TEXT PRIMARY KEY, type TEXT NOT NULL, filename TEXT NOT NULL, mime TEXT NOT NULL,
    content BLOB NOT NULL,
    permanent INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS templates (template_id TEXT PRIMARY KEY, title TEXT NOT NULL,
    content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS quota (path TEXT NOT NULL, day TEXT NOT NULL, used INTEGER NOT NULL,
    PRIMARY KEY (path, day));
CREATE TABLE IF NOT EXISTS scans (
    id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
    created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS cas_tickets (
    ticket TEXT PRIMARY KEY, service TEXT NOT NULL, number TEXT NOT NULL, renewed INTEGER NOT NULL,
    created REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS cas_sessions (tgc TEXT PRIMARY KEY, number TEXT NOT NULL, created REAL NOT NULL);
"""
TABLES += CARD_TABLES + METER_TABLES + UNIPAY_TABLES + FINANCE_TABLES + RECEIPT_TABLES + SMS_TABLES
TABLES += GATE_TABLES

NAMES = [line.split()[5] for line in TABLES.splitlines() if line.startswith("CREATE TABLE")]
