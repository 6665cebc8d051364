"""Vouchers from the ledger: summed by rule, in balance, every entry once."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from app.kit import clock, db
from app.payments.errors import DayStillOpen, PeriodInvalid, TemplateInvalid, VoucherRuleMissing
from app.payments.models import Bill
from app.payments.service import ledger, vouchers
from tests.payments.closed_days import close_days
from tests.payments.vouchers.conftest import DELIVERED, DUE, MERCHANT, WECHAT, Books

DAY, MONTH = "2026-11-16", "2026-11"


def test_it_works(books: Books):
    for fen in (5000, 3000, 2001):
        books.pay(fen)
        books.post("delivery", DUE, DELIVERED, fen)
    books.refund(1000)
    assert books.make(DAY) == 3
    assert books.lines() == [
        ("payment", "102101", 10001, 0),
        ("payment", "230701", 0, 10001),
        ("refund_paid", "230703", 1000, 0),
        ("refund_paid", "102101", 0, 1000),
        ("refund_reserved", "230701", 1000, 0),
        ("refund_reserved", "230703", 0, 1000),
    ]
    [voucher] = books.rows("SELECT * FROM payments_vouchers WHERE kind = 'payment'")
    assert (voucher.period, voucher.fen, voucher.entries, voucher.sequence) == (DAY, 10001, 3, 1)
    assert (voucher.unit_id, voucher.channel, voucher.merchant_no) == (
        books.campus.unit,
        "wechat",
        WECHAT.split(":")[2],
    )
    [line] = books.rows("SELECT * FROM payments_voucher_lines WHERE account = '230701' AND credit_fen > 0")
    assert line.summary == "2026-11-16 微信支付代收学生宿舍电费 3笔"
    assert (line.department, line.department_name) == ("WXZX", "维修中心")


def test_making_twice_gives_the_same(books: Books):
    books.pay(5000)
    books.make(DAY)
    before = books.rows("SELECT number, fen, entries FROM payments_vouchers")
    assert books.make(DAY) == 1
    assert books.rows("SELECT number, fen, entries FROM payments_vouchers") == before
    assert len(books.lines()) == 2


def test_a_draft_grows_under_its_number(books: Books):
    books.pay(5000)
    books.make(DAY)
    [before] = books.rows("SELECT number FROM payments_vouchers")
    books.pay(700)
    books.make(DAY)
    [after] = books.rows("SELECT number, fen FROM payments_vouchers")
    assert (after.number, after.fen) == (before.number, 5700)


def test_what_comes_late_makes_a_supplement_with_only_the_rest(books: Books, next_day):
    books.pay(5000)
    next_day(1)
    books.export(DAY)
    books.pay(700)
    assert books.make(DAY) == 2
    rows = books.rows("SELECT sequence, fen, status FROM payments_vouchers ORDER BY sequence")
    assert [tuple(row) for row in rows] == [(1, 5000, "exported"), (2, 700, "draft")]


def test_a_late_entry_of_a_month_that_is_over_is_dated_in_the_present_one(books: Books, next_day):
    books.pay(5000)
    next_day(20)
    books.export(DAY)
    books.pay(700)
    books.make(DAY)
    rows = books.rows("SELECT voucher_on::text FROM payments_vouchers ORDER BY sequence")
    assert [row[0] for row in rows] == ["2026-11-16", "2026-12-06"]


def test_a_month_takes_what_no_day_has_taken(books: Books):
    books.pay(5000)
    books.make(DAY)
    books.pay(300, books.at + timedelta(days=2))
    assert books.make(MONTH) == 1
    [row] = books.rows(f"SELECT fen, voucher_on::text FROM payments_vouchers WHERE period = '{MONTH}'")
    assert tuple(row) == (300, "2026-11-30")


def test_a_reversal_is_the_same_rule_the_other_way_round(books: Books):
    books.post("suspense", WECHAT, "suspense_surplus:wechat", 900)
    [posted] = books.rows("SELECT reference FROM payments_ledger_entries WHERE kind = 'suspense'")
    with db.unit_of_work() as session:
        ledger.reverse(session, kind="suspense", reference=posted[0], under="t-back")
    books.make(DAY)
    lines = books.lines()
    assert lines[:2] == [("reversal", "230709", 900, 0), ("reversal", "102101", 0, 900)]
    assert lines[2:] == [("suspense", "102101", 900, 0), ("suspense", "230709", 0, 900)]


def test_budget_lines_stand_beside_the_financial_ones_and_balance_by_themselves(books: Books):
    books.post("adjustment", "fees:wechat", WECHAT, 60)
    books.make(DAY)
    rows = books.rows("SELECT side, account, debit_fen, credit_fen FROM payments_voucher_lines ORDER BY no")
    assert [tuple(row) for row in rows] == [
        ("financial", "5001", 60, 0),
        ("financial", "102101", 0, 60),
        ("budget", "7201", 60, 0),
        ("budget", "8001", 0, 60),
    ]


def test_a_rule_of_the_item_wins_and_a_later_one_holds_from_its_day(books: Books):
    own = {"debit_of": "channel", "credit_of": "due", "fee_item": "electricity", "debit": "102101"}
    books.load(**own, credit="2305", valid_from="2019-01-01")
    books.load(**own, credit="4101", valid_from="2026-11-17")
    books.pay(100)
    books.pay(200, books.at + timedelta(days=1))
    books.make(MONTH)
    assert [(account, credit) for _, account, _, credit in books.lines() if credit] == [
        ("2305", 100),
        ("4101", 200),
    ]


def test_a_movement_without_a_rule_is_named_and_nothing_is_made(books: Books):
    books.pay(5000)
    books.post("odd", DUE, "bank", 100)
    with pytest.raises(VoucherRuleMissing) as caught:
        books.make(DAY)
    assert caught.value.params["movement"] == "due ← bank"
    assert books.rows("SELECT 1 FROM payments_vouchers") == []


@pytest.mark.parametrize("seed", range(3))
def test_every_entry_that_is_booked_is_in_one_voucher_whatever_the_order_of_making(books: Books, seed: int):
    dice = random.Random(seed)
    total = 0
    for _ in range(60):
        fen = dice.randrange(1, 100_000)
        books.pay(fen, books.at + timedelta(days=dice.randrange(4)))
        total += fen
        if dice.random() < 0.2:
            books.make(dice.choice([DAY, "2026-11-17", MONTH]))
    for period in dice.sample([DAY, "2026-11-18", MONTH, DAY], 4):
        books.make(period)
    tied = books.rows(
        "SELECT count(*), count(DISTINCT entry_id), sum(e.fen) FROM payments_voucher_entries t "
        "JOIN payments_ledger_entries e ON e.id = t.entry_id"
    )[0]
    assert tuple(tied) == (60, 60, total)
    sums = books.rows("SELECT sum(debit_fen), sum(credit_fen) FROM payments_voucher_lines")[0]
    assert tuple(sums) == (total, total)
    assert books.rows("SELECT sum(fen) FROM payments_vouchers")[0][0] == total


@pytest.mark.parametrize("way", ["make", "export", "push"])
def test_an_open_day_is_named_with_what_to_do_and_nothing_is_made(books: Books, way: str):
    books.pay(5000)
    clock.advance(timedelta(days=20))
    close_days(books.campus, last=books.at.date())
    ways = {"make": vouchers.make_vouchers, "push": vouchers.send_period,
            "export": partial(vouchers.export_period, format_key="yonyou")}  # fmt: skip
    for period, said in (("2026-11-17", "2026-11-17 还没有关账（共 1 天没有关）"), (MONTH, "共 14 天没有关")):
        with pytest.raises(DayStillOpen) as caught, db.unit_of_work() as session:
            ways[way](session, by=books.zhao, period=vouchers.Period.of(period))
        sentence = caught.value.msgid % caught.value.params
        assert said in sentence and "关账，再来生成" in sentence
    assert books.rows("SELECT 1 FROM payments_vouchers") == []
    assert books.make(DAY) == 1


def test_what_the_closing_books_is_in_the_vouchers(books: Books):
    """The reason why an open day has none: its fees are not booked yet."""
    books.pay(5000)
    with db.unit_of_work() as session:
        session.execute(
            insert(Bill).values(public_id="bil_1", source="wechat", kind="trade", account=MERCHANT,
                                day=date(2026, 11, 16), version=1, status="current", origin="fetched",
                                file_key="k", fee_e5=30_000,
                                loaded_at=clock.now())
        )  # fmt: skip
    books.make(DAY)
    assert ("fee", "5001", 30, 0) in books.lines()


def test_two_at_once_make_one(books: Books):
    for _ in range(20):
        books.pay(100)
    books.close(DAY)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(books.make, [DAY] * 4)) == [1, 1, 1, 1], "nobody fails, and there is one"
    rows = books.rows("SELECT fen, entries FROM payments_vouchers")
    assert [tuple(row) for row in rows] == [(2000, 20)]


def test_the_database_refuses_a_voucher_out_of_balance(books: Books):
    books.pay(5000)
    books.make(DAY)
    with pytest.raises(DBAPIError, match="out of balance"), db.unit_of_work() as session:
        session.execute(
            text(
                "INSERT INTO payments_voucher_lines (voucher_id, no, side, account, debit_fen, credit_fen, summary, "
                "department, department_name, project, partner) "
                "SELECT id, 9, 'budget', '8001', 5, 0, '', '', '', '', '' FROM payments_vouchers"
            )
        )


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM payments_voucher_lines",
        "UPDATE payments_voucher_lines SET summary = ''",
        "DELETE FROM payments_voucher_entries",
        "UPDATE payments_vouchers SET status = 'draft'",
        "UPDATE payments_vouchers SET fen = 1",
    ],
)
def test_the_database_keeps_what_has_gone_out(books: Books, next_day, sql: str):
    books.pay(5000)
    next_day(1)
    books.export(DAY)
    with pytest.raises(DBAPIError, match="no draft"), db.unit_of_work() as session:
        session.execute(text(sql))


def test_a_rule_may_name_fields_and_nothing_else(books: Books):
    rule = {"debit_of": "a", "credit_of": "b", "valid_from": "2026-01-01", "debit": "1", "credit": "2"}
    for summary in ("{period.__class__}", "{unknown}", "{number!r}", "{", "{period:>99999999}"):
        with pytest.raises(TemplateInvalid):
            books.load(**rule, summary=summary)


@pytest.mark.parametrize("given", ["", "2026", "2026-13", "2026-11-31", "昨天", "2026-1-1"])
def test_a_period_is_a_day_or_a_month(given: str):
    with pytest.raises(PeriodInvalid):
        vouchers.Period.of(given)


def test_the_last_day_of_a_period():
    assert str(vouchers.Period.of("2028-02").last) == "2028-02-29"
    assert str(vouchers.Period.of("2026-12").last) == "2026-12-31"
