"""Workers of outside firms get in by their team head's invitation."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.kit import clock, db
from app.platform.identity import errors, queries, service
from sandbox.cast import BY_NUMBER
from tests.outside import sign_in_phone
from tests.visit import APPID, csrf, desk

WANG, STRANGER = "W0001", "V0001"


@pytest.fixture
def head(app, campus):
    with db.unit_of_work() as session:
        service.grant_role(
            session,
            by=None,
            person_id=campus.he,
            role="team_head",
            scope_kind="team",
            scope_id=campus.team_east,
        )
    return desk(app, campus.he)


def invite(head, person_id):
    page = head.post("/desk/team/invitations", data={"person_id": person_id}, headers=csrf(head, "desk"))
    assert page.status_code == 200, page.text
    assert "data:image/svg+xml" in page.text
    return re.search(r"/m/invitations/[\w-]{43}", page.text).group()


def accept(client, link):
    token = client.get("/api/v1/me").json["csrf_token"]
    return client.post("/m/invitations", data={"token": link.rsplit("/", 1)[1], "_csrf": token})


def test_it_works(outside, head, campus, client):
    assert "王建国" in head.get("/desk/team/invitations").text
    link = invite(head, campus.wang)
    assert client.get(link).headers["Location"].startswith("/m/login?next=")
    assert sign_in_phone(outside, client, WANG, link) == link
    page = client.get(link).text
    assert "王建国" in page and "东区维修班" in page
    assert accept(client, link).status_code == 302
    with db.unit_of_work() as session:
        assert queries.person_of_openid(session, APPID, BY_NUMBER[WANG].openid) == campus.wang
    assert "已加入" in head.get("/desk/team/invitations").text


def test_it_works_once(outside, head, campus, client, app):
    link = invite(head, campus.wang)
    sign_in_phone(outside, client, WANG)
    accept(client, link)
    other = app.test_client()
    sign_in_phone(outside, other, STRANGER)
    assert other.get(link).status_code == 404
    assert accept(other, link).status_code == 404


def test_a_new_invitation_ends_the_earlier_one(outside, head, campus, client):
    first, second = invite(head, campus.wang), invite(head, campus.wang)
    sign_in_phone(outside, client, WANG)
    assert accept(client, first).status_code == 404
    assert accept(client, second).status_code == 302


def test_an_invitation_lasts_a_day(outside, head, campus, client):
    link = invite(head, campus.wang)
    clock.advance(timedelta(hours=24, seconds=1))
    sign_in_phone(outside, client, WANG)
    answer = accept(client, link)
    assert answer.status_code == 404
    assert "请让班长再发一个" in answer.text


def test_the_head_can_take_it_back(outside, head, campus, client):
    link = invite(head, campus.wang)
    done = head.post(
        "/desk/team/invitations/revoke", data={"person_id": campus.wang}, headers=csrf(head, "desk")
    )
    assert done.status_code == 303
    sign_in_phone(outside, client, WANG)
    assert accept(client, link).status_code == 404


def test_a_worker_without_a_campus_account_may_unbind_after_a_fresh_sign_in(outside, head, campus, client):
    sign_in_phone(outside, client, WANG)
    accept(client, invite(head, campus.wang))
    clock.advance(timedelta(minutes=11))
    token = client.get("/api/v1/me").json["csrf_token"]
    assert client.post("/m/unbind", data={"_csrf": token}).status_code == 403
    assert client.get("/m/unbind/start").headers["Location"] == "/m/login?fresh=1&next=/m/unbind"
    sign_in_phone(outside, client, WANG, "/m/unbind")
    token = client.get("/api/v1/me").json["csrf_token"]
    assert client.post("/m/unbind", data={"_csrf": token}).status_code == 302


@pytest.mark.parametrize("who", ["li", "zhao"])
def test_only_contractors_of_the_own_team_are_invited(head, campus, who):
    answer = head.post(
        "/desk/team/invitations", data={"person_id": getattr(campus, who)}, headers=csrf(head, "desk")
    )
    assert answer.status_code == 403


def test_another_teams_head_may_not_invite(app, campus):
    with db.unit_of_work() as session:
        service.grant_role(
            session,
            by=None,
            person_id=campus.zhao,
            role="team_head",
            scope_kind="team",
            scope_id=campus.team_urgent,
        )
    other = desk(app, campus.zhao)
    assert "王建国" not in other.get("/desk/team/invitations").text
    answer = other.post(
        "/desk/team/invitations", data={"person_id": campus.wang}, headers=csrf(other, "desk")
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("given", ["", "x", "1" * 30, "-1"])
def test_nonsense_is_not_found(head, given):
    answer = head.post("/desk/team/invitations", data={"person_id": given}, headers=csrf(head, "desk"))
    assert answer.status_code == 404


def test_the_database_alone_opens_no_invitation(head, campus):
    link = invite(head, campus.wang)
    with db.unit_of_work() as session:
        kept = session.execute(text("SELECT token_hash FROM identity_invitations")).scalar()
        assert kept not in link and link.rsplit("/", 1)[1] != kept
        with pytest.raises(errors.InvitationGone):
            service.invitation_for(session, kept)
