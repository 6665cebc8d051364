"""The green channel: asked on the phone, decided by the aid office, labelled nowhere."""

import pytest
from sqlalchemy import select

from app.kit import db, outbox
from app.platform.identity import service as identity
from app.platform.notifications.models import Message
from app.welcome.models import Deferral
from tests import visit
from tests.welcome.test_fees import PAGE, fees  # noqa: F401

DESK = "/desk/welcome/aid/"


@pytest.fixture
def office(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=intake.campus.he,
            role="welcome.aid",
            scope_kind="unit",
            scope_id=intake.college,
        )
    return visit.desk(app, intake.campus.he)


def ask(client, once="one", **given):
    form = {"statement": "家里遭了灾"} | given
    headers = visit.csrf(client) | {"Idempotency-Key": once}
    return client.post(f"{PAGE}deferral", data=form, headers=headers)


def public_id() -> str:
    with db.unit_of_work() as session:
        return session.scalars(select(Deferral.public_id).order_by(Deferral.id.desc()).limit(1)).one()


def decide(client, deed, **form):
    path = f"{DESK}{public_id()}/{deed}"
    return client.post(path, data=form, headers=visit.csrf(client, "desk")).status_code


def test_it_works(app, intake, zhou, fees, office):  # noqa: F811
    assert ask(zhou).status_code == 303
    assert "等待审核" in zhou.get(PAGE).text
    assert "周雨桐" in office.get(DESK).text and "遭了灾" not in office.get(DESK).text
    assert "遭了灾" in office.get(f"{DESK}{public_id()}").text
    assert (decide(office, "grant"), decide(office, "grant")) == (303, 409)
    assert "已缓交" in zhou.get(PAGE).text
    with app.app_context():
        outbox.drain(clients=app.extensions["clients"], seconds=10)
    with db.unit_of_work() as session:
        told = set(
            session.execute(
                select(Message.person_id, Message.kind).where(Message.kind.like("welcome.deferral%"))
            ).all()
        )
    assert {tuple(row) for row in told} == {
        (intake.campus.he, "welcome.deferral_asked"),
        (intake.zhou, "welcome.deferral_decided"),
    }


def test_either_words_or_the_code_of_a_loan(app, intake, zhou, fees):  # noqa: F811
    assert ask(zhou, statement=" ").status_code == 422
    assert ask(zhou, "two", statement="", loan_code="R2026").status_code == 303
    assert ask(zhou, "three").status_code == 409


def test_a_refusal_says_why_and_one_may_ask_again(app, intake, zhou, fees, office):  # noqa: F811
    ask(zhou)
    assert decide(office, "refuse") == 422
    assert decide(office, "refuse", reason="请补交受理证明") == 303
    assert "请补交受理证明" in zhou.get(PAGE).text
    assert ask(zhou, "two").status_code == 303
    assert zhou.post(f"{PAGE}deferral/withdraw", headers=visit.csrf(zhou)).status_code == 303


def test_others_have_no_part_in_it(app, intake, zhou, fees, office):  # noqa: F811
    with db.unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=intake.campus.zhao,
            role="welcome.aid",
            scope_kind="unit",
            scope_id=intake.other_college,
        )
    ask(zhou)
    elsewhere = visit.desk(app, intake.campus.zhao)
    assert "周雨桐" not in elsewhere.get(DESK).text
    assert elsewhere.get(f"{DESK}{public_id()}").status_code == 404
    assert decide(elsewhere, "grant") == 404
    assert visit.desk(app, intake.campus.wang).get(DESK).status_code == 403
    assert ask(visit.phone(app), "other").status_code == 404


def test_what_was_written_lies_encrypted(app, intake, zhou, fees, admin_dsn):  # noqa: F811
    import psycopg  # noqa: PLC0415

    ask(zhou, loan_code="LOAN-CODE-77")
    with psycopg.connect(admin_dsn) as connection:
        kept = str(connection.execute("SELECT * FROM welcome_deferrals").fetchall())
        kept += str(connection.execute("SELECT * FROM idempotency_keys").fetchall())
    assert "遭了灾" not in kept and "LOAN-CODE-77" not in kept
