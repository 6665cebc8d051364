"""The live wall: numbers by college, major, province and hour from one statement, also of 10,000 people."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text

from app.kit import clock, db
from app.welcome.queries.wall import wall
from tests.welcome.reception import make_reception

PAGE = "/desk/welcome/wall"


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


def read(reception, college=None):
    intake = reception.intake
    with db.unit_of_work() as session:
        return wall(session, by=intake.staff(intake.campus.zhao, college=college), season_id=intake.season)


def test_it_works(reception):
    clerk = reception.intake.staff(reception.intake.campus.zhao)
    reception.register(clerk, reception.intake.zhou)
    clock.advance(timedelta(hours=2))
    reception.register(clerk, reception.intake.gao)
    seen = read(reception)
    assert (seen.total.awaited, seen.total.registered, seen.total.rate) == (5, 2, 40.0)
    assert [(one.name, one.registered, one.awaited) for one in seen.colleges] == [
        ("信息学院", 1, 4),
        ("外国语学院", 1, 1),
    ]
    assert ("广东", 1, 2) in [(one.name, one.registered, one.awaited) for one in seen.provinces]
    assert [count for _, count in seen.hours] == [1, 0, 1]


def test_a_college_sees_its_own_numbers_alone(reception):
    seen = read(reception, college=reception.intake.other_college)
    assert (seen.total.awaited, [one.name for one in seen.colleges]) == (1, ["外国语学院"])


def test_the_page_moves(reception):
    desk = reception.desk(reception.intake.campus.zhao, "welcome.counsellor")
    assert '<dd class="num" id="registered">0</dd>' in desk.get(PAGE).text
    reception.register(reception.intake.staff(reception.intake.campus.zhao), reception.intake.zhou)
    assert '<dd class="num" id="registered">1</dd>' in desk.get(PAGE).text


def test_ten_thousand_people_are_one_statement(reception):
    add_crowd(reception)
    statements = []
    listen = lambda *given: statements.append(given[2])  # noqa: E731
    event.listen(db.engine(), "before_cursor_execute", listen)
    try:
        seen = read(reception)
    finally:
        event.remove(db.engine(), "before_cursor_execute", listen)
    assert (seen.total.awaited, seen.total.registered) == (10_005, 3333)
    assert len([one for one in statements if "welcome_admissions" in one]) == 1
    assert len(statements) <= 3
    assert len(seen.majors) == 41 and sum(one.registered for one in seen.provinces) == 3333


CROWD = text(
    """WITH made AS (
        INSERT INTO directory_people (public_id, name, created_at, updated_at)
        SELECT 'per_' || k, '人', :now, :now FROM generate_series(1, 10000) k RETURNING id
    ), people AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM made)
    INSERT INTO welcome_admissions (public_id, season_id, person_id, profile, number_index, number_tail,
        document_index, claim_index, college_id, major, level, region, status, registered_at, imported_at,
        updated_at)
    SELECT 'adm_' || n, :season, id, 'undergraduate', 'n' || n, '0000', 'd' || n, 'c' || n, :college,
        'M' || n % 40, '本科', (11 + n % 50) || '0100',
        CASE WHEN n % 3 = 0 THEN 'registered' ELSE 'admitted' END,
        CASE WHEN n % 3 = 0 THEN CAST(:now AS timestamptz) END, :now, :now
    FROM people"""
)


def add_crowd(reception):
    given = {"season": reception.intake.season, "college": reception.intake.college, "now": clock.now()}
    with db.unit_of_work() as session:
        session.execute(CROWD, given)
