"""A photo that can't be opened: whoever sent it is told, and the page says so."""

import pytest
from sqlalchemy import select

from app.kit import db, outbox
from app.platform.files import service as files
from app.platform.notifications.models import Message
from tests import visit


@pytest.fixture
def report(app, house):
    """李's report with one photo that turns out to be none; its public id."""
    with db.unit_of_work() as session:
        photo_id, public_id = files.announce_photo(session, by=house.li, size=(9, 9), length=9, sha256="0")
        files.receive_photo(session, photo_id=photo_id)
    ticket = house.submit(photos=(public_id,))
    with db.unit_of_work() as session:
        assert files.refuse_photo(session, photo_id=photo_id, reason="not_a_photo")
    for _ in range(2):
        outbox.drain(clients=app.extensions["clients"], seconds=10)
    return ticket.public_id


def test_it_works(house, report):
    with db.unit_of_work() as session:
        told = session.execute(
            select(Message.person_id, Message.text, Message.params).where(
                Message.kind == "repairs.photo_refused"
            )
        ).all()
    (one,) = told
    assert one.person_id == house.ids.li
    assert "的一张照片打不开" in one.text % one.params
    assert one.params["hint"] == "照片打不开，可上门时当面给师傅看"


def test_both_pages_say_that_one_is_missing(app, house, report):
    phone = visit.phone(app, house.ids.li).get(f"/m/repairs/{report}").text
    assert "1 张照片打不开或已删除" in phone


def test_a_photo_of_something_else_is_not_ours(app, house):
    with db.unit_of_work() as session:
        photo_id, public_id = files.announce_photo(session, by=house.li, size=(9, 9), length=9, sha256="0")
        files.receive_photo(session, photo_id=photo_id)
        files.claim_photos(
            session, by=house.li, public_ids=(public_id,), object_type="other.thing", object_id="1"
        )
        files.refuse_photo(session, photo_id=photo_id, reason="lost")
    outbox.drain(clients=app.extensions["clients"], seconds=10)
    with db.unit_of_work() as session:
        assert session.scalars(select(Message.id)).all() == []
