"""The ladder: who is reached by which channel, and what a push looks like when it arrives."""

from datetime import timedelta

from sqlalchemy import select

from app.kit import clock, db
from app.platform.identity import queries as identity
from app.platform.notifications import service
from app.platform.notifications.models import Message, Quota, SubscriptionCredit
from app.platform.notifications.service import credits
from tests.wechat import SEND, SUBSCRIBE

LI, OUYANG = "2023010101", "2024020201"
TEMPLATE = "TPL_service_alert"


def agree(wechat, number):
    """One of the cast agrees to one subscription message, there and in our books."""
    wechat.agree(number, TEMPLATE)
    with db.unit_of_work() as session:
        credits.add(session, openid=wechat.openid(number), template_id=TEMPLATE)


def credits_of(wechat, number):
    with db.unit_of_work() as session:
        row = session.get(SubscriptionCredit, (wechat.openid(number), TEMPLATE))
        return row.credits if row else None


def pushes():
    with db.unit_of_work() as session:
        return list(session.scalars(select(Message.push).order_by(Message.id)))


def test_it_works(wechat, tell, work, steps):
    tell(wechat.follower(LI), "lamps.broke", key="1", room="东校区 3 号楼 512 室靠窗户的那一张书桌上方")
    work()
    (sent,) = wechat.sent(LI)
    assert sent["template_id"] == TEMPLATE
    assert sent["payload"]["url"] == "http://127.0.0.1:8000/m/lamps/lamp_1"
    data = {name: value["value"] for name, value in sent["payload"]["data"].items()}
    assert data == {
        "thing1": "东校区 3 号楼 512 室靠窗户的那…",
        "phrase2": "紧急",
        "time3": "2026年11月16日 09:00",
        "thing4": "请查看",
    }
    with db.unit_of_work() as session:
        assert sent["client_msg_id"] == session.scalar(select(Message.public_id))
        assert session.execute(select(Quota.step, Quota.used)).one() == ("template", 1)
    assert steps() == [("template", "accepted", None)]


def test_who_does_not_follow_is_reached_by_an_agreed_subscription_message(wechat, tell, work, steps):
    person = wechat.follower(OUYANG, is_following=False)
    agree(wechat, OUYANG)
    tell(person, "lamps.broke", key="1")
    work()
    tell(person, "lamps.broke", key="2")
    work()
    assert [row["kind"] for row in wechat.sent(OUYANG)] == ["subscription"]
    assert steps() == [
        ("template", "skipped", "not_following"),
        ("subscription", "accepted", None),
        ("template", "skipped", "not_following"),
        ("subscription", "skipped", "no_credit"),
    ]


def test_a_credit_that_wechat_does_not_know_is_struck_off(wechat, tell, work, steps):
    with db.unit_of_work() as session:
        for _ in range(3):
            credits.add(session, openid=wechat.openid(OUYANG), template_id=TEMPLATE)
    tell(wechat.follower(OUYANG, is_following=False), "lamps.broke", key="1")
    work()
    assert steps()[1] == ("subscription", "failed", "43101")
    assert credits_of(wechat, OUYANG) == 0


def test_an_agreed_message_whose_answer_is_lost_is_never_sent_again(wechat, tell, work, steps):
    agree(wechat, OUYANG)
    wechat.fault(SUBSCRIBE, status=502)
    tell(wechat.follower(OUYANG, is_following=False), "lamps.broke", key="1")
    work()
    assert steps()[1] == ("subscription", "unknown", "no_answer")
    assert wechat.calls(SUBSCRIBE) <= 1


def test_a_credit_comes_back_when_nothing_happened(wechat, tell, work, steps):
    agree(wechat, OUYANG)
    wechat.fault(SUBSCRIBE, errcode=-1)
    tell(wechat.follower(OUYANG, is_following=False), "lamps.broke", key="1")
    work()
    assert steps()[1] == ("subscription", "queued", "-1")
    assert credits_of(wechat, OUYANG) == 1
    clock.advance(timedelta(minutes=1))
    work()
    assert steps()[1] == ("subscription", "accepted", None)
    assert credits_of(wechat, OUYANG) == 0


def test_who_stopped_following_is_noticed_by_wechats_answer(wechat, tell, work, steps):
    person = wechat.follower(OUYANG)  # so we believe; the platform knows better
    tell(person, "lamps.fixed", key="1")
    work()
    assert steps() == [
        ("template", "failed", "43004"),
        ("subscription", "skipped", "no_credit"),
        ("call_list", "queued", None),
    ]
    with db.unit_of_work() as session:
        assert identity.openid_of(session, person).is_following is False
    assert wechat.calls() == 1


def test_who_followed_before_our_time_is_found_out(wechat, tell, work, steps):
    person = wechat.follower(LI, is_following=False)  # so we believe; the platform knows better
    wechat.fault("/cgi-bin/user/info", errcode=-1)
    tell(person, "lamps.broke", key="1")
    work()
    assert steps()[0] == ("template", "skipped", "not_following")
    tell(person, "lamps.broke", key="2")
    work()
    assert steps()[-1] == ("template", "accepted", None)
    with db.unit_of_work() as session:
        assert identity.openid_of(session, person).is_following is True


def test_one_open_call_for_each_matter(wechat, tell, work, steps):
    person = wechat.follower(OUYANG, is_following=False)
    tell(person, "lamps.fixed", key="1", matter="lamps:1")
    work()
    tell(person, "lamps.burns", key="2", matter="lamps:1")
    work()
    calls = [step for step in steps() if step[0] == "call_list"]
    assert calls == [("call_list", "skipped", "superseded"), ("call_list", "queued", None)]


def test_what_is_not_important_is_nobodys_telephone_call(wechat, tell, work, steps):
    tell(wechat.follower(OUYANG, is_following=False), "lamps.broke", key="1")
    work()
    assert [step for step, _, _ in steps()] == ["template", "subscription"]


def test_without_a_gateway_text_messages_are_left_out(wechat, tell, work, steps):
    tell(wechat.follower(LI), "lamps.sms", key="1")
    work()
    assert steps() == [("sms", "skipped", "no_sms_client"), ("call_list", "queued", None)]


def test_four_pushes_of_one_matter_and_the_last_is_kept_for_what_matters(wechat, tell, work):
    person = wechat.follower(LI)
    for number in range(6):
        tell(person, "lamps.broke", key=f"a{number}", matter="lamps:1")
    tell(person, "lamps.fixed", key="b1", matter="lamps:1")
    tell(person, "lamps.fixed", key="b2", matter="lamps:1")
    tell(person, "lamps.burns", key="c", matter="lamps:1")
    tell(person, "lamps.broke", key="d", matter="lamps:2")
    work()
    assert pushes() == ["started"] * 3 + ["limited"] * 3 + ["started", "limited", "started", "started"]
    assert len(wechat.sent(LI)) == 6


def test_at_night_people_sleep_and_in_the_morning_one_push_says_it_all(wechat, tell, work):
    person = wechat.follower(LI)
    clock.travel(clock.start_of_day(clock.today()) + timedelta(hours=22))
    for number in range(3):
        tell(person, "lamps.broke", key=f"{number}", matter="lamps:1", room=str(500 + number))
    tell(person, "lamps.burns", key="fire")
    work()
    assert [sent["payload"]["url"][-6:] for sent in wechat.sent(LI)] == ["lamp_1"]
    clock.advance(timedelta(hours=8, minutes=59))
    work()
    assert len(wechat.sent(LI)) == 1
    clock.advance(timedelta(minutes=1))
    work()
    newest = wechat.sent(LI)[0]["payload"]["data"]["thing1"]["value"]
    assert (len(wechat.sent(LI)), newest) == (2, "502")
    assert pushes() == ["superseded", "superseded", "started", "started"]


def test_what_comes_days_late_is_not_pushed(wechat, tell, work):
    tell(wechat.follower(LI), "lamps.broke", key="1")
    clock.advance(timedelta(days=2))
    work()
    assert pushes() == ["expired"]
    assert wechat.calls() == 0


def test_a_used_up_quota_stops_template_messages_until_midnight(wechat, tell, work, steps):
    person = wechat.follower(LI)
    wechat.fault(SEND, errcode=45009)
    for number in range(3):
        tell(person, "lamps.broke", key=f"{number}")
    tell(person, "lamps.burns", key="fire")
    work()
    assert wechat.calls() == 0  # the refused one is not counted, and no other was tried
    assert steps()[0] == ("template", "queued", "45009")
    assert steps()[-3:] == [
        ("template", "skipped", "quota"),
        ("subscription", "skipped", "no_credit"),
        ("call_list", "queued", None),
    ]
    clock.travel(clock.start_of_day(clock.today()) + timedelta(days=1, hours=7, minutes=1))
    wechat.keep_time()
    work()
    assert len(wechat.sent(LI)) == 3


def test_a_busy_wechat_is_tried_again_and_fire_is_phoned(wechat, tell, work, steps):
    person = wechat.follower(LI)
    wechat.fault(SEND, errcode=-1, times=4)
    tell(person, "lamps.burns", key="fire")
    for _ in range(3):
        work()
        clock.advance(timedelta(minutes=1))
    assert steps() == [
        ("template", "failed", "-1"),
        ("subscription", "skipped", "no_credit"),
        ("call_list", "queued", None),
    ]
    tell(person, "lamps.broke", key="1")
    work()
    clock.advance(timedelta(minutes=1))
    work()
    assert steps()[-1] == ("template", "accepted", None)


def test_without_a_template_the_next_step_is_taken(wechat, kinds, tell, work, steps):
    service.configure(kinds, templates={})
    tell(wechat.follower(LI), "lamps.broke", key="1")
    work()
    assert [(step, error) for step, _, error in steps()] == [
        ("template", "no_template"),
        ("subscription", "no_template"),
    ]


def test_somebody_without_wechat_is_phoned(wechat, tell, person, work, steps):
    tell(person, "lamps.fixed", key="1")
    work()
    assert steps() == [
        ("template", "skipped", "no_wechat"),
        ("subscription", "skipped", "no_wechat"),
        ("call_list", "queued", None),
    ]
