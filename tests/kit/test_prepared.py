"""kit.prepared and the connections it runs on."""

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError

from app.kit import db
from app.kit.outbox import OutboxDelivery
from app.kit.prepared import Prepared

BY_ID = Prepared(
    select(OutboxDelivery.__table__.c.event).where(OutboxDelivery.__table__.c.id == bindparam("n"))
)
COUNT = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%outbox_deliveries.event%'")


class Refusal(Exception):
    """As a use-case raises it."""


@pytest.fixture
def prepared(app):
    """How many of our statement the connection used last has; each size of number is the same statement."""
    db.engine().dispose()

    def count() -> int:
        with db.unit_of_work() as session:
            return int(session.execute(COUNT).scalar_one())

    with db.unit_of_work() as session:
        for number in (1, 100_000, 10_000_000_000):
            BY_ID.rows(session, n=number)
    assert count() == 1
    return count


def test_a_refused_use_case_leaves_its_statements_prepared(prepared):
    with pytest.raises(Refusal), db.unit_of_work() as session:
        BY_ID.rows(session, n=1)
        raise Refusal
    assert prepared() == 1
    with db.unit_of_work() as session:
        assert BY_ID.rows(session, n=1) == []


def test_a_failed_statement_has_them_made_anew(prepared):
    with pytest.raises(DBAPIError), db.unit_of_work() as session:
        BY_ID.rows(session, n=1)
        session.execute(text("SELECT 1 / 0"))
    assert prepared() == 0
    with db.unit_of_work() as session:
        assert BY_ID.rows(session, n=1) == []


def test_what_a_refused_use_case_wrote_is_gone(app):
    with db.unit_of_work() as session:
        session.execute(text("CREATE TEMPORARY TABLE notes (n int)"))
    with pytest.raises(Refusal), db.unit_of_work() as session:
        session.execute(text("INSERT INTO notes VALUES (1)"))
        raise Refusal
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM notes")).scalar_one() == 0
    db.engine().dispose()
