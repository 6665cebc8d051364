"""A chain of three approvals written by hand on psycopg: no ORM, no engine, no errors."""

import time

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb
from sqlalchemy import make_url

from app.kit import clock, ids

POSTS = ("counsellor", "dean", "office")

LOCK = """
SELECT c.id, c.public_id, c.starter_id, c.lines, t.seq, t.node, t.person_id, t.status
  FROM approvals_tasks t JOIN approvals_cases c ON c.id = t.case_id WHERE t.id = %s FOR UPDATE OF c"""
NEXT = """
WITH RECURSIVE up AS (
  SELECT u.id, u.parent_id, 0 AS depth FROM directory_org_units u
    JOIN directory_affiliations a ON a.org_unit_id = u.id
   WHERE a.person_id = %(person)s AND a.starts_on <= %(day)s AND (a.ends_on IS NULL OR a.ends_on > %(day)s)
  UNION ALL SELECT u.id, u.parent_id, up.depth + 1 FROM directory_org_units u JOIN up ON u.id = up.parent_id)
SELECT p.person_id FROM directory_posts p JOIN up ON up.id = p.org_unit_id
 WHERE p.post = %(post)s AND p.starts_on <= %(day)s AND (p.ends_on IS NULL OR p.ends_on > %(day)s)
   AND EXISTS (SELECT FROM directory_affiliations a WHERE a.person_id = p.person_id AND a.kind <> 'visitor'
                AND a.starts_on <= %(day)s AND (a.ends_on IS NULL OR a.ends_on > %(day)s))
 ORDER BY up.depth, p.starts_on, p.id"""
DONE = """
UPDATE approvals_tasks SET status = 'done', outcome = 'approved', done_by_id = %s, ended_at = %s
 WHERE case_id = %s AND seq = %s AND status = 'live'"""
LEFT = """
UPDATE approvals_visits SET status = 'done', outcome = 'passed', left_at = %s WHERE case_id = %s AND node = %s"""
VISIT = """
INSERT INTO approvals_visits (case_id, node, round, "order", status, joined, entered_at)
VALUES (%s, %s, 1, %s, 'live', '[]', %s)"""
TASK = """
INSERT INTO approvals_tasks (case_id, seq, node, round, kind, person_id, status, weight, opened_at)
VALUES (%s, %s, %s, 1, 'approve', %s, 'live', 1, %s)"""
LOG = """
INSERT INTO approvals_log (case_id, seq, at, kind, node, round, task, person_id, actor_id, data)
VALUES (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s), (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s),
       (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s), (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s)"""
CASE = "UPDATE approvals_cases SET lines = %s WHERE id = %s"
OUTBOX = """
INSERT INTO outbox_deliveries (event, subscriber, payload, status, attempts, fence, created_at, due_at)
VALUES ('CaseMoved', 'approvals.on_case_moved', %s, 'done', 0, 0, %s, %s)"""
AUDIT = """
INSERT INTO audit_entries (at, actor_person_id, surface, action, object_type, object_id, fields)
VALUES (%s, %s, 'phone', 'approvals.approve', 'approvals.case', %s, '{}')"""
START = """
INSERT INTO approvals_cases (public_id, definition_id, sha256, code, module, business_id, title, starter_id, status,
                             form, picks, fresh_from, lines, started_at)
SELECT %s, d.id, d.sha256, d.code, 'floor', %s, 'x', %s, 'running', '{}', '{}', 1, 3, %s
  FROM approvals_definitions d WHERE d.code = 'bench' RETURNING id"""
FIRST = "SELECT id FROM approvals_tasks WHERE case_id = %s AND status = 'live'"


class Floor:
    def __init__(self, url: str, starter: int, holders: list[int]) -> None:
        dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection = psycopg.connect(dsn, row_factory=namedtuple_row)
        self.connection.prepare_threshold = 0
        self.starter, self.holders = starter, holders

    def case(self, number: int) -> tuple[float, float]:
        """(CPU, wall) seconds of one step, of the first two of a case."""
        cursor, now = self.connection.cursor(), clock.now()
        case = cursor.execute(START, (ids.public_id("apc"), str(number), self.starter, now)).fetchone()[0]
        cursor.execute(VISIT, (case, POSTS[0], 1, now))
        cursor.execute(TASK, (case, 1, POSTS[0], self.holders[0], now))
        self.connection.commit()
        cpu = wall = 0.0
        for at in range(2):
            task = cursor.execute(FIRST, (case,)).fetchone()[0]
            self.connection.commit()
            began, started = time.perf_counter(), time.process_time()
            self.step(cursor, task, at)
            cpu += time.process_time() - started
            wall += time.perf_counter() - began
        return cpu / 2, wall / 2

    def step(self, cursor: psycopg.Cursor, task: int, at: int) -> None:
        now, day, by = clock.now(), clock.today(), self.holders[at]
        row = cursor.execute(LOCK, (task,)).fetchone()
        assert row.person_id == by
        assert row.status == "live"
        post = POSTS[at + 1]
        found = cursor.execute(NEXT, {"person": row.starter_id, "post": post, "day": day}).fetchall()
        cursor.execute(DONE, (by, now, row.id, row.seq))
        assert cursor.rowcount == 1
        cursor.execute(LEFT, (now, row.id, row.node))
        cursor.execute(VISIT, (row.id, post, at + 2, now))
        cursor.execute(TASK, (row.id, row.seq + 1, post, found[0].person_id, now))
        seq, said = row.lines + 1, Jsonb({"outcome": "approved"})
        cursor.execute(
            LOG,
            (
                *(row.id, seq, now, "decided", row.node, row.seq, by, by, said),
                *(row.id, seq + 1, now, "left", row.node, None, None, by, said),
                *(row.id, seq + 2, now, "entered", post, None, None, by, Jsonb({})),
                *(
                    row.id,
                    seq + 3,
                    now,
                    "asked",
                    post,
                    row.seq + 1,
                    found[0].person_id,
                    by,
                    Jsonb({"kind": "approve"}),
                ),
            ),
        )
        cursor.execute(CASE, (row.lines + 4, row.id))
        cursor.execute(OUTBOX, (Jsonb({"case_id": row.id, "first": seq, "last": seq + 3}), now, now))
        cursor.execute(AUDIT, (now, by, row.public_id))
        self.connection.commit()
