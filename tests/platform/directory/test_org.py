"""Directory: units, teams, their members and heads."""

import pytest

from app.kit import db
from app.platform.directory import queries, service
from app.platform.directory.errors import OrgUnitNotFound, WrongParent


@pytest.fixture
def session(campus):
    with db.unit_of_work() as opened:
        yield opened


def test_it_works(campus, session):
    assert [unit.name for unit in queries.units(session)] == ["维修中心"]
    assert [team.id for team in queries.teams(session, campus.unit)] == [campus.team_east, campus.team_urgent]
    assert [p.id for p in queries.team_members(session, campus.team_east)] == [
        campus.he,
        campus.wang,
        campus.liu,
    ]
    assert queries.team_head(session, campus.team_east).id == campus.he
    assert queries.team_head(session, campus.team_urgent) is None
    assert [(t.id, t.unit_id) for t in queries.teams_of(session, campus.wang)] == [
        (campus.team_east, campus.unit)
    ]
    assert queries.teams_of(session, campus.zhao) == []


def test_the_tree_is_walked_up_and_down(campus, session):
    school = service.add_org_unit(session, by=None, code="U", name="微生活大学", kind="school")
    college = service.add_org_unit(
        session, by=None, code="CS", name="计算机学院", kind="college", parent_id=school
    )
    klass = service.add_org_unit(
        session, by=None, code="CS2301", name="计科2301", kind="class", parent_id=college
    )
    assert [unit.name for unit in queries.org_path(session, klass)] == [
        "微生活大学",
        "计算机学院",
        "计科2301",
    ]
    assert [unit.id for unit in queries.children_of(session, school)] == [college]
    assert {unit.id for unit in queries.children_of(session, None)} == {school, campus.unit}
    assert queries.ids_below(session, school) == {school, college, klass}


def test_a_team_stands_under_a_unit(campus, session):
    with pytest.raises(WrongParent):
        service.add_org_unit(session, by=None, code="T9", name="散兵", kind="team")
    with pytest.raises(WrongParent):
        service.add_org_unit(
            session, by=None, code="T9", name="散兵", kind="team", parent_id=campus.team_east
        )


def test_a_closed_team_is_offered_no_more(campus, session):
    service.close_org_unit(session, by=None, unit_id=campus.team_urgent)
    assert [team.id for team in queries.teams(session)] == [campus.team_east]
    assert queries.unit(session, campus.team_urgent).is_active is False
    with pytest.raises(OrgUnitNotFound):
        queries.unit(session, 999_999)


def test_a_post_passes_on(campus, session):
    (post,) = queries.posts_of(session, campus.he)
    assert (post.post, post.org_unit_id) == ("head", campus.team_east)
    service.leave(session, by=None, person_id=campus.he)
    service.appoint(session, by=None, person_id=campus.liu, org_unit_id=campus.team_east, post="head")
    assert queries.team_head(session, campus.team_east).id == campus.liu
