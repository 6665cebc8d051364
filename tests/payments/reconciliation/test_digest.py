"""对账日报: what finance reads on the phone before eleven."""

from sqlalchemy import text

from app.kit import clock, db
from app.payments.service.digest import tell_finance
from app.platform.identity import service as identity


def told():
    with db.unit_of_work() as session:
        count = tell_finance(session)
    with db.unit_of_work() as session:
        rows = session.execute(text("SELECT person_id, params FROM notifications_messages ORDER BY id")).all()
    return count, rows


def clerk(campus):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=campus.zhao, role="payments.cashier")
        identity.grant_role(session, by=None, person_id=campus.he, role="payments.auditor")


def test_it_works(books, campus):
    clerk(campus)
    world = books.planted(3, orders=60, wrong=40)
    books.run(world.day)
    assert (clock.today() - world.day).days == 1
    count, rows = told()
    assert count == 1
    assert rows[0].person_id == campus.zhao
    assert rows[0].params["verdict"] == "还有 40 笔差错"
    assert rows[0].params["rest"] == "以前的都已结清"


def test_old_ones_are_counted_apart(books, campus):
    clerk(campus)
    world = books.planted(3, orders=60, wrong=40)
    books.run(world.day)
    books.change("UPDATE payments_differences SET day = day - 5 WHERE kind = 'fee'")
    fees = books.ask("SELECT count(*) AS n FROM payments_differences WHERE kind = 'fee'")[0].n
    _, rows = told()
    assert rows[0].params["rest"] == f"以前差错{fees}，挂账0，超3天{fees}"
    assert len(rows[0].params["rest"]) <= 20


def test_twice_on_one_day_is_one_message(books, campus):
    clerk(campus)
    told()
    _, rows = told()
    assert len(rows) == 1
    assert rows[0].params["verdict"] == "还没有对账"
