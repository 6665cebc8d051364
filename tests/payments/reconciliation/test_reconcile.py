"""Single stories of a run: what waits, what heals, what people decided, what a closed day takes."""

from datetime import timedelta

import psycopg.errors
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.kit import clock, db
from app.payments.errors import DayBeingReconciled, DayNotOver
from app.payments.models import Day, Difference
from app.payments.service.reconciling import reconcile
from app.payments.service.reconciling.figures import Unexplained
from tests.payments.reconciliation import plants
from tests.payments.reconciliation.world import DAY, WECHAT, Line, World

NEXT = DAY + timedelta(days=1)
BILL = ("wechat", "trade", WECHAT[1], DAY)


def only(books) -> Difference:
    with db.unit_of_work() as session:
        return session.scalars(select(Difference)).one()


def quiet(books, orders: int = 5) -> World:
    world = books.world()
    world.ordinary(orders)
    return world


def test_it_works(books):
    world = quiet(books, 50)
    plants.odd_but_right(world)
    plants.fund_flow(world)
    plants.settle(world)
    world.write()
    report = books.run(DAY)
    assert books.found() == {}
    assert report.is_explained
    one = next(one for one in report.accounts if (one.source, one.kind) == ("wechat", "trade"))
    lines = world.bills[BILL]
    assert (one.lines, one.fen) == (len(lines), sum(line.fen for line in lines))
    assert one.fen == one.matched_fen + one.explained_fen
    assert books.ask("SELECT figures ->> 'is_explained' FROM payments_runs") == [("true",)]


def test_what_happens_at_midnight_heals_from_the_next_days_bill(books):
    world = quiet(books)
    one = world.pay(world.moment(DAY, low=86_000, high=86_399), account=WECHAT)
    world.meter_line(one)
    world.write()
    assert not books.run(DAY).is_explained
    cut = only(books)
    assert (cut.kind, cut.status, cut.heal_by) == ("cutoff", "waiting", DAY + timedelta(days=3))
    clock.advance(timedelta(days=1))
    world.everybody(NEXT)
    line = world.pay_line(one, day=NEXT)
    world.reissue(("wechat", "trade", WECHAT[1], NEXT), [line], version=1)
    books.run(NEXT)
    assert only(books).status == "healed"
    assert books.run(DAY).is_explained


def test_after_three_days_it_is_called_by_its_name(books):
    world = quiet(books)
    plants.only_here(world)
    plants.only_there(world)
    world.write()
    books.run(DAY)
    clock.advance(timedelta(days=3))
    books.run(DAY)
    assert {kind for kind, _, _ in books.found().values()} == {"shortage", "surplus"}
    assert books.ask("SELECT DISTINCT status FROM payments_differences") == [("open",)]


def test_what_the_channel_lacks_waits_two_days_for_later_bills(books):
    world = quiet(books)
    plants.not_in_bill(world)
    world.write()
    books.run(DAY)
    assert (only(books).status, only(books).heal_by) == ("waiting", DAY + timedelta(days=2))
    clock.advance(timedelta(days=2))
    books.run(DAY)
    assert only(books).status == "open"


def test_a_missing_bill_is_no_shortage_and_no_balance(books):
    world = quiet(books, 50)
    del world.bills[BILL]
    world.write()
    report = books.run(DAY)
    assert books.found() == {}
    assert not report.is_explained
    assert [(one.kind, one.account) for one in report.missing] == [("fund", "1601"), ("trade", "1601")]


def test_a_missing_fund_flow_keeps_a_day_incomplete(books):
    world = quiet(books)
    world.write()
    books.change("UPDATE payments_bills SET status = 'replaced' WHERE kind = 'fund' AND account = '1602'")
    report = books.run(DAY)
    assert [(one.kind, one.account) for one in report.missing] == [("fund", "1602")]
    assert not report.is_explained and books.found() == {}


def test_a_refused_bill_is_a_missing_one(books):
    world = quiet(books)
    world.write()
    books.change("UPDATE payments_bills SET status = 'refused', refusal = 'cut' WHERE account = 'P1'")
    assert [one.account for one in books.run(DAY).missing] == ["P1"]


def test_a_day_without_a_movement_there_leaves_ours_over(books):
    world = quiet(books)
    lines = world.bills[BILL]
    paid = [line for line in lines if line.sort == "payment"]
    world.bills[BILL] = []
    world.write()
    books.run(DAY)
    found = books.found()
    assert len(found) == len(lines)
    assert sum(fen for kind, _, fen in found.values() if kind != "refund") == -sum(line.fen for line in paid)


def test_a_new_version_is_matched_anew_and_heals_what_it_mends(books):
    world = quiet(books)
    plants.unknown_order(world)
    bill = next(key for key, lines in world.bills.items() if any(line.number == "NOBODY" for line in lines))
    world.write()
    books.run(DAY)
    before = books.ask("SELECT count(*) FROM payments_matches")
    world.reissue(bill, [line for line in reversed(world.bills[bill]) if line.number != "NOBODY"])
    assert books.run(DAY).is_explained
    assert only(books).status == "healed"
    assert books.ask("SELECT count(*) FROM payments_matches") == before
    stale = "SELECT 1 FROM payments_matches m JOIN payments_bill_lines l ON l.id = m.line_id JOIN payments_bills b"
    assert books.ask(f"{stale} ON b.id = l.bill_id WHERE b.status <> 'current'") == []  # noqa: S608


@pytest.fixture
def surplus(books):
    """A wechat line that nobody knows, found by a run; its bill's key and itself."""
    world = quiet(books)
    line = Line("payment", world.moment(DAY), "4200", 1500, "NOBODY")
    world.line(WECHAT, DAY, line)
    world.write()
    books.run(DAY)
    return world, line


def other_version(world: World, line: Line, fen: int) -> None:
    lines = [
        Line(**{**vars(one), "fen": fen if one.reference == line.reference else one.fen})
        for one in world.bills[BILL]
    ]
    world.reissue(BILL, lines)


def test_who_has_it_and_that_it_is_suspended_stays_and_explains_it(books, surplus):
    world, line = surplus
    books.change("UPDATE payments_differences SET status = 'suspended', owner_id = :who", who=world.owner)
    other_version(world, line, 1600)
    report = books.run(DAY)
    found = only(books)
    assert (found.status, found.owner_id, found.fen) == ("suspended", world.owner, 1600)
    assert report.is_explained


@pytest.mark.parametrize(("fen", "status"), [(1500, "proposed"), (1600, "open")])
def test_a_proposal_stays_unless_the_sum_is_another(books, surplus, fen, status):
    world, line = surplus
    books.change(
        "UPDATE payments_differences SET status = 'proposed', proposed_by_id = :who, action = 'refund'",
        who=world.owner,
    )
    other_version(world, line, fen)
    books.run(DAY)
    found = only(books)
    assert (found.status, found.proposed_by_id) == (status, world.owner if status == "proposed" else None)


@pytest.mark.parametrize(("fen", "status"), [(1500, "settled"), (1600, "open")])
def test_what_two_persons_settled_stays_settled_unless_the_sum_is_another(
    books, campus, surplus, fen, status
):
    world, line = surplus
    books.change(
        "UPDATE payments_differences SET status = 'settled', proposed_by_id = :one, decided_by_id = :two,"
        " ended_at = opened_at",
        one=campus.li,
        two=campus.zhao,
    )
    other_version(world, line, fen)
    assert books.run(DAY).is_explained == (status == "settled")
    assert only(books).status == status


def test_what_was_settled_by_booking_it_is_counted_once(books, campus):
    """补单: the payment is booked while its difference is there; the next run matches the line."""
    world = quiet(books)
    one = world.pay(world.moment(DAY), account=WECHAT)
    line = world.pay_line(one)
    world.meter_line(one)
    world.write()
    books.run(DAY)
    books.change(
        "DELETE FROM payments_matches m USING payments_bill_lines l WHERE l.id = m.line_id AND l.reference = :r",
        r=line.reference,
    )
    books.change(
        "INSERT INTO payments_differences (number, key, day, source, bill_kind, account, kind, line_id, bill_fen, fen,"
        " facts, status, proposed_by_id, decided_by_id, run_id, opened_at, ended_at) SELECT 'D1', :key, :day, 'wechat',"
        " 'trade', :account, 'surplus', l.id, l.fen, l.fen, '{\"reason\": \"not_booked\"}', 'settled', :one, :two,"
        " (SELECT max(id) FROM payments_runs), now(), now() FROM payments_bill_lines l WHERE l.reference = :r",
        key=f"wechat:{WECHAT[1]}:payment:{line.reference}", day=DAY, account=WECHAT[1], one=campus.li, two=campus.zhao,
        r=line.reference,
    )  # fmt: skip
    assert books.run(DAY).is_explained
    assert only(books).status == "settled"


def test_news_of_a_closed_day_belongs_to_the_day_it_comes_on(books, surplus):
    world, line = surplus
    books.change("UPDATE payments_differences SET status = 'suspended', owner_id = :who", who=world.owner)
    books.run(DAY)
    books.change("UPDATE payments_days SET status = 'closed', closed_at = now(), certificate = '{}'")
    known = (
        books.ask("SELECT day, status, fen, line_id FROM payments_differences"),
        books.ask("SELECT * FROM payments_days"),
    )
    late = Line("payment", world.moment(DAY), "4201", 700, "NOBODY")
    late.fee_e5 = 4000
    charged = ("wechat", "trade", "1602", DAY)
    world.reissue(charged, [*world.bills[charged], late])
    clock.advance(timedelta(days=1))
    for _ in range(2):
        books.run(DAY)
        rows = books.ask("SELECT day, status, fen, line_id FROM payments_differences ORDER BY id")
        assert (rows[:1], books.ask("SELECT * FROM payments_days")) == known
        news = books.ask(
            "SELECT day, facts ->> 'closed_day', status, fen FROM payments_differences ORDER BY id OFFSET 1"
        )
        assert news == [(DAY + timedelta(days=2), f"{DAY}", "open", 700)]
        clock.advance(timedelta(days=1))


def test_two_runs_at_once_are_one(books):
    world = quiet(books)
    world.write()
    with db.unit_of_work() as session:
        reconcile(session, day=DAY, by_id=None)
        for day in (DAY, DAY - timedelta(days=1)):
            with pytest.raises(DayBeingReconciled), db.unit_of_work() as other:
                reconcile(other, day=day, by_id=None)
    assert books.ask("SELECT count(*) FROM payments_runs") == [(1,)]


def test_while_a_day_is_being_closed_it_is_not_run(books):
    world = quiet(books)
    world.write()
    books.run(DAY)
    with db.unit_of_work() as session:
        session.execute(select(Day.day).where(Day.day == DAY).with_for_update())
        with pytest.raises(DayBeingReconciled):
            books.run(DAY)


def test_today_is_not_over(books):
    books.world()
    with pytest.raises(DayNotOver):
        books.run(clock.today())


def test_a_line_and_an_entry_take_part_once_whoever_writes(books):
    world = quiet(books)
    world.write()
    books.run(DAY)
    for line, entry in (("m.line_id", "0"), ("l.id", "m.entry_id")):
        twice = (
            f"INSERT INTO payments_matches SELECT {line}, {entry}, m.day, m.day, 'x' FROM payments_matches m,"  # noqa: S608
            " payments_bill_lines l WHERE l.id <> m.line_id LIMIT 1"
        )
        with pytest.raises(IntegrityError) as caught, db.unit_of_work() as session:
            session.execute(text(twice))
        assert isinstance(caught.value.orig, psycopg.errors.UniqueViolation)


def test_a_bill_that_has_not_all_its_lines_stops_the_run(books):
    world = quiet(books)
    world.write()
    books.change("UPDATE payments_bills SET lines = lines + 1 WHERE account = 'P1'")
    with pytest.raises(Unexplained):
        books.run(DAY)
    assert books.ask("SELECT count(*) FROM payments_runs") == [(0,)]


def test_a_refund_may_be_done_days_after_it_was_accepted(books):
    world = quiet(books)
    one = plants.on_the_day(world, WECHAT)
    number, theirs = world.refund(one, one.fen, world.moment(DAY + timedelta(days=2)))
    world.refund_line(one, number, theirs, one.fen, DAY, "PROCESSING")
    world.write()
    clock.advance(timedelta(days=3))
    assert books.run(DAY).is_explained
    assert books.ask(
        "SELECT entry_on - day FROM payments_matches WHERE rule = 'refund' AND day <> entry_on"
    ) == [(2,)]


def test_the_line_of_the_entrys_own_day_wins_also_when_it_comes_later(books):
    world = quiet(books)
    one = world.pay(world.moment(DAY), account=WECHAT)
    world.meter_line(one)
    line = world.pay_line(one)
    own = world.bills.pop(BILL)
    world.pay_line(one, day=NEXT)
    world.write()
    clock.advance(timedelta(days=1))
    books.run(NEXT)
    assert books.ask("SELECT entry_on - day FROM payments_matches WHERE day <> entry_on") == [(-1,)]
    world.reissue(BILL, own, version=1)
    books.run(DAY)
    books.run(NEXT)
    assert books.ask("SELECT 1 FROM payments_matches WHERE day <> entry_on") == []
    found = books.found()
    assert found == {
        f"wechat:{WECHAT[1]}:payment:{line.reference}@{NEXT}": ("surplus", "listed_twice", one.fen)
    }


def test_two_meters_of_one_room_are_told_apart_only_where_the_vendor_does(books):
    world = quiet(books, 0)
    for _ in range(2):
        one = plants.on_the_day(world, WECHAT)
        one.fen = 5000
        row = world.rows["payments_orders"][one.order - 1]
        row["subject"] = f"south|room-7|{world.name('m')}"
        world.deliver(one)
        world.line(
            ("meters", "south"), DAY, Line("top_up", one.at, world.name("DK"), 5000, key="room-7"), "delivery"
        )
    world.write()
    assert books.run(DAY).is_explained
    assert books.ask("SELECT count(*) FROM payments_matches WHERE rule = 'purchase'") == [(2,)]


def test_fees_are_rounded_to_the_fen_line_by_line_as_in_the_published_samples(books):
    """1 % of 0.01 costs nothing, 1 % of 2.02 costs 0.02."""
    world = quiet(books, 0)
    world.rows["payments_fee_rates"][0]["rate_e6"] = 10_000
    for fen, fee in ((1, 0), (202, 2000), (-202, -2000), (50, 1000), (49, 0)):
        sort = "payment" if fen > 0 else "refund"
        world.line(
            ("wechat", "1602"), DAY, Line(sort, world.moment(DAY), world.name("4"), fen, "NOBODY", fee_e5=fee)
        )
    world.write()
    books.run(DAY)
    assert "fee" not in {kind for kind, _, _ in books.found().values()}


def test_a_day_in_two_halves_is_one_bill_and_one_half_is_none(books):
    world = quiet(books, 60)
    lines = world.bills.pop(BILL)
    halves = {"payments": [one for one in lines if one.sort == "payment"]}
    halves["refunds"] = [one for one in lines if one.sort == "refund"]
    world.bills[("wechat", "payments", WECHAT[1], DAY)] = halves["payments"]
    world.bills[("wechat", "fund", WECHAT[1], DAY)] = world.moved(lines, DAY)
    world.write()
    assert [one.account for one in books.run(DAY).missing] == [WECHAT[1]]
    assert books.found() == {}
    world.reissue(("wechat", "refunds", WECHAT[1], DAY), halves["refunds"], version=1)
    report = books.run(DAY)
    assert report.is_explained
    one = next(one for one in report.accounts if (one.source, one.account, one.kind) == (*WECHAT, "trade"))
    assert one.lines == len(lines)
