"""Invented kinds of messages, people who get them, and a short way to tell."""

import pytest
from sqlalchemy import select, update

from app.kit import db, outbox
from app.kit.module import MessageKind, Module, Registry
from app.platform.directory import service as directory
from app.platform.notifications import service
from app.platform.notifications.models import Delivery
from tests.wechat import _platform, callback_server, wechat

__all__ = ["_platform", "callback_server", "wechat"]

FIELDS = {"thing1": "%(room)s", "phrase2": "紧急", "time3": "%(time)s", "thing4": "请查看"}


def _kind(key, text, **more):
    return MessageKind(key, "灯的消息", "service_alert", FIELDS, text, "/m/lamps/%(lamp)s", **more)


LAMPS = Module(
    key="lamps",
    title="灯",
    texts=("lamps.sms",),
    message_kinds=(
        _kind("lamps.broke", "%(room)s 的灯坏了"),
        _kind("lamps.fixed", "%(room)s 的灯修好了，请确认", can_be_muted=False),
        _kind("lamps.burns", "%(room)s 的灯着火了", is_urgent=True),
        _kind(
            "lamps.sms",
            "%(room)s 的灯",
            ladder=("sms", "call_list"),
            can_be_muted=False,
            is_about_identity=True,
        ),
    ),
)


@pytest.fixture
def kinds(app):
    """The running modules and one with invented kinds."""
    real = app.extensions["registry"]
    extended = Registry((*real.modules, LAMPS))
    outbox.load_registry(extended)
    templates = {"service_alert": "TPL_service_alert"}
    service.configure(extended, templates=templates)
    yield extended
    outbox.load_registry(real)
    service.configure(real, templates=app.config["WECHAT_TEMPLATES"])


@pytest.fixture
def person(app):
    with db.unit_of_work() as session:
        return directory.create_visitor(session)


@pytest.fixture
def tell(kinds):
    def tell_one(person_id, kind, *, key, matter=None, **more):
        params = {"room": "512", "lamp": "lamp_1", "time": "2026年11月16日 09:00"} | more
        with db.unit_of_work() as session:
            service.tell(session, kind=kind, person_id=person_id, params=params, key=key, matter=matter)

    return tell_one


@pytest.fixture
def work(wechat):
    """Deliver what is due; then deliver it once more, which must change nothing."""

    def drain():
        outbox.drain(clients=wechat.clients, seconds=20)
        calls = wechat.calls()
        with db.unit_of_work() as session:
            # Handlers inside the delivering transaction can't run twice in effect; flows can.
            again = update(outbox.OutboxDelivery).where(
                outbox.OutboxDelivery.status == "done", outbox.OutboxDelivery.event == "MessageQueued"
            )
            session.execute(again.values(status="pending", attempts=0))
        outbox.drain(clients=wechat.clients, seconds=20)
        assert wechat.calls() == calls

    return drain


@pytest.fixture
def steps(app):
    """(step, status, error) of all deliveries, in order."""

    def read():
        columns = (Delivery.step, Delivery.status, Delivery.error)
        with db.unit_of_work() as session:
            return [tuple(row) for row in session.execute(select(*columns).order_by(Delivery.id))]

    return read
