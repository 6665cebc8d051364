"""A WeChat account is bound to a campus identity through the single sign-on, over real HTTP."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.kit import clock, db, outbox
from app.kit.module import InTransaction, Module, Registry
from app.miniapps.leave.models import Guardian
from app.platform.directory import service as directory
from app.platform.identity import events, queries, service
from sandbox.cast import BY_NUMBER
from tests.outside import sign_in_phone
from tests.visit import APPID

LI, CHEN, STRANGER = "2023010101", "2023010102", "V0001"


@pytest.fixture
def heard(app):
    """What was told about links and unlinks."""
    told, real = [], app.extensions["registry"]

    def on_linked(session, event):
        told.append(event)

    def on_unlinked(session, event):
        told.append(event)

    ours = Module(
        key="test",
        title="",
        subscriptions=(
            InTransaction(events.PersonLinked, on_linked),
            InTransaction(events.PersonUnlinked, on_unlinked),
        ),
    )
    outbox.load_registry(Registry((*real.modules, ours)))
    yield told
    outbox.load_registry(real)


def drain():
    outbox.drain(clients=None, seconds=5)


def token(client):
    return client.get("/api/v1/me").json["csrf_token"]


def person_behind(number):
    with db.unit_of_work() as session:
        return queries.person_of_openid(session, APPID, BY_NUMBER[number].openid)


def come_back_from_sso(outside, client, number, start="/m/bind/start"):
    left = client.get(start)
    return client.get(outside.cas_sign_in(left.headers["Location"], number))


def bind(outside, client, number, **form):
    come_back_from_sso(outside, client, number)
    return client.post("/m/bind/confirm", data={"_csrf": token(client), **form})


def test_it_works(outside, campus, client, heard):
    sign_in_phone(outside, client, STRANGER)
    visitor = person_behind(STRANGER)
    back = come_back_from_sso(outside, client, LI, "/m/bind/start?next=/m/repairs/new")
    assert back.headers["Location"] == "/m/bind/confirm"
    assert "李一鸣" in client.get("/m/bind/confirm").text
    assert person_behind(STRANGER) == visitor
    before = client.get_cookie("wl_m_8000").value
    done = client.post("/m/bind/confirm", data={"_csrf": token(client)})
    assert done.headers["Location"] == "/m/repairs/new"
    assert client.get_cookie("wl_m_8000").value != before
    assert person_behind(STRANGER) == campus.li
    me = client.get("/api/v1/me").json
    assert me["person"]["number"] == LI
    drain()
    assert [type(event) for event in heard] == [events.PersonLinked]
    assert (heard[0].person_id, heard[0].visitor_id) == (campus.li, visitor)


def test_the_other_wechat_is_asked_about_and_told(outside, campus, app, client, heard):
    first = app.test_client()
    sign_in_phone(outside, first, LI)
    assert bind(outside, first, LI).status_code == 302
    sign_in_phone(outside, client, STRANGER)
    come_back_from_sso(outside, client, LI)
    assert "另一个微信" in client.get("/m/bind/confirm").text
    refused = client.post("/m/bind/confirm", data={"_csrf": token(client)})
    assert refused.status_code == 409
    assert person_behind(LI) == campus.li
    assert client.post("/m/bind/confirm", data={"_csrf": token(client), "replace": "1"}).status_code == 302
    assert person_behind(STRANGER) == campus.li
    assert person_behind(LI) != campus.li
    assert first.get("/api/v1/me").status_code == 401
    drain()
    gone = [event for event in heard if isinstance(event, events.PersonUnlinked)]
    assert [(one.person_id, one.visitor_id, one.reason) for one in gone] == [
        (campus.li, person_behind(LI), "replaced")
    ]


def test_a_bound_wechat_must_be_unbound_first(outside, campus, client):
    sign_in_phone(outside, client, LI)
    bind(outside, client, LI)
    assert bind(outside, client, CHEN).status_code == 409
    assert person_behind(LI) == campus.li


def test_who_is_not_in_the_directory_is_told(outside, app, client):
    sign_in_phone(outside, client, LI)
    come_back_from_sso(outside, client, LI)
    answer = client.get("/m/bind/confirm")
    assert answer.status_code == 403
    assert "校园名册里还没有您" in answer.text


def test_a_graduate_goes_on_as_a_visitor(outside, campus, client):
    with db.unit_of_work() as session:
        directory.leave(session, by=None, person_id=campus.li)
    sign_in_phone(outside, client, LI)
    come_back_from_sso(outside, client, LI)
    assert "学籍或任职已经结束" in client.get("/m/bind/confirm").text
    answer = client.post("/m/bind/confirm", data={"_csrf": token(client)})
    assert answer.status_code == 403
    assert person_behind(LI) != campus.li


def test_a_ticket_nobody_asked_for_binds_nothing(outside, campus, client):
    sign_in_phone(outside, client, STRANGER)
    service_url = "http://127.0.0.1:8000/m/bind/callback"
    stolen = outside.cas_sign_in(f"{outside.url}/cas/login?service={service_url}", LI)
    assert client.get(stolen).status_code == 409
    assert client.get("/m/bind/confirm").headers["Location"] == "/m/bind"


def test_a_ticket_works_once(outside, campus, client):
    sign_in_phone(outside, client, LI)
    left = client.get("/m/bind/start")
    back = outside.cas_sign_in(left.headers["Location"], LI)
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 409


def unbind(client):
    return client.post("/m/unbind", data={"_csrf": token(client)})


def test_unbinding_needs_a_fresh_proof(outside, campus, client, heard):
    sign_in_phone(outside, client, LI)
    bind(outside, client, LI)
    clock.advance(timedelta(minutes=11))
    assert "验证身份后解除" in client.get("/m/unbind").text
    assert unbind(client).status_code == 403
    left = client.get("/m/unbind/start")
    assert left.headers["Location"].endswith("&renew=true")
    other = client.get(outside.cas_sign_in(left.headers["Location"], CHEN))
    assert other.status_code == 403
    assert unbind(client).status_code == 403
    left = client.get("/m/unbind/start")
    client.get(outside.cas_sign_in(left.headers["Location"], LI))
    assert unbind(client).headers["Location"] == "/m/bind"
    assert person_behind(LI) != campus.li
    assert client.get("/api/v1/me").json["person"]["is_visitor"] is True
    drain()
    assert heard[-1].reason == "asked"


def test_a_visitor_has_nothing_to_unbind(outside, client):
    sign_in_phone(outside, client, STRANGER)
    assert client.get("/m/unbind").status_code == 409
    assert unbind(client).status_code == 409


def test_leavers_lose_their_roles_but_stay_signed_in(app, campus):
    with db.unit_of_work() as session:
        service.grant_role(session, by=None, person_id=campus.zhao, role="administrator")
        new = service.open_session(session, person_id=campus.zhao, surface="desk")
    client = app.test_client()
    client.set_cookie("wl_d_8000", new.token)
    assert client.get("/api/v1/me").json["grants"] != []
    with db.unit_of_work() as session:
        directory.leave(session, by=None, person_id=campus.zhao)
    assert client.get("/api/v1/me").json["grants"] == []


def test_the_visitors_rows_are_merged_everywhere(outside, campus, client):
    sign_in_phone(outside, client, STRANGER)
    visitor = person_behind(STRANGER)
    bind(outside, client, LI)
    with db.unit_of_work() as session:
        merged = session.execute(
            text("SELECT merged_into_id FROM directory_people WHERE id = :id"), {"id": visitor}
        ).scalar()
        left = session.execute(select(text("count(*)")).select_from(text("identity_sessions"))).scalar()
        theirs = session.execute(
            text("SELECT count(*) FROM identity_sessions WHERE person_id = :id"), {"id": visitor}
        ).scalar()
    assert merged == campus.li
    assert left >= 2 and theirs == 0


def test_a_visitor_with_data_in_a_module_that_does_not_run_is_not_merged(outside, campus, client, app):
    sign_in_phone(outside, client, STRANGER)
    visitor, real = person_behind(STRANGER), app.extensions["registry"]
    with db.unit_of_work() as session:
        session.add(Guardian(person_id=visitor, relation="mother", phone="10000000009", given_at=clock.now()))
    queries.load_registry(replace(real, left_out=("leave",)))
    try:
        refused = bind(outside, client, LI)
        assert refused.status_code == 503
        assert person_behind(STRANGER) == visitor
    finally:
        queries.load_registry(real)
    bind(outside, client, LI)
    assert person_behind(STRANGER) == campus.li
