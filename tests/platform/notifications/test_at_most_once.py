"""A push that may have left is repeated under the same id while WeChat knows it, and never after."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db, failpoint, outbox
from app.platform.notifications import flows
from app.platform.notifications.events import MessageQueued
from app.platform.notifications.models import Delivery, Message
from tests.wechat import SEND

LI = "2023010101"


def wait_until(truth):
    end = time.monotonic() + 5
    while not truth() and time.monotonic() < end:
        time.sleep(0.02)
    assert truth()


def later(wechat, **delta):
    clock.advance(timedelta(**delta))
    wechat.keep_time()


def test_it_works(wechat, tell, work, steps):
    """WeChat answers too late, but has sent: one message arrives."""
    wechat.fault(SEND, hang=1)
    patient = wechat.clients
    wechat.hurry(0.5)
    tell(wechat.follower(LI), "lamps.broke", key="1")
    work()
    assert steps() == [("template", "sent", None)]
    wait_until(lambda: wechat.sent(LI))
    wechat.clients = patient
    later(wechat, minutes=1)
    work()
    assert steps() == [("template", "accepted", None)]
    assert len(wechat.sent(LI)) == 1
    with db.unit_of_work() as session:
        assert session.scalar(select(Delivery.msgid)) == wechat.sent(LI)[0]["msgid"]


@pytest.mark.parametrize("place", ["notifications.intended", "notifications.called"])
def test_a_worker_that_dies_around_the_call(wechat, tell, work, steps, place):
    tell(wechat.follower(LI), "lamps.broke", key="1")
    failpoint.configure(f"{place}=raise")
    work()
    failpoint.configure("")
    assert steps() == [("template", "sent", None)]
    later(wechat, minutes=2)
    work()
    assert steps() == [("template", "accepted", None)]
    assert len(wechat.sent(LI)) == 1


@pytest.mark.parametrize("place", ["notifications.intended", "notifications.called"])
def test_a_worker_that_comes_back_too_late_leaves_it_unknown(wechat, tell, work, steps, place):
    tell(wechat.follower(LI), "lamps.broke", key="1")
    failpoint.configure(f"{place}=raise")
    work()
    failpoint.configure("")
    calls = wechat.calls()
    later(wechat, minutes=11)
    work()
    assert steps() == [("template", "unknown", "no_answer")]
    assert wechat.calls() == calls


def test_answers_that_stay_away_end_in_unknown(wechat, tell, work, steps):
    wechat.fault(SEND, times=None, status=502)
    tell(wechat.follower(LI), "lamps.broke", key="1")
    for _ in range(20):
        work()
        later(wechat, seconds=40)
    assert steps() == [("template", "unknown", "no_answer")]
    with db.unit_of_work() as session:
        assert 3 < session.scalar(select(Delivery.attempts)) < 15


def test_a_refusal_after_a_lost_answer_says_nothing_of_the_first_try(wechat, tell, work, steps):
    wechat.fault(SEND, status=502)
    tell(wechat.follower(LI), "lamps.broke", key="1")
    work()
    wechat.fault(SEND, errcode=43004)
    later(wechat, minutes=1)
    work()
    assert steps() == [("template", "unknown", "43004")]


def test_nothing_happened_after_a_lost_answer_keeps_the_first_tries_time(wechat, tell, work, steps):
    wechat.fault(SEND, status=502)
    wechat.fault(SEND, errcode=-1)
    tell(wechat.follower(LI), "lamps.broke", key="1")
    work()
    later(wechat, minutes=1)
    work()
    assert steps() == [("template", "sent", None)]
    later(wechat, minutes=10)
    work()
    assert steps() == [("template", "unknown", "no_answer")]


def test_two_workers_at_once_send_one_message(wechat, tell, work, steps):
    """The first holds its call so long that a second takes the event over."""
    tell(wechat.follower(LI), "lamps.broke", key="1")
    with db.unit_of_work() as session:
        event = MessageQueued(session.scalar(select(Message.id)))
    failpoint.configure("notifications.intended=raise")
    with pytest.raises(failpoint.FailpointHit):
        flows.on_message_queued(event, clients=wechat.clients)
    failpoint.configure("")
    for _ in range(2):
        flows.on_message_queued(event, clients=wechat.clients)
    assert outbox.drain(clients=wechat.clients, seconds=5) == 1
    assert len(wechat.sent(LI)) == 1
    assert steps() == [("template", "accepted", None)]
