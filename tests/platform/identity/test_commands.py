"""`flask identity …`, and what is forgotten, handed out and erased."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.kit import clock, db
from app.platform.identity import jobs, queries, service
from app.platform.identity.service.hashing import matches
from app.platform.identity.service.passwords import password_for
from tests.visit import APPID, desk, phone


def run(app, *words):
    return app.test_cli_runner().invoke(args=["identity", *words])


def test_grant_works(app, campus):
    assert run(app, "grant", "T0002", "administrator").exit_code == 0
    assert run(app, "grant", "T0006", "team_head", "--team", "T-EAST").exit_code == 0
    with db.unit_of_work() as session:
        assert queries.people_with(session, "identity.manage_roles") == [campus.zheng]
        assert queries.people_with(session, "identity.invite", team_id=campus.team_east) == sorted(
            [campus.zheng, campus.he]
        )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("grant", "nobody", "administrator"), "nobody has the login"),
        (("grant", "T0002", "king"), "没有“king”这个角色"),
        (("grant", "T0006", "team_head", "--team", "WXZX"), "no team with the code"),
        (("grant", "T0006", "team_head", "--team", "T-EAST", "--unit", "WXZX"), "name one of"),
        (("set-password", "T0002", "--password", "short"), "10 到 128"),
    ],
)
def test_mistakes_are_one_sentence(app, campus, words, sentence):
    done = run(app, *words)
    assert done.exit_code == 1
    assert sentence in done.output and "Traceback" not in done.output


def test_set_password_works(app, campus):
    done = run(app, "set-password", "T0002", "--login", "Zheng", "--password", "a lamp of my own")
    assert (done.exit_code, done.output) == (0, "Login: zheng\n")
    with db.unit_of_work() as session:
        stored = password_for(session, "zheng")
    assert stored.person_id == campus.zheng and stored.must_change
    assert matches("a lamp of my own", stored.hash)


def test_a_login_belongs_to_one_person(app, campus):
    run(app, "set-password", "T0002", "--login", "boss", "--password", "a lamp of my own")
    done = run(app, "set-password", "T0001", "--login", "BOSS", "--password", "a lamp of my own")
    assert done.exit_code == 1 and "已经有人用了" in done.output


def test_what_is_long_over_is_forgotten(app, campus, client):
    client.get("/m/login")
    phone(app, openid="o1")
    clock.advance(timedelta(days=60))
    desk(app, campus.zheng)
    jobs.forget_old_sign_ins(clients=None)
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM identity_oauth_states")).scalar() == 0
        assert session.execute(text("SELECT count(*) FROM identity_sessions")).scalar() == 1


def test_an_erased_person_has_no_way_in(app, campus):
    with db.unit_of_work() as session:
        person_id = service.person_for_openid(session, APPID, "o1")
    client = phone(app, person_id)
    with db.unit_of_work() as session:
        assert service.export_person(session, person_id=person_id)["wechat"]["openid"] == "o1"
        service.erase_person(session, by=None, person_id=person_id)
    assert client.get("/api/v1/me").status_code == 401
    with db.unit_of_work() as session:
        assert queries.person_of_openid(session, APPID, "o1") is None
