"""kit.outbox: every emitted event is handled, none twice in effect."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.kit import clock, db, failpoint, outbox
from app.kit.module import AsFlow, InTransaction, Module, Registry


@dataclasses.dataclass(frozen=True)
class LampBroke:
    room: str


@pytest.fixture
def listen(app):
    """Load a registry with these subscriptions for one test."""
    real = app.extensions["registry"]

    def load(*subscriptions):
        outbox.load_registry(Registry((Module(key="test", title="", subscriptions=subscriptions),)))

    yield load
    outbox.load_registry(real)


def rows():
    with db.unit_of_work() as session:
        return list(session.execute(select(outbox.OutboxDelivery.status, outbox.OutboxDelivery.attempts)))


def emit(event):
    with db.unit_of_work() as session:
        outbox.emit(session, event)


def test_it_works(listen):
    heard = []

    def on_lamp_broke(session, event):
        heard.append(event)

    listen(InTransaction(LampBroke, on_lamp_broke))
    emit(LampBroke("512"))
    assert outbox.drain(clients=None, seconds=5) == 1
    assert heard == [LampBroke("512")]
    assert rows() == [("done", 1)]


def test_what_a_subscriber_does_not_want_is_not_even_written(listen):
    listen(InTransaction(LampBroke, lambda session, event: None, wants=lambda event: event.room != "512"))
    emit(LampBroke("512"))
    assert rows() == []
    emit(LampBroke("513"))
    assert rows() == [("pending", 0)]


def test_a_rolled_back_change_tells_nobody(listen):
    listen(InTransaction(LampBroke, lambda session, event: None))
    with pytest.raises(RuntimeError), db.unit_of_work() as session:
        outbox.emit(session, LampBroke("512"))
        raise RuntimeError
    assert rows() == []


def test_without_a_registry_emitting_is_an_error(app):
    registry = app.extensions["registry"]
    outbox.load_registry(None)
    try:
        with pytest.raises(RuntimeError, match="no registry"):
            emit(LampBroke("512"))
    finally:
        outbox.load_registry(registry)


def test_a_failing_handler_is_tried_again_later_and_ends_in_dead_letters(listen):
    def on_lamp_broke(session, event):
        raise ValueError("name of a person")

    listen(InTransaction(LampBroke, on_lamp_broke))
    emit(LampBroke("512"))
    for _ in range(outbox.MAX_ATTEMPTS):
        assert outbox.drain(clients=None, seconds=5) == 1
        clock.advance(timedelta(hours=2))
    assert outbox.drain(clients=None, seconds=5) == 0
    assert rows() == [("dead", outbox.MAX_ATTEMPTS)]
    with db.unit_of_work() as session:
        error = session.execute(select(outbox.OutboxDelivery.last_error)).scalar_one()
        assert "ValueError" in error
        assert "name of a person" not in error
        assert outbox.revive(session, session.execute(select(outbox.OutboxDelivery.id)).scalar_one())
    assert outbox.drain(clients=None, seconds=5) == 1


def test_a_crash_after_the_handler_leaves_one_effect(listen):
    def on_lamp_broke(session, event):
        session.execute(
            text(
                "INSERT INTO external_events (source, external_id, payload, received_at) "
                "VALUES ('t', gen_random_uuid()::text, '{}', now())"
            )
        )

    listen(InTransaction(LampBroke, on_lamp_broke))
    emit(LampBroke("512"))
    failpoint.configure("outbox.handled=raise")
    outbox.drain(clients=None, seconds=5)
    failpoint.configure("")
    clock.advance(timedelta(minutes=5))
    outbox.drain(clients=None, seconds=5)
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM external_events")).scalar() == 1


def test_a_worker_that_lost_its_lease_changes_nothing(listen):
    def on_lamp_broke(session, event):
        clock.advance(outbox.LEASE + timedelta(seconds=1))
        taken = outbox._claim(5)  # another worker claims it meanwhile
        assert len(taken) == 1
        session.execute(
            text(
                "INSERT INTO external_events (source, external_id, payload, received_at) "
                "VALUES ('t', '1', '{}', now())"
            )
        )

    listen(InTransaction(LampBroke, on_lamp_broke))
    emit(LampBroke("512"))
    outbox.drain(clients=None, seconds=5)
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM external_events")).scalar() == 0
    assert rows() == [("pending", 2)]


def test_flows_are_handed_the_clients(listen):
    heard = []

    def on_lamp_broke(event, *, clients):
        heard.append(clients)

    listen(AsFlow(LampBroke, on_lamp_broke))
    emit(LampBroke("512"))
    outbox.drain(clients="the clients", seconds=5)
    assert heard == ["the clients"]


def test_a_handler_may_choose_when_to_try_again(listen):
    def on_lamp_broke(session, event):
        raise outbox.RetryLater(timedelta(minutes=10))

    listen(InTransaction(LampBroke, on_lamp_broke))
    emit(LampBroke("512"))
    outbox.drain(clients=None, seconds=5)
    assert rows() == [("pending", 0)]
    clock.advance(timedelta(minutes=9))
    assert outbox.drain(clients=None, seconds=1) == 0
    clock.advance(timedelta(minutes=2))
    assert outbox.drain(clients=None, seconds=1) == 1
