"""Who may do what, and where: granting, revoking, expansion, and who is found by a permission."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.kit import clock, db
from app.platform.directory import service as directory
from app.platform.identity import errors, queries, service

MANAGE = "identity.manage_roles"
INVITE = "identity.invite"


def grant(person_id, role="administrator", **place):
    with db.unit_of_work() as session:
        return service.grant_role(session, by=None, person_id=person_id, role=role, **place)


def revoke(grant_id):
    with db.unit_of_work() as session:
        service.revoke_role(session, by=None, grant_id=grant_id)


def who(permission, **place):
    with db.unit_of_work() as session:
        return queries.people_with(session, permission, **place)


def test_it_works(campus):
    grant(campus.zheng)
    assert who(MANAGE) == [campus.zheng]
    with db.unit_of_work() as session:
        grants = queries.grants_of(session, campus.zheng)
        assert {g.permission for g in grants} >= {MANAGE, INVITE, "portal.manage"}
        assert {g.scope_kind for g in grants} == {"all"}
        actions = session.execute(text("SELECT action, object_id FROM audit_entries")).all()
    assert ("grant_role", str(campus.zheng)) in actions


def test_a_grant_holds_at_its_place_only(campus):
    grant(campus.he, "team_head", scope_kind="team", scope_id=campus.team_east)
    assert who(INVITE, team_id=campus.team_east) == [campus.he]
    assert who(INVITE, team_id=campus.team_urgent) == []
    assert who(INVITE, team_id=campus.team_urgent, unit_id=campus.unit) == []
    assert who(INVITE) == [campus.he]
    assert who(MANAGE) == []


def test_a_grant_for_everything_holds_everywhere(campus):
    grant(campus.zheng)
    assert who(INVITE, team_id=campus.team_urgent) == [campus.zheng]


def test_the_same_role_twice_is_one_grant(campus):
    assert grant(campus.zheng) == grant(campus.zheng)
    ends_at = clock.now() + timedelta(days=1)
    with db.unit_of_work() as session:
        service.grant_role(session, by=None, person_id=campus.zheng, role="administrator", ends_at=ends_at)
    clock.advance(timedelta(days=1))
    assert who(MANAGE) == []


def test_a_revoked_role_is_gone_at_once(campus):
    grant(campus.zheng)
    grant_id = grant(campus.zhao)
    revoke(grant_id)
    assert who(MANAGE) == [campus.zheng]
    with pytest.raises(errors.RoleNotHeld):
        revoke(grant_id)


def test_a_revoked_role_can_be_granted_again(campus):
    grant(campus.zheng)
    revoke(grant(campus.zhao))
    grant(campus.zhao)
    assert who(MANAGE) == sorted([campus.zheng, campus.zhao])


def test_the_last_administrator_stays(campus):
    grant_id = grant(campus.zheng)
    with pytest.raises(errors.LastAdministrator):
        revoke(grant_id)


def test_who_has_left_holds_nothing(campus):
    grant(campus.zhao)
    with db.unit_of_work() as session:
        directory.leave(session, by=None, person_id=campus.zhao)
    assert who(MANAGE) == []
    with db.unit_of_work() as session:
        assert queries.grants_of(session, campus.zhao) == ()


@pytest.mark.parametrize(
    ("error", "given"),
    [
        (errors.UnknownRole, {"role": "king"}),
        (errors.ScopeNotAllowed, {"scope_kind": "team", "scope_id": 1}),
        (errors.ScopeNotAllowed, {"role": "team_head"}),
        (errors.ScopeNotAllowed, {"role": "team_head", "scope_kind": "team"}),
        (errors.BadPeriod, {"ends_at": clock.start_of_day(clock.today()) - timedelta(days=3650)}),
    ],
)
def test_impossible_grants_are_refused(campus, error, given):
    with pytest.raises(error):
        grant(campus.zhao, **given)
