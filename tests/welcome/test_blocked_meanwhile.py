"""What was asked at the very moment of a block is not there when the block is lifted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.welcome import queries
from app.welcome.models import Block, Channel, CompanionThread, Exchange
from app.welcome.service import companions, roommates, safety
from app.welcome.service.companions import Journey


@pytest.fixture
def two(intake):
    """周 and 林, each with a WeChat to swap."""
    for person_id in (intake.zhou, intake.lin):
        with db.unit_of_work() as session:
            by = intake.freshman(person_id)
            value = f"weilife_{person_id}_x"
            roommates.save_contact(session, by=by, channel=Channel.WECHAT, value=value, agrees=True)
    return intake.freshman(intake.zhou), intake.freshman(intake.lin)


def unblock(by):
    with db.unit_of_work() as session:
        block_id = session.scalars(select(Block.public_id)).one()
        safety.unblock(session, by=by, block_id=block_id)


def test_it_works(intake, two):
    """林's wish to swap is on its way while 周 blocks her."""
    zhou, lin = two
    with db.unit_of_work() as asking:
        mate_id = queries.admission_of(asking, intake.zhou).public_id
        roommates.ask_exchange(asking, by=lin, mate_id=mate_id, channel=Channel.WECHAT)
        with db.unit_of_work() as session:
            safety.block(session, by=zhou, person_id=intake.lin)
    with db.unit_of_work() as session:
        assert session.scalars(select(Exchange.status)).all() == ["asked"], "it slipped through"
    unblock(zhou)
    with db.unit_of_work() as session:
        assert session.scalars(select(Exchange.status)).all() == ["ended"]


def test_the_same_for_a_wish_to_travel_along(intake, two):
    zhou, lin = two
    journey = Journey("440100", clock.today() + timedelta(days=1), "train", 1)
    with db.unit_of_work() as session:
        post_id = companions.publish(session, by=zhou, journey=journey, agrees=True)
    with db.unit_of_work() as asking:
        companions.ask_to_join(asking, by=lin, post_id=post_id)
        with db.unit_of_work() as session:
            safety.block(session, by=zhou, person_id=intake.lin)
    unblock(zhou)
    with db.unit_of_work() as session:
        assert session.scalars(select(CompanionThread.status)).all() == ["ended"]
