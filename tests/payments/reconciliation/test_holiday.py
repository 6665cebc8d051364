"""After a holiday: eight days that wait for each other close together, each with its own figures."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.clients.bank import BankMapping
from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.module import Module, Registry
from app.payments.flows import reconciling
from app.payments.queries.closing import certificate_of, days_to_close
from app.payments.service import cases, closing
from tests.payments.reconciliation import plants
from tests.payments.reconciliation.test_desk_days import at_the_desk
from tests.payments.reconciliation.world import CARD, DAY, NORTH, SOUTH, WECHAT, World, places
from tests.visit import csrf

DAYS = [DAY + timedelta(days=ahead) for ahead in range(8)]
EXPLAINED, UNEXPLAINED = DAYS[2], DAYS[5]


@pytest.fixture(autouse=True)
def _deliveries(app):
    """A module of the tests says where things were delivered; of the channels without a list the card pays here."""
    before = app.extensions["clients"]
    bank = {"main": BankMapping("日期", "流水号", amount="金额", settles=("card",))}
    app.extensions["clients"] = replace(before, bank=bank)
    reconciling.configure(Registry((Module("testing", "试", deliveries=places),)))
    yield
    app.extensions["clients"] = before
    reconciling.configure(app.extensions["registry"])


@pytest.fixture
def holiday(app, books) -> World:
    """Every day something; across two midnights; one refund finished a day later; two strange payments.

    The bank has the card's money of all days as one line, on the first working day.
    """
    world = books.world()
    for day in DAYS:
        world.day = day
        world.everybody(day)
        world.ordinary(8)
        world.meter_line(plants.on_the_day(world, CARD, deliver=True))
        if day in (EXPLAINED, UNEXPLAINED):
            plants.unknown_order(world)
    for day in DAYS[1:3]:
        late = world.pay(world.moment(day - timedelta(days=1), low=86_000, high=86_399), account=WECHAT)
        world.pay_line(late, day=day)
        world.meter_line(late)
    world.day = DAYS[3]
    plants.refund_done_later(world)
    working_day = DAYS[-1] + timedelta(days=1)
    plants.bank(world, sum(plants.net(world, CARD, day) for day in DAYS), day=working_day, note=CARD[1])
    world.write()
    books.go_on()
    clock.travel(clock.start_of_day(working_day) + timedelta(hours=33))
    for day in DAYS:
        reconciling.reconcile_day(day, by_id=None, clients=app.extensions["clients"])
    return world


def explain(books, campus, day) -> None:
    (row,) = books.ask(
        "SELECT number FROM payments_differences WHERE day = :day AND ended_at IS NULL", day=day
    )
    with db.unit_of_work() as session:
        cases.propose(session, by=Caller(campus.zhao), number=row.number, action="suspend", note="已逐笔核对")
    with db.unit_of_work() as session:
        cases.approve(session, by=Caller(campus.chen), number=row.number)


def close(browser, days):
    """As ticked on the page, whatever the order."""
    ids = {"ids": [f"{day}" for day in reversed(days)]}
    return browser.post("/desk/payments/days/close", data=ids, headers=csrf(browser, "desk")).text


def closed(books) -> list:
    return [
        row.day for row in books.ask("SELECT day FROM payments_days WHERE status = 'closed' ORDER BY day")
    ]


def test_it_works(app, books, campus, holiday):
    """What is explained closes, oldest first; what is not says why, and holds up none of the others."""
    explain(books, campus, EXPLAINED)
    with db.unit_of_work() as session:
        ready = days_to_close(session, today=clock.today(), quiet=False)
    assert ready == [day for day in DAYS if day != UNEXPLAINED]
    reviewer = at_the_desk(app, campus.zheng, "payments.reviewer")
    told = close(reviewer, DAYS)
    assert "已关账 7 天" in told and "有 1 天没有关上" in told and "还有 1 笔差错没有处理" in told
    assert closed(books) == ready
    order = books.ask("SELECT day FROM payments_days WHERE status = 'closed' ORDER BY closed_at, last_run_id")
    assert [row.day for row in order] == ready
    explain(books, campus, UNEXPLAINED)
    assert "已关账 1 天" in close(reviewer, DAYS)
    assert closed(books) == DAYS


def test_each_day_is_signed_with_its_own_figures_and_together_they_are_all(app, books, campus, holiday):
    for day in (EXPLAINED, UNEXPLAINED):
        explain(books, campus, day)
    reviewer = at_the_desk(app, campus.zheng, "payments.reviewer")
    assert "已关账 8 天" in close(reviewer, DAYS)
    totals = {"fen": 0, "our_fen": 0, "explained_fen": 0}
    for day in DAYS:
        with db.unit_of_work() as session:
            signed = certificate_of(session, day)
        assert signed["fingerprint"] == closing.fingerprint(signed)
        assert signed["closed_by_id"] == campus.zheng
        trades = [one for one in signed["accounts"] if one["kind"] == "trade"]
        for one in trades:
            assert one["fen"] == one["matched_fen"] + one["explained_fen"]
        bills = {key[2]: lines for key, lines in holiday.bills.items() if key[1] == "trade" and key[3] == day}
        assert {one["account"]: one["fen"] for one in trades} == {
            account: sum(line.fen for line in lines) for account, lines in bills.items()
        }
        totals = {name: fen + sum(one[name] for one in trades) for name, fen in totals.items()}
    strange = sum(fen for _, _, fen in holiday.expected.values())
    assert totals["fen"] - totals["our_fen"] == totals["explained_fen"] == strange


def test_the_cards_money_of_all_days_leaves_its_account_once(app, books, campus, holiday):
    """N:1 over the holiday: one line of the bank, a part of each day, booked with the working day that has it."""
    for day in (EXPLAINED, UNEXPLAINED):
        explain(books, campus, day)
    reviewer = at_the_desk(app, campus.zheng, "payments.reviewer")
    close(reviewer, DAYS)
    parts = books.ask(
        "SELECT b.day, p.fen FROM payments_settlement_parts p JOIN payments_bills b ON b.id = p.bill_id ORDER BY 1"
    )
    assert [tuple(row) for row in parts] == [(day, plants.net(holiday, CARD, day)) for day in DAYS]
    booked = "SELECT fen FROM payments_ledger_entries WHERE kind = 'settlement'"
    assert books.ask(booked) == []
    working_day = DAYS[-1] + timedelta(days=1)
    holiday.everybody(working_day)
    holiday.reissue(("card", "trade", CARD[1], working_day), [])
    for source, account in (WECHAT, ("wechat", "1602"), ("platform", "P1")):
        holiday.reissue((source, "trade", account, working_day), [])
        if source == "wechat":
            holiday.reissue((source, "fund", account, working_day), [])
    for system in (NORTH, SOUTH):
        holiday.reissue(("meters", "delivery", system, working_day), [])
    assert "已关账 1 天" in close(reviewer, [working_day])
    assert [row.fen for row in books.ask(booked)] == [sum(row.fen for row in parts)]
