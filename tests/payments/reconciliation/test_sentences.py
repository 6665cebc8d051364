"""A difference in words: exact sums, what to do, what proves it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.payments.models import Action, Difference
from app.payments.queries.desk.explanations import EXPLANATIONS
from app.payments.queries.reconciliation import days_due, explain, is_explained
from tests.payments.reconciliation import plants
from tests.payments.reconciliation.world import DAY


def test_it_works(books):
    world = books.world()
    world.ordinary(3)
    plants.other_sum(world)
    world.write()
    books.run(DAY)
    with db.unit_of_work() as session:
        row = session.scalars(select(Difference)).one()
        said = explain(row)
    sentence = said.msgid % said.params
    assert f"¥{row.bill_fen / 100:,.2f}" in sentence and f"¥{row.our_fen / 100:,.2f}" in sentence
    assert row.facts["reference"] in sentence
    assert said.action == Action.ADJUST
    assert dict(said.evidence) == {"line": row.line_id, "entry": row.entry_id, "order": row.order_id}


def test_every_case_that_a_run_finds_has_its_sentence(books):
    world = books.planted(11, orders=30, wrong=60)
    books.run(world.day)
    with db.unit_of_work() as session:
        rows = session.scalars(select(Difference)).all()
        said = {(row.kind, row.facts["reason"]): explain(row) for row in rows}
    for case, explanation in said.items():
        sentence = explanation.msgid % explanation.params
        assert "None" not in sentence and "%" not in sentence.replace("0.60%", "").replace("0.00%", ""), (
            case,
            sentence,
        )
    unseen = {(f"{kind}", reason) for kind, reason in EXPLANATIONS} - set(said)
    # These need a second cause on top; each is a branch of the same statement as its neighbours. The flow is no bill:
    # tests/payments/test_card_flow.py.
    assert unseen <= {
        ("amount", "reversal"),
        ("refund", "other_day"),
        ("fulfilment", "other_day"),
        ("settlement", "flow"),
    }


@pytest.mark.parametrize("wrong", [False, True])
def test_a_day_is_explained_when_its_last_run_says_so_and_nothing_was_opened_since(books, wrong):
    world = books.world()
    world.ordinary(3)
    if wrong:
        plants.unknown_order(world)
    world.write()
    with db.unit_of_work() as session:
        assert not is_explained(session, DAY)
    books.run(DAY)
    with db.unit_of_work() as session:
        assert is_explained(session, DAY) is not wrong


def test_a_day_is_run_when_bills_have_come_and_then_twice_a_day(books):
    def due() -> list:
        with db.unit_of_work() as session:
            return days_due(session, today=clock.today())

    world = books.world()
    assert due() == []
    world.ordinary(3)
    world.write()
    assert due() == [DAY]
    clock.advance(timedelta(minutes=1))
    books.run(DAY)
    assert due() == []
    clock.advance(timedelta(minutes=1))
    key = ("wechat", "trade", "1602", DAY)
    world.reissue(key, world.bills[key])
    assert due() == [DAY]
    clock.advance(timedelta(minutes=1))
    books.run(DAY)
    assert due() == []
    clock.advance(timedelta(hours=13))
    assert due() == [DAY]
    books.change("UPDATE payments_days SET status = 'closed', closed_at = now(), certificate = '{}'")
    assert due() == []
