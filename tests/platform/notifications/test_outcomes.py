"""What WeChat tells afterwards, through the callback, over real HTTP."""

import time

from app.kit import db
from app.platform.identity import queries as identity
from app.platform.notifications.models import SubscriptionCredit

LI, OUYANG = "2023010101", "2024020201"
TEMPLATE = "TPL_service_alert"


def credits_of(wechat, number):
    with db.unit_of_work() as session:
        row = session.get(SubscriptionCredit, (wechat.openid(number), TEMPLATE))
        return row.credits if row else 0


def settle(wechat, work, count=1):
    """The platform has delivered `count` callbacks, and the work they ask for is done."""
    end = time.monotonic() + 5
    while len(wechat.get("callbacks")) < count and time.monotonic() < end:
        time.sleep(0.02)
    assert [row["verdict"] for row in wechat.get("callbacks")] == ["ok"] * count
    work()


def test_it_works(wechat, callback_server, tell, work, steps):
    wechat.set(job_finish=True)
    tell(wechat.follower(LI), "lamps.broke", key="1")
    work()
    settle(wechat, work)
    assert steps() == [("template", "delivered", None)]


def test_who_blocked_the_account_is_reached_by_the_next_step(wechat, callback_server, tell, work, steps):
    wechat.set(job_finish=True, send_results={LI: "failed:user block"})
    tell(wechat.follower(LI), "lamps.fixed", key="1")
    work()
    settle(wechat, work)
    assert steps() == [
        ("template", "failed", "user block"),
        ("subscription", "skipped", "no_credit"),
        ("call_list", "queued", None),
    ]


def test_an_outcome_that_overtakes_our_note_waits_for_it(wechat, callback_server, tell, work, steps):
    wechat.push(LI, event="TEMPLATESENDJOBFINISH", fields={"MsgID": "77", "Status": "success"})
    work()
    tell(wechat.follower(LI), "lamps.broke", key="1")
    work()
    assert steps() == [("template", "accepted", None)]


def test_a_consent_is_one_credit_and_is_used_up_once(wechat, callback_server, tell, work, steps):
    person = wechat.follower(OUYANG, is_following=False)
    wechat.agree(OUYANG, TEMPLATE)
    settle(wechat, work)
    assert credits_of(wechat, OUYANG) == 1
    tell(person, "lamps.broke", key="1")
    work()
    settle(wechat, work, count=2)
    assert credits_of(wechat, OUYANG) == 0
    assert steps()[1] == ("subscription", "delivered", None)


def test_a_refusal_in_the_popup_is_no_credit_and_a_later_one_strikes_off(wechat, callback_server, work):
    wechat.agree(OUYANG, TEMPLATE, "reject")
    settle(wechat, work)
    assert credits_of(wechat, OUYANG) == 0
    wechat.agree(OUYANG, TEMPLATE)
    settle(wechat, work, count=2)
    item = {"List": {"TemplateId": TEMPLATE, "SubscribeStatusString": "reject"}}
    wechat.push(OUYANG, event="subscribe_msg_change_event", fields={"SubscribeMsgPopupEvent": item})
    work()
    assert credits_of(wechat, OUYANG) == 0


def test_a_follow_by_event_opens_the_way_for_pushes(wechat, callback_server, tell, work, steps):
    wechat.follow(OUYANG)
    settle(wechat, work)
    with db.unit_of_work() as session:
        person = identity.person_of_openid(session, wechat.appid, wechat.openid(OUYANG))
        assert identity.openid_of(session, person).is_following is True
    tell(person, "lamps.broke", key="1")
    work()
    assert steps() == [("template", "accepted", None)]
