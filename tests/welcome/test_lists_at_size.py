"""The desk's lists on 10,000 freshmen: what a page or a scan asks for goes by an index, never through the table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from app.kit import db
from app.welcome.queries import absent, check_in, claims, fees, moderation
from app.welcome.queries.admissions import admission_of

ROWS, FEW = 10_000, 1_000
BIG = {
    "welcome_admissions",
    "directory_people",
    "welcome_contact_attempts",
}
FILL = f"""
INSERT INTO directory_org_units (code, name, kind, is_active)
  SELECT 'BIG' || n, '学院' || n, 'college', true FROM generate_series(0, 9) n;
INSERT INTO directory_people (public_id, name, name_en, gender, created_at, updated_at)
  SELECT 'per_big_' || n, (ARRAY['赵','钱','孙','李','周'])[1 + n % 5] || '生' || n, 'Wang ' || n, 'female', now(), now()
  FROM generate_series(1, {ROWS}) n;
INSERT INTO welcome_admissions (public_id, season_id, person_id, profile, number_index, number_tail, document_index,
  claim_index, letter_index, college_id, major, level, region, status, claimed_at, imported_at, updated_at)
  SELECT 'adm_big_' || n, :season, p.id, 'undergraduate', md5('n' || n), lpad(n::text, 4, '0'), md5('d' || n),
    md5('c' || n), md5('l' || n), u.id, '软件工程', '本科', '440100', 'admitted', now(), now(), now()
  FROM generate_series(1, {ROWS}) n JOIN directory_people p ON p.public_id = 'per_big_' || n
  JOIN directory_org_units u ON u.code = 'BIG' || n % 10;
INSERT INTO welcome_contact_attempts (admission_id, outcome, note, at, by_id)
  SELECT id, 'no_answer', '', now(), person_id FROM welcome_admissions
"""


@pytest.fixture
def crowd(intake, _administrator):
    with db.unit_of_work() as session:
        for statement in FILL.split(";\n"):
            session.execute(text(statement), {"season": intake.season})
    _administrator.execute("ANALYZE")  # the application's role may not: its tables are the owner's
    return intake


@contextmanager
def statements(session: Any) -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        sent.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def walked(plan: dict[str, Any]) -> set[str]:
    """The big tables of which a plan touched more than FEW rows, by whichever way."""
    counted = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    touched = sum(plan.get(name, 0) for name in counted) * plan["Actual Loops"]
    found = {plan["Relation Name"]} & BIG if touched > FEW and "Relation Name" in plan else set()
    return found.union(*(walked(below) for below in plan.get("Plans", ())))


def through(ask) -> dict[str, set[str]]:
    """Statements of `ask(session)` that touch too much of a big table."""
    with db.unit_of_work() as session:
        with statements(session) as sent:
            ask(session)
        cursor = session.connection().connection.cursor()
        found = {}
        for statement, parameters in sent:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, parameters)
                if tables := walked(cursor.fetchone()[0][0]["Plan"]):
                    found[statement] = tables
        assert sent, "nothing was asked"
        return found


SEARCHES = {
    "tail": "4711",
    "name": "赵生15",
    "English name": "wang 15",
    "code": "adm_big_77",
    "number": "26440100000001",
    "document": "44010020080101002X",
}


@pytest.mark.parametrize("words", SEARCHES.values(), ids=SEARCHES)
def test_the_desk_finds_somebody_by_an_index(crowd, words):
    by = crowd.staff(crowd.campus.zheng)
    assert through(lambda session: check_in.found_by(session, by, words)) == {}


def test_the_tail_finds_the_right_one(crowd):
    with db.unit_of_work() as session:
        found = check_in.found_by(session, crowd.staff(crowd.campus.zheng), "4711")
    assert [one["id"] for one in found] == ["adm_big_4711"]


@pytest.mark.parametrize("college", [False, True], ids=["all", "one college"])
def test_the_work_list_pages_by_an_index(crowd, college):
    by = crowd.staff(crowd.campus.zheng)
    with db.unit_of_work() as session:
        unit = session.scalar(text("SELECT id FROM directory_org_units WHERE code = 'BIG3'"))
        page = absent.absent(session, by, limit=50)
    given = {"college_id": unit} if college else {}
    for cursor in (None, page.next_cursor):
        assert through(lambda session, at=cursor: absent.absent(session, by, cursor=at, **given)) == {}


def test_what_waits_at_the_desk_is_counted_by_an_index(crowd):
    by = crowd.staff(crowd.campus.zheng)
    assert through(lambda session: claims.open_disputes(session, by)) == {}
    assert through(lambda session: fees.deferrals(session, by, decided=False, cursor=None)) == {}
    assert through(lambda session: moderation.waiting(session, by)) == {}


def test_a_freshmans_own_pages_go_by_an_index(crowd):
    with db.unit_of_work() as session:
        admission = admission_of(session, crowd.zhou)
    assert through(lambda session: admission_of(session, crowd.zhou)) == {}
    assert through(lambda session: fees.fees_of(session, admission)) == {}
    assert through(lambda session: claims.guardians_of(session, crowd.zhou)) == {}


def test_a_walk_through_a_table_is_found(crowd):
    """The check itself bites."""
    asked = text("SELECT id FROM welcome_admissions WHERE major_en = 'x'")
    assert list(through(lambda session: session.execute(asked)).values()) == [{"welcome_admissions"}]
