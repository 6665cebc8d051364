"""A WeChat account that lost its place to another one is told."""

from sqlalchemy import select

from app.kit import db, outbox
from app.kit.caller import Caller
from app.platform.identity import queries
from app.platform.identity import service as identity
from app.platform.notifications import service
from app.platform.notifications.models import Message, Push
from tests.visit import APPID


def bind(openid: str, person_id: int, **how) -> None:
    with db.unit_of_work() as session:
        visitor = identity.person_for_openid(session, APPID, openid)
        link = queries.link_of_person(session, visitor)
        signed_in = identity.open_session(
            session, person_id=visitor, surface="phone", wechat_link_id=link.id, is_proved=True
        )
        by = Caller(visitor, surface="phone", session_id=signed_in.id)
        identity.bind(session, by=by, person_id=person_id, **how)


def told() -> list[tuple[int, str]]:
    outbox.drain(clients=None, seconds=10)
    with db.unit_of_work() as session:
        return [tuple(row) for row in session.execute(select(Message.person_id, Message.kind))]


def test_it_works(campus):
    bind("o-first", campus.li)
    assert told() == []
    bind("o-second", campus.li, may_replace=True)
    with db.unit_of_work() as session:
        before, now = (queries.person_of_openid(session, APPID, one) for one in ("o-first", "o-second"))
    assert now == campus.li
    assert told() == [(before, "identity.replaced")]


def test_nobody_can_mute_it(campus):
    bind("o-first", campus.li)
    with db.unit_of_work() as session:
        service.set_wishes(session, by=Caller(campus.li), muted=["identity"], quiet=None)
    bind("o-second", campus.li, may_replace=True)
    told()
    with db.unit_of_work() as session:
        message = session.scalars(select(Message)).one()
    assert message.push != Push.MUTED
    assert "改绑到了另一个微信" in message.text % message.params
