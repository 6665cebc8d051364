"""One run of a day in a process of its own: `python -m benchmarks.reconcile_run floor|product FILE`."""

import hashlib
import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import make_url

from app.clients.storage.disk import DiskStorage
from app.kit import db
from app.payments.flows.bills import import_file
from app.payments.service.bills import Matter
from app.payments.service.reconciling import reconcile
from benchmarks.reconcile import ACCOUNT, DAY
from benchmarks.usage import peak_megabytes

BILL = """INSERT INTO payments_bills (public_id, source, kind, account, day, version, status, origin, is_empty,
file_key, size, lines, in_fen, out_fen, fee_e5, loaded_at) VALUES ('bil_1', 'wechat', 'trade', %s, %s, 1, 'current',
'fetched', false, 'f', 0, 0, 0, 0, 0, now()) RETURNING id"""
COPY = """COPY payments_bill_lines (bill_id, no, sort, at, reference, number, original, key, fen, fee_e5, balance_fen,
status, note, start, size) FROM STDIN"""
# Fenced: of lines that came a moment ago nothing is known, and a planner that takes them for one joins entries to
# them by the sum alone, which made this the slower of the two by a hundred seconds.
MATCH = """INSERT INTO payments_matches (line_id, entry_id, day, entry_on, rule)
SELECT paid.line_id, e.id, %(day)s::date, e.business_on, 'payment' FROM (
  SELECT l.id AS line_id, l.fen, p.id::text AS payment FROM payments_bill_lines l
  JOIN payments_payments p ON p.channel = 'wechat' AND p.transaction_id = l.reference
  WHERE l.bill_id = %(bill)s OFFSET 0
) paid
JOIN payments_ledger_entries e ON e.kind = 'payment' AND e.reference = paid.payment
WHERE e.business_on = %(day)s::date AND e.fen = paid.fen"""
LEFT_LINES = """SELECT count(*) FROM payments_bill_lines l
WHERE l.bill_id = %(bill)s AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.line_id = l.id)"""
LEFT_ENTRIES = """SELECT count(*) FROM payments_ledger_entries e WHERE e.business_on = %(day)s::date
AND e.kind = 'payment' AND NOT EXISTS (SELECT FROM payments_matches m WHERE m.entry_id = e.id)"""


def import_by_hand(connection: psycopg.Connection[Any], path: Path) -> int:
    """The floor's: the same columns of the same lines, the sums checked, a copy kept with its digest."""
    bill: int = connection.execute(BILL, (ACCOUNT, DAY)).fetchone()[0]  # type: ignore[index]
    digest, no, total = hashlib.sha256(), 0, 0
    with path.open("rb") as file, path.with_suffix(".kept").open("wb") as kept:
        while part := file.read(1 << 20):
            digest.update(part)
            kept.write(part)
        os.fsync(kept.fileno())
    with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(COPY) as copy:
        start = len(file.readline())
        for raw in file:
            if not raw.startswith(b"`"):
                break
            cells = raw.decode()[1:-2].split(",`")
            yuan, _, cents = cells[24].partition(".")
            fen = int(yuan) * 100 + int(cents)
            no, total = no + 1, total + fen
            copy.write_row(
                (bill, no, "payment", f"{cells[0]}+08:00", cells[5], cells[6], None, None, fen, 0, None, cells[9],
                 None, start, len(raw))
            )  # fmt: skip
            start += len(raw)
        said = file.readline().decode()[1:-2].split(",`")
    assert said[0] == str(no)
    assert said[5] == f"{total // 100}.{total % 100:02d}"
    connection.execute("UPDATE payments_bills SET lines = %s WHERE id = %s", (no, bill))
    return bill


def import_by_product(path: Path) -> None:
    """As a clerk's upload is."""
    clients = SimpleNamespace(
        storage=DiskStorage(str(path.parent / "archive")), bank={}, card=None, meters={}
    )
    matter = Matter("wechat", "trade", ACCOUNT, date.fromisoformat(DAY))
    with path.open("rb") as file:
        done = import_file(matter, file, name="bill.csv", origin="uploaded", clients=clients)
    assert done.outcome == "new", done


def floor(connection: psycopg.Connection[Any], bill: int) -> tuple[int, int]:
    values = {"bill": bill, "day": DAY}
    for setting in ("enable_nestloop = off", "jit = off", "work_mem = '64MB'"):
        connection.execute(f"SET LOCAL {setting}")
    connection.execute(MATCH, values)
    left = [connection.execute(sql, values).fetchone()[0] for sql in (LEFT_LINES, LEFT_ENTRIES)]  # type: ignore[index]
    return left[0], left[1]


def product() -> tuple[int, int]:
    with db.unit_of_work() as session:
        report = reconcile(session, day=date.fromisoformat(DAY), by_id=None)
    one = next(one for one in report.accounts if (one.kind, one.account) == ("trade", ACCOUNT))
    return one.lines - one.matched, one.entries - one.our_matched


def main(who: str, path: Path) -> None:
    started = time.monotonic()
    if who == "floor":
        url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            bill = import_by_hand(connection, path)
            connection.commit()
            imported = time.monotonic()
            left = floor(connection, bill)
    else:
        db.configure(os.environ["DATABASE_URL"])
        with Flask("benchmark").app_context():
            import_by_product(path)
        imported = time.monotonic()
        left = product()
    ended = time.monotonic()
    figures = {
        "import": imported - started,
        "matching": ended - imported,
        "all": ended - started,
        "cpu": time.process_time(),
        "megabytes": peak_megabytes(),
        "left_lines": left[0],
        "left_entries": left[1],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
