"""What card system and unified platform owe for a day, against the bank's lines."""

from datetime import timedelta

import psycopg.errors
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.kit import clock, db
from app.payments.models import Action, Difference
from app.payments.queries.reconciliation import explain
from app.payments.service import closing
from app.payments.service.cases.acting import possible_actions
from app.payments.service.reconciling import reconcile
from tests.payments.reconciliation import plants
from tests.payments.reconciliation.world import (
    CARD,
    DAY,
    NORTH,
    PLATFORM,
    SOUTH,
    WECHAT,
    Line,
    World,
    places,
)

NEXT = DAY + timedelta(days=1)
BOTH = pytest.mark.parametrize("account", [CARD, PLATFORM], ids=["card", "platform"])


def key_of(account, day) -> str:
    return f"{account[0]}:{account[1]}:settlement:{day}"


def difference(books, key: str) -> Difference:
    with db.unit_of_work() as session:
        return session.scalars(select(Difference).where(Difference.key == key)).one()


def quiet(books) -> World:
    """A day on which every channel has taken something."""
    world = books.world()
    world.ordinary(5)
    for account in (CARD, PLATFORM):
        world.meter_line(plants.on_the_day(world, account, deliver=True))
    return world


def come(world: World, fen: int, *, day=NEXT, note: str | None = None) -> Line:
    """One line of the bank on a later day, written at once."""
    key = ("bank", "bank", "main", day)
    version = 2 if key in world.bills else 1
    line = plants.bank(world, fen, day=day, note=note)
    world.reissue(key, world.bills[key], version=version)
    return line


@BOTH
def test_it_works(books, account):
    """Three days are one bank line, to the fen: N:1."""
    world = quiet(books)
    plants.bank(world, plants.earlier_nets(world, account))
    world.write()
    assert books.run(DAY).is_explained
    assert books.found() == {}
    parts = books.ask(
        "SELECT b.source, b.account, b.day, p.fen FROM payments_settlement_parts p"
        " JOIN payments_bills b ON b.id = p.bill_id ORDER BY b.day"
    )
    days = [DAY - timedelta(days=back) for back in (3, 2, 1)]
    assert parts == [(*account, day, plants.net(world, account, day)) for day in days]


@BOTH
def test_what_the_bank_lacks_waits_and_is_then_pursued(books, account):
    world = quiet(books)
    plants.bank_goes_on(world)
    world.write()
    clock.advance(timedelta(days=1))
    owed = plants.net(world, account, DAY)
    assert not books.run(DAY).is_explained
    assert books.found()[key_of(account, DAY)] == ("settlement", "net_in_transit", owed)
    waits = difference(books, key_of(account, DAY))
    assert (waits.status, waits.heal_by) == ("waiting", DAY + timedelta(days=5))
    said = explain(waits)
    assert f"¥{owed / 100:,.2f}" in said.msgid % said.params and said.action == Action.SUSPEND
    assert dict(said.evidence) == {"bill": waits.facts["bill"]}
    clock.advance(timedelta(days=5))
    books.run(DAY)
    assert difference(books, key_of(account, DAY)).status == "open"


@BOTH
def test_it_heals_when_the_bank_has_it_whichever_day_is_run(books, account):
    world = quiet(books)
    plants.bank_goes_on(world)
    world.write()
    clock.advance(timedelta(days=3))
    books.run(DAY)
    later = NEXT + timedelta(days=1)
    come(world, plants.net(world, account, DAY), day=later)
    world.everybody(later)
    books.run(later)
    assert difference(books, key_of(account, DAY)).status == "healed"


def test_nothing_is_said_before_the_banks_next_day_is_here(books):
    world = quiet(books)
    plants.bank(world, plants.earlier_nets(world, CARD))
    world.write()
    assert books.run(DAY).is_explained


def silent(books) -> World:
    """No file of the bank has ever come; WeChat, too, has settled something."""
    world = quiet(books)
    line = Line("settlement", world.moment(DAY), "S-1", -4200)
    world.fund_flows()
    world.line(WECHAT, DAY, line, "fund")
    world.write()
    return world


def owed_by_all(world: World) -> dict[str, tuple[str, str, int]]:
    nets = {
        key_of(a, DAY): ("settlement", "net_in_transit", plants.net(world, a, DAY)) for a in (CARD, PLATFORM)
    }
    return nets | {f"wechat:{WECHAT[1]}:settlement:S-1": ("settlement", "in_transit", -4200)}


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
def test_what_is_overdue_is_told_though_no_file_of_the_bank_has_come(books, is_closed):
    """By the run of a later day, whether the day itself is closed or was forgotten."""
    world = silent(books)
    books.go_on()
    if is_closed:
        close(DAY)
    else:
        assert books.run(DAY).is_explained
    for _ in range(5):
        books.run(DAY)
        assert books.found() == {}
        clock.advance(timedelta(days=1))
    last = DAY + timedelta(days=5)
    books.run(last)
    assert books.found() == owed_by_all(world)
    for key in books.found():
        row = difference(books, key)
        assert (row.status, row.day) == ("open", clock.today() if is_closed else DAY)
    come(world, 4200, day=last, note=WECHAT[1])
    come(world, plants.net(world, CARD, DAY), day=last)
    books.run(last)
    assert set(books.found()) == {key_of(PLATFORM, DAY)}


def test_without_an_account_for_settlements_nothing_is_expected_of_the_bank(books):
    silent(books)
    clock.advance(timedelta(days=8))
    with db.unit_of_work() as session:
        reconcile(session, day=DAY, by_id=None, deliveries=(places,), meters=(NORTH, SOUTH), settled=())
    assert books.found() == {}


@BOTH
def test_another_sum_is_one_difference_with_both_sums(books, account):
    world = quiet(books)
    owed = plants.earlier_nets(world, account)
    line = plants.bank(world, owed - 60, note=f"财务结算款 {account[1]}")
    world.write()
    books.run(DAY)
    key = f"bank:main:settlement:{line.reference}"
    assert books.found() == {key: ("settlement", "other_sum", -60)}
    row = difference(books, key)
    assert (row.bill_fen, row.our_fen, row.status) == (owed - 60, owed, "open")
    said = explain(row)
    sentence = said.msgid % said.params
    for words in (
        f"¥{(owed - 60) / 100:,.2f}",
        f"¥{owed / 100:,.2f}",
        account[1],
        f"{DAY - timedelta(days=3)}",
    ):
        assert words in sentence
    assert dict(said.evidence)["line"] == row.line_id
    with db.unit_of_work() as session:
        assert possible_actions(session, row)[0] == said.action == Action.SUSPEND


def test_another_sum_stays_a_difference_whichever_day_is_run_and_heals_when_the_bank_mends_it(books):
    world = quiet(books)
    owed = plants.earlier_nets(world, CARD)
    line = plants.bank(world, owed - 60, note=CARD[1])
    world.write()
    clock.advance(timedelta(days=1))
    key = f"bank:main:settlement:{line.reference}"
    for day in (DAY, NEXT, DAY):
        books.run(day)
        assert difference(books, key).status == "open"
    bill = ("bank", "bank", "main", DAY)
    world.reissue(bill, [Line(**{**vars(one), "fen": owed}) for one in world.bills[bill]])
    books.run(DAY)
    assert difference(books, key).status == "healed"


def test_what_nobody_owes_is_not_taken_for_something_near(books):
    """Without a merchant number in its words, or off by more than a tenth, a line is nobody's."""
    world = quiet(books)
    owed = plants.earlier_nets(world, CARD)
    lines = [plants.bank(world, owed - 1), plants.bank(world, owed * 2, note=CARD[1])]
    world.write()
    books.run(DAY)
    assert books.found() == {
        f"bank:main:settlement:{line.reference}": ("settlement", "bank_only", line.fen) for line in lines
    }


def test_of_equal_sums_the_banks_words_say_whose_it_is(books):
    world = quiet(books)
    day = DAY - timedelta(days=1)
    for account in (CARD, PLATFORM):
        world.line(account, day, Line("payment", world.moment(day), world.name("42"), 4242))
    plants.bank(world, 4242, note=f"结算款 {PLATFORM[1]}")
    world.write()
    books.run(DAY)
    assert books.ask(
        "SELECT b.account FROM payments_settlement_parts p JOIN payments_bills b ON b.id = p.bill_id"
    ) == [(PLATFORM[1],)]


def test_more_refunds_than_payments_lower_the_next_settlement(books):
    world = quiet(books)
    for back, fen in ((2, -700), (1, 5000)):
        day = DAY - timedelta(days=back)
        sort = "payment" if fen > 0 else "refund"
        world.line(CARD, day, Line(sort, world.moment(day), world.name("42"), fen))
    plants.bank(world, 4300)
    world.write()
    assert books.run(DAY).is_explained
    assert books.ask("SELECT count(*) FROM payments_settlement_parts") == [(2,)]


def test_a_new_version_of_a_bill_is_compared_anew(books):
    world = quiet(books)
    owed = plants.earlier_nets(world, CARD)
    line = plants.bank(world, owed)
    world.write()
    assert books.run(DAY).is_explained
    key = ("card", "trade", CARD[1], DAY - timedelta(days=1))
    world.reissue(key, [*world.bills[key], Line("payment", world.moment(key[3]), world.name("42"), 5)])
    books.run(DAY)
    assert books.found() == {f"bank:main:settlement:{line.reference}": ("settlement", "bank_only", owed)}
    assert books.ask("SELECT 1 FROM payments_settlement_parts") == []


def test_a_channel_whose_money_stays_elsewhere_owes_nothing_here(books):
    world = quiet(books)
    plants.bank_goes_on(world)
    world.write()
    clock.advance(timedelta(days=1))
    with db.unit_of_work() as session:
        reconcile(
            session, day=DAY, by_id=None, deliveries=(places,), meters=(NORTH, SOUTH), settled=("platform",)
        )
    assert set(books.found()) == {key_of(PLATFORM, DAY)}


def test_a_bill_is_part_of_one_bank_line_at_most(books):
    world = quiet(books)
    plants.bank(world, plants.earlier_nets(world, CARD))
    world.write()
    books.run(DAY)
    twice = (
        "INSERT INTO payments_settlement_parts (line_id, bill_id, bank_line_id, fen)"
        " SELECT line_id, bill_id, bank_line_id, fen FROM payments_settlement_parts LIMIT 1"
    )
    with pytest.raises(IntegrityError) as caught, db.unit_of_work() as session:
        session.execute(text(twice))
    assert isinstance(caught.value.orig, psycopg.errors.UniqueViolation)


def close(day, by=None) -> None:
    with db.unit_of_work() as session:
        closing.close_day(session, by=by, day=day, deliveries=(places,), meters=(NORTH, SOUTH))


def booked(books) -> list:
    return books.ask(
        "SELECT split_part(c.code, ':', 2), e.fen, e.business_on FROM payments_ledger_entries e"
        " JOIN payments_ledger_accounts c ON c.id = e.credit_id JOIN payments_ledger_accounts d ON d.id = e.debit_id"
        " WHERE e.kind = 'settlement' AND d.code = 'bank' ORDER BY 1"
    )


def test_what_the_bank_has_leaves_the_channels_when_the_day_is_closed(books):
    world = quiet(books)
    sums = [(account[0], plants.earlier_nets(world, account)) for account in (CARD, PLATFORM)]
    for _, fen in sums:
        plants.bank(world, fen)
    world.write()
    books.go_on()
    close(DAY)
    assert booked(books) == [(source, fen, DAY) for source, fen in sums]


def test_a_bank_file_that_comes_after_the_closing_is_booked_with_the_next_day(books):
    world = quiet(books)
    owed = plants.earlier_nets(world, CARD)
    world.everybody(NEXT)
    world.write()
    books.go_on()
    close(DAY)
    come(world, owed, day=DAY)
    clock.advance(timedelta(days=1))
    close(NEXT)
    assert booked(books) == [("card", owed, NEXT)]


def test_what_never_came_is_told_though_its_day_is_closed(books):
    """The day closed itself before the bank's file was here."""
    world = quiet(books)
    world.write()
    books.go_on()
    close(DAY)
    clock.advance(timedelta(days=6))
    last = DAY + timedelta(days=6)
    world.everybody(last)
    come(world, 1, day=last)
    books.run(last)
    late = difference(books, key_of(CARD, DAY))
    assert (late.status, late.day, late.facts["closed_day"]) == ("open", clock.today(), f"{DAY}")
    come(world, plants.net(world, CARD, DAY), day=last)
    books.run(last)
    assert difference(books, key_of(CARD, DAY)).status == "healed"
