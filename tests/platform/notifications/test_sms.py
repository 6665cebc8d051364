"""Text messages as a step of the ladder and by themselves: at most once, few a day, no number in any log."""

import dataclasses
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select

from app.clients.opening import open_text_messages
from app.kit import clock, db, outbox
from app.kit.module import MessageKind
from app.platform.directory import service as directory
from app.platform.notifications import flows, queries, service
from app.platform.notifications.events import TextQueued
from app.platform.notifications.models import Delivery, Message, TextMessage
from app.platform.notifications.service import texts
from sandbox import vendors as sandbox_vendors
from tests.vendors import QUICK, Vendors, _vendor_server, vendors  # noqa: F401 - fixtures

PHONE = "10000000077"
LAMP = {"room": "512"}


@pytest.fixture
def gateway(vendors, wechat) -> Vendors:  # noqa: F811
    """The sandbox's gateway, joined to the clients of these tests."""
    join(wechat, vendors)
    vendors.set("sms", per_half_minute=100, per_hour=100, per_day=100)
    return vendors


def join(wechat, world, **line) -> None:
    given = {**sandbox_vendors.sms(world.data_dir, world.base), "line": {**QUICK, **line}}
    wechat.clients = dataclasses.replace(wechat.clients, sms=open_text_messages({"sms": given}))


@pytest.fixture
def owner(app) -> int:
    with db.unit_of_work() as session:
        return directory.add_person(session, by=None, name="周雨桐", phone=PHONE)


def inbox(gateway) -> list[str]:
    return [row["text"] for row in gateway.get("/_sim/sms/messages", phone=PHONE)]


def rows() -> list[tuple[str, str | None]]:
    with db.unit_of_work() as session:
        return [
            tuple(row)
            for row in session.execute(select(TextMessage.status, TextMessage.error).order_by(TextMessage.id))
        ]


def queue(person_id: int) -> None:
    with db.unit_of_work() as session:
        service.text(session, kind="lamps.sms", person_id=person_id, params=LAMP)


def test_it_works(gateway, tell, owner, work, steps):
    tell(owner, "lamps.sms", key="1")
    work()
    assert inbox(gateway) == ["【微生活】512 的灯出了问题，请查看。"]
    assert steps() == [("sms", "accepted", None)]
    assert rows() == [("accepted", None)]


def test_a_report_settles_it_and_a_lost_one_is_the_next_steps_turn(gateway, wechat, tell, owner, work, steps):
    tell(owner, "lamps.sms", key="1")
    gateway.fault("sms", "sms_undelivered", op="send")
    tell(owner, "lamps.sms", key="2")
    work()
    clock.advance(timedelta(minutes=1))
    flows.ask_for_text_reports(clients=wechat.clients)
    work()
    assert sorted(steps()) == [
        ("call_list", "queued", None),
        ("sms", "delivered", None),
        ("sms", "failed", "UNDELIV"),
    ]


@pytest.mark.parametrize("fault", ["timeout_after", "http500_after", "truncated_json_after"])
def test_what_may_have_gone_out_is_never_sent_again(gateway, wechat, tell, owner, work, steps, fault):
    join(wechat, gateway, write_seconds=0.45)
    gateway.fault("sms", fault, op="send", delay=0.9)
    tell(owner, "lamps.sms", key="1")
    for _ in range(3):
        work()
        clock.advance(timedelta(minutes=2))
    assert steps() == [("sms", "unknown", "no_answer")]
    assert len(gateway.get("/_sim/sms/sent")) == 1


def test_a_worker_killed_between_intent_and_answer_sends_nothing_more(gateway, wechat, owner, kinds):
    queue(owner)
    with db.unit_of_work() as session:
        text_id = session.scalars(select(TextMessage.id)).one()
        assert texts.begin(session, text_id, wechat.clients.sms.knows) is not None
    flows.on_text_queued(TextQueued(text_id), clients=wechat.clients)
    assert rows() == [("unknown", "no_answer")]
    assert gateway.calls("sms") == {}


def test_not_now_is_tried_again_and_a_clear_no_is_the_next_steps_turn(
    gateway, wechat, tell, owner, work, steps
):
    gateway.fault("sms", "rate_limited", op="send")
    tell(owner, "lamps.sms", key="1")
    outbox.drain(clients=wechat.clients, seconds=20)
    assert steps() == [("sms", "queued", "RequestLimitExceeded")]
    clock.advance(timedelta(minutes=1))
    work()
    assert steps() == [("sms", "accepted", None)]
    gateway.post("/_sim/sms/blacklist", {"phone": PHONE})
    tell(owner, "lamps.sms", key="2")
    work()
    assert steps()[1:] == [
        ("sms", "failed", "FailedOperation.PhoneNumberInBlacklist"),
        ("call_list", "queued", None),
    ]


def test_a_person_gets_few_a_day_and_codes_leave_room_for_the_notice(gateway, wechat, tell, owner, kinds):
    for _ in range(texts.CODES_PER_DAY + 2):
        queue(owner)
    outbox.drain(clients=wechat.clients, seconds=20)
    assert len(inbox(gateway)) == texts.CODES_PER_DAY
    assert rows()[-2:] == [("skipped", "sms_quota")] * 2
    for number in range(4):
        tell(owner, "lamps.sms", key=f"{number}")
    outbox.drain(clients=wechat.clients, seconds=20)
    assert len(inbox(gateway)) == texts.PER_DAY
    clock.advance(timedelta(days=1))
    queue(owner)
    outbox.drain(clients=wechat.clients, seconds=20)
    assert len(inbox(gateway)) == texts.PER_DAY + 1


def test_without_a_phone_or_a_template_the_next_step_is_taken(gateway, tell, person, owner, work, steps):
    tell(person, "lamps.sms", key="1")
    work()
    assert steps() == [("sms", "skipped", "no_phone"), ("call_list", "queued", None)]


def test_a_code_is_in_no_message_centre_and_forgotten_when_it_is_sent(gateway, wechat, owner, kinds):
    queue(owner)
    outbox.drain(clients=wechat.clients, seconds=20)
    assert len(inbox(gateway)) == 1
    with db.unit_of_work() as session:
        assert session.scalar(select(Message.id)) is None
        assert session.scalar(select(Delivery.id)) is None
        assert session.scalars(select(TextMessage.params)).one() is None
        told = queries.export_person(session, person_id=owner)["text_messages"]
    assert [one["kind"] for one in told] == ["lamps.sms"]


def test_a_code_that_waited_too_long_is_not_sent(gateway, wechat, owner, kinds):
    queue(owner)
    clock.advance(timedelta(minutes=11))
    outbox.drain(clients=wechat.clients, seconds=20)
    assert rows() == [("skipped", "too_late")]


def test_the_number_is_in_no_log_and_no_redis(gateway, wechat, tell, owner, work, capsys, servers):
    gateway.fault("sms", "http500_after", op="send")
    tell(owner, "lamps.sms", key="1")
    queue(owner)
    work()
    assert PHONE not in "".join(capsys.readouterr())
    cache = Redis.from_url(servers[1].url)
    kept = [cache.dump(key) for key in cache.scan_iter()]
    assert not [value for value in kept if value and PHONE.encode() in value]
    with db.unit_of_work() as session:
        payloads = session.scalars(select(outbox.OutboxDelivery.payload)).all()
    assert PHONE not in str(payloads)


def test_only_identity_and_urgency_may_name_the_step():
    fields = ("lamps.news", "灯", "service_alert", {}, "灯", "/m/")
    with pytest.raises(ValueError, match="lamps.news"):
        MessageKind(*fields, ladder=("template", "sms"))
    assert MessageKind(*fields, ladder=("sms",), is_urgent=True)


def test_a_text_that_no_module_declares_is_refused(kinds, owner):
    with db.unit_of_work() as session, pytest.raises(KeyError):
        service.text(session, kind="lamps.gossip", person_id=owner, params={})
