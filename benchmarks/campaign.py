"""A campaign that asks 20,000 students: the pages of the office, and of a student who is asked."""

import psycopg
from sqlalchemy import make_url

from benchmarks import load
from benchmarks.report import heading, line
from tests.chaos.clients import ask
from tests.chaos.stage import Seeded, Stage, session_headers

COLLEGES, CLASSES, STUDENTS = 20, 600, 20_000
CAMPAIGN = "lvc_bench"
FILL = f"""
INSERT INTO directory_org_units (code, name, kind, is_active)
SELECT 'BC' || n, '测试学院' || n, 'college', true FROM generate_series(1, {COLLEGES}) AS n;
INSERT INTO directory_org_units (parent_id, code, name, kind, is_active)
SELECT (SELECT id FROM directory_org_units WHERE code = 'BC' || (1 + n % {COLLEGES})), 'BK' || n, '测试' || n || '班',
       'class', true
  FROM generate_series(1, {CLASSES}) AS n;
INSERT INTO directory_people (public_id, name, number, created_at, updated_at)
SELECT 'per_bench' || n, '学生' || n, 'B' || n, now(), now() FROM generate_series(1, {STUDENTS}) AS n;
INSERT INTO directory_affiliations (person_id, kind, org_unit_id, number, starts_on)
SELECT p.id, 'student', u.id, p.number, current_date - 100
  FROM directory_people p
  JOIN directory_org_units u ON u.code = 'BK' || (1 + substr(p.number, 2)::int % {CLASSES})
 WHERE p.public_id LIKE 'per\\_bench%';
INSERT INTO leave_campaigns (public_id, kind, title, note, starts_on, ends_on, deadline, is_for_all, opened_by_id,
                             opened_at)
SELECT '{CAMPAIGN}', 'stay', '寒假留校', '', current_date + 30, current_date + 60, now() + interval '9 days', true,
       min(id), now()
  FROM directory_people;
INSERT INTO leave_answers (public_id, campaign_id, person_id, whereto, city, leaves_at, returns_at, stay_reason,
                           stay_from, stay_until, state, answered_at, changed_at)
SELECT 'lva_bench' || p.id, c.id, p.id, w.whereto, '', s.leaves, s.returns,
       CASE w.whereto WHEN 'stay' THEN 'study' END, CASE w.whereto WHEN 'stay' THEN c.starts_on END,
       CASE w.whereto WHEN 'stay' THEN c.ends_on END,
       CASE WHEN w.whereto <> 'stay' THEN 'given' WHEN p.id % 4 = 0 THEN 'waiting' ELSE 'confirmed' END, now(), now()
  FROM directory_people p
 CROSS JOIN leave_campaigns c
 CROSS JOIN LATERAL (SELECT CASE WHEN p.id % 5 = 0 THEN 'stay' ELSE 'home' END AS whereto) w
 CROSS JOIN LATERAL (SELECT CASE w.whereto WHEN 'home' THEN now() + interval '30 days' END AS leaves,
                            CASE w.whereto WHEN 'home' THEN now() + interval '60 days' END AS returns) s
 WHERE p.public_id LIKE 'per\\_bench%' AND p.id % 4 <> 1;
INSERT INTO identity_role_grants (person_id, role, scope_kind, starts_at)
SELECT person_id, 'leave.office', 'all', now() - interval '1 day' FROM identity_sessions WHERE surface = 'desk';
ANALYZE;
"""
PAGES = (
    ("", "how many, by college"),
    ("?college={college}", "by class of a college"),
    ("/chase", "who is missing, of all"),
    ("/chase?unit={college}", "who is missing, of a college"),
    ("/answers", "answers"),
    ("/answers?state=waiting", "answers that wait"),
)


def main() -> bool:
    heading(f"A campaign among {STUDENTS:,} students in {CLASSES} classes")
    with Stage() as stage:
        seeded = stage.seed("20", "1")
        college = _fill(stage)
        stage.web(workers=2)
        return all([*_of_the_office(stage, seeded, college), _of_a_student(stage, seeded)])


def _of_the_office(stage: Stage, seeded: Seeded, college: int) -> list[bool]:
    desk = session_headers(seeded.dispatchers[0], "desk")
    held = []
    for path, name in PAGES:
        url = f"/desk/leave/campaigns/{CAMPAIGN}{path.format(college=college)}"
        held.append(_page(stage, load.prepare("GET", url, desk), name, most=500))
    made = ask(stage.base, "GET", f"/desk/leave/campaigns/{CAMPAIGN}/answers.xlsx", desk)
    assert made.is_done, made
    held.append(line("the list as a workbook", made.seconds, "s", most=10))
    return held


def _of_a_student(stage: Stage, seeded: Seeded) -> bool:
    phone = session_headers(seeded.students[0])
    return _page(stage, load.prepare("GET", "/m/leave/", phone), "a student's page", most=200)


def _page(stage: Stage, request: bytes, name: str, *, most: float) -> bool:
    load.run(stage.port, [request] * 8, connections=1).expect(200)
    result = load.run(stage.port, [request] * 60, connections=2).expect(200)
    return line(f"{name}: p95, two at a time", result.percentile(0.95), "ms", most=most)


def _fill(stage: Stage) -> int:
    """The id of one of the colleges."""
    url = make_url(stage.environment["MIGRATION_DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(FILL)
        found = connection.execute("SELECT id FROM directory_org_units WHERE code = 'BC1'").fetchone()
    assert found is not None
    return int(found[0])
