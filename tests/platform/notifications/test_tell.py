"""notifications.tell: one message per person and key, in the centre always, pushed when it should be."""

import pytest
from sqlalchemy import select

from app.kit import clock, db, outbox
from app.platform.notifications import service
from app.platform.notifications.models import Delivery, Message, Push


def messages(*columns):
    with db.unit_of_work() as session:
        return list(session.execute(select(*(columns or (Message.kind, Message.push))).order_by(Message.id)))


def queued_events():
    with db.unit_of_work() as session:
        return len(list(session.scalars(select(outbox.OutboxDelivery.id))))


def test_it_works(kinds, person, tell):
    tell(person, "lamps.broke", key="1")
    (row,) = messages(Message.kind, Message.text, Message.params, Message.link, Message.push, Message.read_at)
    assert row.kind == "lamps.broke"
    assert row.text % row.params == "512 的灯坏了"
    assert row.link == "/m/lamps/lamp_1"
    assert (row.push, row.read_at) == (Push.QUEUED, None)
    assert queued_events() == 1


def test_the_same_key_twice_is_one_message_and_one_event(kinds, person, tell):
    tell(person, "lamps.broke", key="1")
    tell(person, "lamps.broke", key="1")
    assert len(messages()) == 1
    assert queued_events() == 1


def test_params_that_are_not_shown_are_not_kept(kinds, person, tell):
    tell(person, "lamps.broke", key="1", phone="13900000000")
    assert "phone" not in messages(Message.params)[0].params


def test_a_missing_param_and_an_unknown_kind_are_bugs(kinds, person):
    for kind in ("lamps.broke", "lamps.unheard_of"):
        with pytest.raises(KeyError), db.unit_of_work() as session:
            service.tell(session, kind=kind, person_id=person, params={}, key="1")


def test_the_invented_past_is_recorded_as_sent(kinds, person, tell):
    with service.already_sent():
        tell(person, "lamps.broke", key="1")
    tell(person, "lamps.broke", key="2")
    assert [row.push for row in messages()] == [Push.SEEDED, Push.QUEUED]
    assert queued_events() == 1
    with db.unit_of_work() as session:
        assert service.mark_all_sent(session, read_before=clock.now()) == 1
        assert service.mark_all_sent(session) == 0
    assert [row.push for row in messages()] == [Push.SEEDED, Push.SEEDED]
    with db.unit_of_work() as session:
        assert list(session.scalars(select(Delivery.status))) == ["delivered", "delivered"]
