"""Disputes: open to everybody, they reveal nothing, and free a stolen claim for whoever disputed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.kit import clock, db, outbox
from app.platform.audit.models import AuditEntry
from app.platform.identity import service as identity
from app.platform.notifications.models import Message
from app.welcome.models import Dispute, Guardian
from tests import visit
from tests.welcome.claiming import admission, handset
from tests.welcome.conftest import PEOPLE
from tests.welcome.test_claim import deliver

NEW, DESK = "/m/welcome/disputes/", "/desk/welcome/disputes/"
PHONE = "10000000199"


def dispute(handheld, who="he", key="once", **changes):
    known = PEOPLE[who]
    told = {
        "profile": "undergraduate",
        "name": known["name"],
        "number": known["number"],
        "letter": known["letter"],
        "phone": PHONE,
        "words": "收到短信说已被认领，但不是我操作的",
        **changes,
    }
    return handheld.post(NEW, **told, headers={"Idempotency-Key": key})


def the_dispute() -> Dispute:
    with db.unit_of_work() as session:
        found = session.scalars(select(Dispute).order_by(Dispute.id.desc()).limit(1)).one()
        session.expunge(found)
    return found


@pytest.fixture
def staff(app, intake):
    """孙, counsellor of 信息学院, who may settle there; 郑, who may settle everything; 赵 elsewhere."""
    with db.unit_of_work() as session:
        for person, college in (
            (intake.campus.he, intake.college),
            (intake.campus.zhao, intake.other_college),
        ):
            identity.grant_role(
                session,
                by=None,
                person_id=person,
                role="welcome.counsellor",
                scope_kind="unit",
                scope_id=college,
            )
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.administrator")
    return visit.desk(app, intake.campus.he)


def settle(client, deed, reason="电话核对了通知书，确认是本人"):
    path = f"{DESK}{the_dispute().public_id}/{deed}"
    return client.post(path, data={"reason": reason}, headers=visit.csrf(client, "desk"))


def test_it_works(app, intake, staff):
    thief, owner = handset(app, "o-thief"), handset(app, "o-owner")
    assert thief.claim().status_code == 200
    assert owner.claim().status_code == 422
    assert dispute(owner).status_code == 303
    deliver(app)
    page = staff.get(DESK).text
    assert "何思源" in page and "通知书编号" in page
    panel = staff.get(f"{DESK}{the_dispute().public_id}").text
    assert PHONE not in panel and PEOPLE["he"]["number"] not in panel
    assert settle(staff, "grant").status_code == 303
    assert admission(intake.he).claimed_at is None
    assert thief.stands_for not in (intake.he, thief.caller.person_id)
    deliver(app)
    with db.unit_of_work() as session:
        told = dict(
            session.execute(
                select(Message.kind, Message.person_id).where(
                    Message.kind.in_(["welcome.claim_released", "welcome.dispute_decided"])
                )
            ).all()
        )
    assert told == {
        "welcome.claim_released": thief.stands_for,
        "welcome.dispute_decided": owner.caller.person_id,
    }
    assert "现在重新认领" in owner.client.get(NEW).text
    assert owner.claim().status_code == 200
    assert owner.stands_for == intake.he


def test_for_a_week_only_who_disputed_may_claim(app, intake, staff):
    thief, owner = handset(app, "o-thief"), handset(app, "o-owner")
    thief.claim()
    dispute(owner)
    deliver(app)
    settle(staff, "grant")
    again = handset(app, "o-thief")
    answer = again.claim()
    assert answer.status_code == 422 and "没有认领成功" in answer.text
    clock.advance(timedelta(days=8))
    assert handset(app, "o-third").claim().status_code == 200


def test_a_dispute_about_nothing_is_taken_the_same(app, intake, staff):
    first, second = handset(app, "o-0001"), handset(app, "o-0002")
    there = dispute(first)
    absent = dispute(second, number="26430100000008")
    assert (there.status_code, there.headers["Location"]) == (absent.status_code, absent.headers["Location"])
    deliver(app)
    shown = [len(one.client.get(NEW).data) for one in (first, second)]
    assert shown[0] == shown[1]
    counsellor, zheng = staff.get(DESK).text, visit.desk(app, intake.campus.zheng)
    assert "名单里没有" not in counsellor
    assert "名单里没有" in zheng.get(DESK).text
    assert settle(zheng, "grant").status_code == 409
    assert settle(zheng, "decline", "名单里没有这个号码，请核对后再交").status_code == 303


def test_staff_sees_its_own_college_only_and_the_rest_is_not_there(app, intake, staff):
    dispute(handset(app))
    deliver(app)
    public_id = the_dispute().public_id
    elsewhere = visit.desk(app, intake.campus.zhao)
    foreign, missing = elsewhere.get(f"{DESK}{public_id}"), elsewhere.get(f"{DESK}dsp_none")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert settle(elsewhere, "grant").status_code == 404
    assert "何思源" not in elsewhere.get(DESK).text
    assert visit.desk(app, intake.campus.wang).get(DESK).status_code == 403


def test_only_who_may_settle_there_is_told(app, intake, staff):
    dispute(handset(app))
    deliver(app)
    with db.unit_of_work() as session:
        told = set(session.scalars(select(Message.person_id).where(Message.kind == "welcome.dispute_opened")))
    assert told == {intake.campus.he, intake.campus.zheng}


def test_a_decision_has_a_reason_and_is_made_once(app, intake, staff):
    dispute(handset(app))
    deliver(app)
    assert settle(staff, "grant", reason=" ").status_code == 422
    assert settle(staff, "decline", "请补交通知书照片").status_code == 303
    assert settle(staff, "grant").status_code == 409
    assert "请补交通知书照片" in handset(app).client.get(NEW).text


def test_seeing_the_phone_is_noted(app, intake, staff):
    dispute(handset(app))
    deliver(app)
    found = the_dispute()
    path = f"{DESK}{found.public_id}/phone"
    assert PHONE in staff.post(path, headers=visit.csrf(staff, "desk")).text
    with db.unit_of_work() as session:
        seen = session.scalars(
            select(AuditEntry.object_id).where(AuditEntry.action == "welcome.dispute_phone_revealed")
        ).all()
    assert seen == [str(found.id)]


def test_twice_is_once_and_a_third_waits(app, intake):
    phone = handset(app)
    assert [dispute(phone).status_code for _ in range(2)] == [303, 303]
    assert dispute(phone, key="two").status_code == 303
    assert dispute(phone, key="three").status_code == 429
    with db.unit_of_work() as session:
        assert len(session.scalars(select(Dispute.id)).all()) == 2


def test_what_is_missing_is_said_at_the_field(app, intake):
    answer = dispute(handset(app), name="", phone="12", words="")
    assert answer.status_code == 422
    assert answer.text.count("请填写这一项") == 2 and "能接通的电话" in answer.text


def test_what_the_thief_consented_to_ends(app, intake, staff):
    thief, parent = handset(app, "o-thief"), handset(app, "o-parent")
    thief.claim()
    parent.claim(**{"as": "guardian", "relation": "mother"})
    dispute(handset(app, "o-owner"))
    deliver(app)
    settle(staff, "grant")
    with db.unit_of_work() as session:
        assert session.scalars(select(Guardian.status)).all() == ["ended"]


def test_no_personal_value_lies_readable(app, intake, admin_dsn):
    import psycopg  # noqa: PLC0415

    dispute(handset(app))
    deliver(app)
    with psycopg.connect(admin_dsn) as connection:
        kept = str(connection.execute("SELECT * FROM welcome_disputes").fetchall())
        kept += str(connection.execute("SELECT payload FROM outbox_deliveries").fetchall())
        kept += str(connection.execute("SELECT * FROM idempotency_keys").fetchall())
    for value in (PHONE, PEOPLE["he"]["number"], "何思源", PEOPLE["he"]["letter"]):
        assert value not in kept
    assert outbox.MAX_ATTEMPTS > 0


def test_ten_at_once_are_no_more_than_two(app, intake):
    phone = handset(app)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda number: dispute(phone, key=f"key-{number}").status_code, range(10)))
    assert sorted(set(answers)) == [303, 429] and answers.count(303) == 2


@pytest.mark.parametrize(
    "wrong", [{"profile": "no such way"}, {"phone": "1" * 400}, {"phone": "123456"}, {"words": "  "}]
)
def test_what_no_profile_and_no_phone_is_gets_no_further(app, intake, wrong):
    assert dispute(handset(app), **wrong).status_code == 422
    with db.unit_of_work() as session:
        assert session.scalars(select(Dispute.id)).all() == []


def test_what_the_thief_said_goes_and_what_the_owner_says_stays(app, intake, staff):
    thief, owner = handset(app, "o-thief"), handset(app, "o-owner")
    thief.claim()
    dispute(owner)
    deliver(app)
    settle(staff, "grant")
    owner.claim()
    theirs = visit.phone(app, intake.he)
    answer = theirs.post("/m/welcome/dorm/nickname", data={"nickname": "小何"}, headers=visit.csrf(theirs))
    assert answer.status_code == 303
    for _ in range(2):  # what the worker does of the release comes after, and twice
        deliver(app)
        with db.unit_of_work() as session:
            session.execute(update(outbox.OutboxDelivery).values(status="pending", done_at=None))
    deliver(app)
    assert admission(intake.he).nickname == "小何"
