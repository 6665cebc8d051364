"""`flask payments close-day --date D --by NUMBER`."""

import pytest

from app.kit import db
from app.kit.caller import Caller
from app.kit.module import Module, Registry
from app.payments.flows import reconciling
from app.payments.service import cases
from app.platform.directory import queries as directory
from app.platform.identity import service as identity
from tests.payments.reconciliation import plants
from tests.payments.reconciliation.world import DAY, places


@pytest.fixture(autouse=True)
def _deliveries(app):
    reconciling.configure(Registry((Module("rooms", "-", deliveries=places),)))
    yield
    reconciling.configure(app.extensions["registry"])


@pytest.fixture
def explained(books, campus):
    """A day with one difference, which two people have dealt with."""
    world = books.world()
    world.ordinary(20)
    plants.unknown_order(world)
    world.write()
    books.go_on()
    books.run(DAY)
    number = books.ask("SELECT number FROM payments_differences")[0].number
    with db.unit_of_work() as session:
        cases.propose(session, by=Caller(campus.zhao), number=number, action="clear", note="已逐笔核对")
    with db.unit_of_work() as session:
        cases.approve(session, by=Caller(campus.chen), number=number)


@pytest.fixture
def number(campus):
    """陈's, who reviews."""
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=campus.chen, role="payments.reviewer")
        return directory.person(session, campus.chen).number


def close(app, *words):
    return app.test_cli_runner().invoke(args=["payments", "close-day", "--date", f"{DAY}", *words])


def states(books):
    return [tuple(row) for row in books.ask("SELECT status, closed_by_id FROM payments_days")]


@pytest.mark.usefixtures("explained")
def test_it_works(app, books, campus, number):
    nameless = close(app)
    assert nameless.exit_code == 1 and "还不能关账" in nameless.output
    done = close(app, "--by", number)
    assert done.exit_code == 0, done.output
    assert "已关账，日结单 RJ20261115" in done.output
    assert states(books) == [("closed", campus.chen)]


@pytest.mark.usefixtures("explained")
def test_only_in_the_name_of_somebody_who_may(app, books, campus):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=campus.zhao, role="payments.cashier")
        number = directory.person(session, campus.zhao).number
    assert "没有复核与关账的权限" in close(app, "--by", number).output
    assert "没有工号为 nobody 的人" in close(app, "--by", "nobody").output
    assert states(books) == [("open", None)]
