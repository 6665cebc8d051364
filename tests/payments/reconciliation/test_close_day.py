"""日结: only a day whose every fen is explained is signed, and what is signed stays."""

import pytest
from sqlalchemy import text

from app.kit import clock, db
from app.kit.caller import Caller
from app.payments.errors import DayClosed, DayNotExplained
from app.payments.queries.closing import certificate_of, day_state, days_to_close
from app.payments.service import cases, closing
from tests.payments.reconciliation.world import NORTH, SOUTH, places


def close(day, by=None):
    with db.unit_of_work() as session:
        return closing.close_day(session, by=by, day=day, deliveries=(places,), meters=(NORTH, SOUTH))


def settle(number, campus, action="clear"):
    with db.unit_of_work() as session:
        cases.propose(session, by=Caller(campus.zhao), number=number, action=action, note="已逐笔核对")
    with db.unit_of_work() as session:
        cases.approve(session, by=Caller(campus.chen), number=number)


def quiet(books, orders=40):
    world = books.world()
    world.ordinary(orders)
    world.write()
    books.go_on()
    return world


def test_it_works(books):
    """A day without differences closes itself; its certificate adds up."""
    world = quiet(books)
    certificate = close(world.day)
    assert certificate["number"] == f"RJ{world.day:%Y%m%d}"
    for one in certificate["accounts"]:
        assert one["kind"] == "fund" or one["fen"] == one["matched_fen"] + one["explained_fen"]
    assert [
        row.status for row in books.ask("SELECT status FROM payments_days WHERE day = :d", d=world.day)
    ] == ["closed"]
    with db.unit_of_work() as session:
        kept = certificate_of(session, world.day)
        assert day_state(session, world.day).state == "closed"
    assert kept["fingerprint"] == closing.fingerprint(kept)


def test_the_fingerprint_sees_a_changed_fen(books):
    certificate = close(quiet(books).day)
    certificate["accounts"][0]["fen"] += 1
    assert closing.fingerprint(certificate) != certificate["fingerprint"]


def test_a_day_with_differences_stays_open_until_each_is_explained(books, campus):
    world = books.planted(3, orders=60, wrong=40)
    by = Caller(campus.zhao)
    with pytest.raises(DayNotExplained) as refused:
        close(world.day, by)
    assert refused.value.params["live"] == 40
    books.run(world.day)
    for row in books.ask("SELECT number FROM payments_differences WHERE ended_at IS NULL ORDER BY id"):
        settle(row.number, campus)
    with pytest.raises(DayNotExplained):
        close(world.day)  # not by itself
    certificate = close(world.day, by)
    assert {one["status"] for one in certificate["differences"]} == {"settled"}
    assert certificate["closed_by_id"] == campus.zhao


def test_what_is_suspended_has_an_owner_and_counts_as_explained(books, campus):
    world = books.planted(3, orders=60, wrong=40)
    books.run(world.day)
    for row in books.ask("SELECT number FROM payments_differences WHERE ended_at IS NULL ORDER BY id"):
        settle(row.number, campus, "suspend")
    certificate = close(world.day, Caller(campus.zhao))
    assert {one["owner_id"] for one in certificate["differences"]} == {campus.zhao}


def test_a_missing_bill_keeps_the_day_open(books):
    world = quiet(books)
    books.change("UPDATE payments_bills SET status = 'replaced' WHERE source = 'card'")
    with pytest.raises(DayNotExplained) as refused:
        close(world.day)
    assert refused.value.params["missing"] == 1


def test_it_is_closed_once(books):
    world = quiet(books)
    close(world.day)
    with pytest.raises(DayClosed):
        close(world.day)


def test_the_clock_closes_quiet_days_only(books, campus):
    world = books.planted(3, orders=60, wrong=40)
    books.run(world.day)
    with db.unit_of_work() as session:
        assert days_to_close(session, today=clock.today(), quiet=False) == []
    for row in books.ask("SELECT number FROM payments_differences WHERE ended_at IS NULL ORDER BY id"):
        settle(row.number, campus)
    with db.unit_of_work() as session:
        assert days_to_close(session, today=clock.today(), quiet=False) == [world.day]
        assert days_to_close(session, today=clock.today(), quiet=True) == []


def test_a_closing_is_in_the_audit(books, campus):
    world = quiet(books)
    close(world.day, Caller(campus.zhao))
    with db.unit_of_work() as session:
        rows = session.execute(
            text("SELECT action FROM audit_entries WHERE action = 'payments.close_day'")
        ).all()
    assert len(rows) == 1


def test_fees_are_booked_as_they_were_kept(books):
    world = quiet(books)
    kept = books.ask("SELECT sum(fee_e5) / 1000 AS fen FROM payments_bills WHERE account = '1602'")[0].fen
    close(world.day)
    booked = books.ask("SELECT fen, business_on FROM payments_ledger_entries WHERE kind = 'fee'")
    assert [(row.fen, row.business_on) for row in booked] == [(kept, world.day)]
    assert kept > 0


def test_a_settlement_that_reached_the_bank_leaves_the_channel(books, campus):
    world = books.planted(3, orders=60, wrong=40)
    books.run(world.day)
    for row in books.ask("SELECT number FROM payments_differences WHERE ended_at IS NULL ORDER BY id"):
        settle(row.number, campus)
    close(world.day, Caller(campus.zhao))
    arrived = books.ask(
        """SELECT coalesce(sum(l.fen), 0) AS fen FROM payments_bill_lines l WHERE l.id IN (
        SELECT bank_line_id FROM payments_settlement_parts)
        AND (l.at AT TIME ZONE 'Asia/Shanghai')::date = :d""",
        d=world.day,
    )[0].fen
    booked = books.ask(
        "SELECT coalesce(sum(fen), 0) AS fen FROM payments_ledger_entries WHERE kind = 'settlement'"
    )
    assert booked[0].fen == arrived > 0
