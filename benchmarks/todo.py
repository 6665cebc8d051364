"""The to-do list of a person among a million tasks: the query, and the page over HTTP."""

import time

import psycopg
from sqlalchemy import make_url

from benchmarks import load
from benchmarks.report import heading, line
from tests.chaos.stage import Stage, session_headers

TASKS, CASES, OPEN = 1_000_000, 250_000, 200
FILL = """
INSERT INTO approvals_definitions (code, version, title, status, body, sha256, made_at, published_at)
VALUES ('bench', 1, '测', 'published', %(body)s, 'bench', now(), now());
INSERT INTO approvals_cases (public_id, definition_id, sha256, code, module, business_id, title, starter_id, status, form,
                             picks, fresh_from, lines, started_at, ended_at)
SELECT 'apc_bench' || n, (SELECT max(id) FROM approvals_definitions), 'bench', 'bench', 'bench', n::text,
       '请假 ' || n, (SELECT min(id) FROM directory_people) + n %% 20,
       CASE WHEN n %% 100 < 3 THEN 'running' ELSE 'approved' END, '{}', '{}', 1, 4, now() - n * interval '1 minute',
       CASE WHEN n %% 100 < 3 THEN NULL ELSE now() END
  FROM generate_series(1, %(cases)s) AS n;
INSERT INTO approvals_visits (case_id, node, round, "order", status, joined, entered_at, left_at)
SELECT id, 'first', 1, 1, CASE WHEN status = 'running' THEN 'live' ELSE 'done' END, '[]', started_at, ended_at
  FROM approvals_cases WHERE module = 'bench';
INSERT INTO approvals_tasks (case_id, seq, node, round, kind, person_id, status, weight, outcome, done_by_id, opened_at,
                             ended_at)
SELECT c.id, k, 'first', 1, CASE WHEN k = 4 THEN 'cc' ELSE 'approve' END,
       (SELECT min(id) FROM directory_people) + (c.id * 7 + k) %% 20,
       CASE WHEN k = 4 THEN 'given' WHEN c.status = 'running' AND k = 1 THEN 'live' ELSE 'done' END, 1,
       CASE WHEN k < 4 AND NOT (c.status = 'running' AND k = 1) THEN 'approved' END,
       CASE WHEN k < 4 AND NOT (c.status = 'running' AND k = 1) THEN (SELECT min(id) FROM directory_people) + k END,
       c.started_at, CASE WHEN k < 4 THEN c.ended_at END
  FROM approvals_cases c, generate_series(1, 4) AS k WHERE c.module = 'bench';
ANALYZE approvals_cases; ANALYZE approvals_tasks; ANALYZE approvals_visits;
"""


def main() -> bool:
    heading(f"To-do lists among {TASKS:,} tasks")
    with Stage() as stage:
        seeded = stage.seed("20", "1")
        person = _fill(stage)
        print(f"the person has {person[1]} open tasks")
        stage.web(workers=2)
        phone = session_headers(seeded.students[0])
        held = []
        for path, name in (
            ("/m/approvals/", "to do"),
            ("/m/approvals/?tab=done", "done"),
            ("/m/approvals/?tab=copied", "copied"),
            ("/m/approvals/?q=12", "to do, searched"),
        ):
            request = load.prepare("GET", path, phone)
            load.run(stage.port, [request] * 8, connections=1).expect(200)
            result = load.run(stage.port, [request] * 200, connections=2).expect(200)
            held.append(line(f"{name}: p95 of the page", result.percentile(0.95), "ms", most=100))
        return all(held)


def _fill(stage: Stage) -> tuple[int, int]:
    """The tasks; the first student of the stage gets OPEN more that wait for him."""
    url = make_url(stage.environment["MIGRATION_DATABASE_URL"]).set(drivername="postgresql")
    started = time.monotonic()
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        body = '{"title": "测", "nodes": []}'
        connection.cursor().execute(_inlined(FILL, body))
        student = connection.execute(
            "SELECT person_id FROM identity_sessions WHERE surface = 'phone' ORDER BY id LIMIT 1"
        ).fetchone()
        assert student is not None
        connection.execute(
            "UPDATE approvals_tasks SET person_id = %s WHERE id IN"
            " (SELECT id FROM approvals_tasks WHERE status = 'live' ORDER BY id LIMIT %s)",
            (student[0], OPEN),
        )
        count = connection.execute(
            "SELECT count(*) FROM approvals_tasks WHERE status = 'live' AND person_id = %s", student
        ).fetchone()
        assert count is not None
    print(f"filled in {time.monotonic() - started:.0f} s")
    return student[0], count[0]


def _inlined(sql: str, body: str) -> str:
    """Several statements in one go take no parameters."""
    return sql % {"body": f"'{body}'", "cases": CASES}
