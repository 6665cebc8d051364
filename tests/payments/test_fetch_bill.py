"""Bills come by themselves: from ten on, until they are here, each once, and somebody is told of what is missing."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db, outbox
from app.payments import jobs
from app.payments.flows import checking, fetching
from app.payments.models import Bill, BillFetch, BillLine, LedgerEntry
from app.payments.service import empty_days, ledger
from app.payments.service.bills import Matter
from app.platform.identity import service as identity
from app.platform.notifications.models import Message
from tests.payments.conftest import MCHID

KINDS = ("trade", "fund")


def bills(**where):
    with db.unit_of_work() as session:
        return session.execute(select(Bill.__table__).filter_by(**where).order_by(Bill.id)).all()


def fetches():
    with db.unit_of_work() as session:
        return session.execute(select(BillFetch.__table__)).all()


def by_the_clock(school):
    """The schedule, and the workers that it wakes."""
    jobs.ask_for_bills(clients=school.clients)
    outbox.drain(clients=school.clients, seconds=20)


@pytest.fixture
def sold(school):
    """One payment on Monday; it is Tuesday, 10:00."""
    charge = school.paid()
    school.deliver()
    school.pass_time(hours=25)
    return charge


def fault(school, name, **given):
    school.sim("fault", name=name, **given)


def only(rows):
    (row,) = rows
    return row


DAY = (clock.datetime(2026, 11, 16)).date()
TUESDAY = DAY + timedelta(days=1)


def test_it_works(school, sold):
    by_the_clock(school)
    found = only(bills(source="wechat", kind="trade"))
    assert (found.status, found.day, found.account, found.origin) == ("current", DAY, MCHID, "fetched")
    assert (found.lines, found.in_fen) == (1, 5000)
    flow = only(bills(kind="fund"))
    assert (flow.opening_fen, flow.in_fen) == (flow.closing_fen - flow.in_fen - flow.out_fen, 5000)
    assert [one for one in fetches() if one.source == "wechat"] == []
    by_the_clock(school)
    school.pass_time(hours=1)
    by_the_clock(school)
    assert len(bills(source="wechat")) == 2


def test_before_ten_nobody_asks(school):
    school.paid()
    school.pass_time(hours=24, minutes=59)
    by_the_clock(school)
    assert bills(source="wechat") == []


def test_two_schedulers_share_the_work(school, sold):
    threads = [threading.Thread(target=by_the_clock, args=(school,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [bill.kind for bill in bills(source="wechat")].count("trade") == 1
    assert len(bills(source="wechat")) == 2


def test_a_bill_being_made_is_asked_for_again_in_half_an_hour(school, sold):
    fault(school, "bill.creating", times=1, op="trade_bill")
    by_the_clock(school)
    assert bills(kind="trade", source="wechat") == []
    assert [one.answer for one in fetches() if one.source == "wechat"] == ["creating"]
    school.pass_time(minutes=29)
    by_the_clock(school)
    assert bills(kind="trade", source="wechat") == []
    school.pass_time(minutes=2)
    by_the_clock(school)
    assert only(bills(kind="trade", source="wechat")).lines == 1


def test_a_day_on_which_nobody_paid_is_empty(school, sold):
    by_the_clock(school)
    school.pass_time(days=1)
    fault(school, "bill.none", times=2)
    by_the_clock(school)
    empty = only(bills(kind="trade", source="wechat", day=DAY + timedelta(days=1)))
    assert (empty.status, empty.lines, empty.is_empty, empty.file_key) == ("current", 0, True, None)


def test_no_bill_although_there_were_sales_is_no_empty_day(school, sold):
    fault(school, "bill.none", times=1, op="trade_bill")
    by_the_clock(school)
    assert bills(kind="trade", source="wechat") == []
    assert [one.answer for one in fetches() if one.kind == "trade" and one.source == "wechat"] == ["missing"]
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=school.ids.zhao, role="payments.cashier")
    jobs.tell_missing_bills(clients=school.clients)
    jobs.tell_missing_bills(clients=school.clients)
    with db.unit_of_work() as session:
        told = session.execute(
            select(Message.__table__).where(Message.kind == "payments.bills_missing")
        ).all()
    params = only(told).params
    assert "渠道说没有交易，账上却有收款" in params["more"] and params["day"] == "2026-11-16"
    school.pass_time(minutes=61)
    by_the_clock(school)
    assert only(bills(kind="trade", source="wechat")).lines == 1


@pytest.fixture
def empty(school, sold):
    """On Tuesday somebody pays, and neither notice nor bill tells of it: it is noted empty. It is Wednesday."""
    by_the_clock(school)
    charge = school.charge("room-101")
    school.start(charge)
    fault(school, "notify.lost", order=school.attempts(charge)[-1].number, times=None)
    school.pay(charge, wait=False)
    school.pass_time(days=1)
    fault(school, "bill.none", times=2)
    by_the_clock(school)
    assert [bill.is_empty for bill in bills(source="wechat", day=TUESDAY)] == [True, True]
    return school


def receive_late(school) -> None:
    """Our books learn of it by a question."""
    checking.check_due(clients=school.clients)
    with db.unit_of_work() as session:
        entries = session.scalars(select(LedgerEntry.kind).where(LedgerEntry.business_on == TUESDAY)).all()
    assert "payment" in entries


def tuesdays(school):
    return {(bill.kind, bill.status, bill.is_empty) for bill in bills(source="wechat", day=TUESDAY)}


def test_an_empty_day_is_asked_for_again_when_our_books_have_a_receipt(empty):
    by_the_clock(empty)
    assert tuesdays(empty) == {("trade", "current", True), ("fund", "current", True)}
    receive_late(empty)
    by_the_clock(empty)
    assert tuesdays(empty) == {
        (kind, status, status == "replaced") for kind in KINDS for status in ("replaced", "current")
    }
    assert [one for one in fetches() if one.source == "wechat"] == []


def test_an_empty_day_is_asked_for_again_when_the_fund_flow_has_a_receipt(empty):
    with db.unit_of_work() as session:
        flow = session.scalar(select(Bill).where(Bill.kind == "fund", Bill.day == TUESDAY))
        flow.is_empty, flow.file_key, flow.lines = False, "f", 1
        session.add(
            BillLine(
                bill_id=flow.id, no=1, sort="payment", at=clock.now(), reference="1", fen=1, start=0, size=1
            )
        )
    by_the_clock(empty)
    assert ("trade", "current", False) in tuesdays(empty)


def test_a_channel_that_still_knows_of_nothing_is_asked_by_the_hour_for_a_day_and_it_is_told(empty):
    fault(empty, "bill.none", times=1000)
    receive_late(empty)
    asked = 0
    for _ in range(30):
        before = {one.kind: one.tries for one in fetches() if one.source == "wechat" and one.day == TUESDAY}
        by_the_clock(empty)
        after = {one.kind: one.tries for one in fetches() if one.source == "wechat" and one.day == TUESDAY}
        asked += after != before
        empty.pass_time(minutes=61)
    assert asked == empty_days.MOST_TRIES
    assert {one.answer for one in fetches() if one.day == TUESDAY} == {"missing"}
    assert tuesdays(empty) == {("trade", "current", True), ("fund", "current", True)}


def test_what_is_booked_on_an_empty_day_and_is_no_receipt_says_nothing_against_it(empty):
    with db.unit_of_work() as session:
        ledger.post(session, kind="settlement", reference="1", debit="bank", credit=ledger.channel("wechat", MCHID),
                    fen=5000, happened_at=clock.now() - timedelta(days=1))  # fmt: skip
    by_the_clock(empty)
    assert tuesdays(empty) == {("trade", "current", True), ("fund", "current", True)}
    assert [one for one in fetches() if one.source == "wechat"] == []


def test_an_empty_day_may_be_fetched_again_by_hand(empty):
    fault(empty, "bill.none", times=1)
    assert fetching.fetch(Matter("wechat", "trade", MCHID, TUESDAY), clients=empty.clients) == "empty"


def test_nobody_is_told_when_all_is_here(school, sold):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=school.ids.zhao, role="payments.cashier")
    by_the_clock(school)
    jobs.tell_missing_bills(clients=school.clients)
    with db.unit_of_work() as session:
        assert session.execute(select(Message.id).where(Message.kind == "payments.bills_missing")).all() == []


def test_missed_days_are_caught_up_while_the_channel_still_has_them(school, sold):
    school.pass_time(days=100)
    by_the_clock(school)
    days = [bill.day for bill in bills(kind="trade", source="wechat")]
    yesterday = clock.today() - timedelta(days=1)
    assert max(days) == yesterday and len(days) == len(set(days)) == 89


def test_the_end_of_three_months_is_told(school, sold):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=school.ids.zhao, role="payments.cashier")
    school.pass_time(days=80)
    jobs.tell_missing_bills(clients=school.clients)
    with db.unit_of_work() as session:
        told = session.execute(
            select(Message.__table__).where(Message.kind == "payments.bills_missing")
        ).all()
    assert "只保留三个月，2027-02-13 之后就取不到了" in only(told).params["more"]


@pytest.mark.parametrize("name", ["bill.truncated", "bill.bad_hash", "bill.expired"])
def test_a_broken_download_is_no_bill_and_is_repeated(school, sold, name):
    fault(school, name, op="trade_bill")
    by_the_clock(school)
    assert bills(kind="trade", source="wechat") == []
    school.pass_time(minutes=31)
    by_the_clock(school)
    assert only(bills(kind="trade", source="wechat")).lines == 1


@pytest.mark.parametrize(
    "name", ["bill.total_mismatch", "bill.dup_line", "bill.missing_line", "bill.extra_line"]
)
def test_a_lie_with_a_true_digest_is_archived_and_refused(school, sold, name):
    fault(school, name, op="trade_bill")
    by_the_clock(school)
    refused = only(bills(kind="trade", source="wechat"))
    assert refused.status == "refused" and refused.refusal
    assert school.clients.storage.exists(refused.file_key)
    school.pass_time(minutes=61)
    by_the_clock(school)
    assert [bill.status for bill in bills(kind="trade", source="wechat")] == ["refused", "current"]


@pytest.mark.parametrize("name", ["bill.old_header", "bill.reordered_columns", "bill.no_bom"])
def test_other_forms_with_a_true_digest_are_read(school, sold, name):
    fault(school, name, op="trade_bill")
    by_the_clock(school)
    found = only(bills(kind="trade", source="wechat"))
    assert (found.status, found.lines, found.in_fen) == ("current", 1, 5000)


def test_a_line_that_says_less_than_the_total_is_refused(school, sold):
    fault(school, "bill.amount", op="trade_bill", fen=-1)
    by_the_clock(school)
    assert only(bills(kind="trade", source="wechat")).refusal.startswith("应结订单总金额写的是 50.00")


def test_a_file_made_anew_is_a_new_version(school, sold):
    by_the_clock(school)
    matter = Matter("wechat", "trade", MCHID, DAY)
    assert fetching.fetch(matter, clients=school.clients).outcome == "same"
    fault(school, "bill.reordered_columns", op="trade_bill")
    again = fetching.fetch(matter, clients=school.clients)
    assert (again.outcome, again.version) == ("version", 2)
    assert [bill.status for bill in bills(kind="trade", source="wechat")] == ["replaced", "current"]


def test_the_platforms_file_comes_too(school, sold):
    by_the_clock(school)
    found = only(bills(source="platform"))
    assert (found.kind, found.account, found.status, found.lines) == ("trade", "UP01", "current", 0)


def test_an_account_without_settings_is_asked_about_without_end(school, sold):
    clients = replace(school.clients, card=None)
    assert fetching.fetch(Matter("card", "trade", "CARD01", DAY), clients=clients) == "not_set_up"
    assert fetching.fetch(Matter("wechat", "trade", "1", DAY), clients=clients) == "not_set_up"


def test_the_command_says_what_came(school, sold):
    run = school.app.test_cli_runner().invoke
    done = run(args=["payments", "fetch-bill", "--channel", "wechat", "--date", "2026-11-16"])
    assert done.exit_code == 0, done.output
    assert done.output.count("✓ 2026-11-16 微信支付") == 2
    fault(school, "bill.creating", op="trade_bill")
    late = run(
        args=["payments", "fetch-bill", "--channel", "wechat", "--date", "2026-11-16", "--kind", "trade"]
    )
    assert (late.exit_code, late.output) == (
        1, f"✗ 2026-11-16 微信支付交易账单（{MCHID}）：渠道还在生成，半小时后再取。\n")  # fmt: skip


def test_the_command_imports_a_file(school, sold, tmp_path):
    from_archive = fetching.fetch(Matter("wechat", "trade", MCHID, DAY), clients=school.clients)
    with school.clients.storage.open(bills()[0].file_key) as stored:
        content = stored.read()
    file = tmp_path / "bill.csv"
    file.write_bytes(content)
    run = school.app.test_cli_runner().invoke
    args = ["payments", "import-bill", "--channel", "wechat", "--date", "2026-11-16", str(file)]
    assert "已经导入过" in run(args=args).output
    file.write_bytes(content.replace(b"`50.00", b"`50.01", 1))
    bad = run(args=args)
    assert bad.exit_code == 1 and "第 4 行，" in bad.output and "50.01" in bad.output
    assert run(args=[*args[:4], "--date", "2027-01-01", str(file)]).exit_code == 1
    assert from_archive.outcome == "new"
