"""A file becomes a bill as a whole, or a refusal with its reason; nothing in between, whatever happens."""

import dataclasses
import io
import threading

import pytest
from sqlalchemy import func, select

from app.clients.storage import DiskStorage
from app.kit import clock, db, failpoint
from app.payments.errors import BillBusy, BillDayUnfinished, BillInHalves
from app.payments.flows import bills as flow
from app.payments.models import Bill, BillLine
from app.payments.service.bills import Matter
from tests.clients.wxpay.test_bill_readers import MOVES
from tests.payments.bill_files import DAY, MCHID, fund_file, payment, refund, whole

TRADE = Matter("wechat", "trade", MCHID, DAY)


@pytest.fixture
def desk(app, campus, tmp_path):
    """The clients of the application, with an empty archive."""
    return dataclasses.replace(app.extensions["clients"], storage=DiskStorage(str(tmp_path)))


def load(clients, content: bytes, matter: Matter = TRADE, **given):
    return flow.import_file(
        matter, io.BytesIO(content), name="bill.csv", origin="uploaded", clients=clients, **given
    )


def bills(*columns):
    with db.unit_of_work() as session:
        return session.execute(select(*columns or Bill.__table__.c).order_by(Bill.id)).all()


def lines_of(bill_id: int):
    with db.unit_of_work() as session:
        table = BillLine.__table__
        return session.execute(select(table).where(table.c.bill_id == bill_id).order_by(table.c.no)).all()


def count_lines() -> int:
    with db.unit_of_work() as session:
        return session.execute(select(func.count()).select_from(BillLine)).scalar_one()


def archived(clients) -> list:
    return list(clients.storage._root.joinpath("payments").rglob("*_*_*"))


def test_it_works(desk):
    content = whole().encode()
    done = load(desk, content)
    assert (done.outcome, done.version) == ("new", 1)
    (bill,) = bills()
    assert (bill.status, bill.lines, bill.in_fen, bill.out_fen, bill.fee_e5) == (
        "current",
        4,
        7501,
        -1200,
        37806,
    )
    assert (bill.size, bill.origin, bill.file_name, bill.is_empty) == (
        len(content),
        "uploaded",
        "bill.csv",
        False,
    )
    with desk.storage.open(bill.file_key) as file:
        assert file.read() == content
    first, *_, back = lines_of(done.bill_id)
    assert clock.local(first.at).isoformat() == f"{DAY}T00:00:01+08:00"
    assert (first.sort, first.reference, first.number, first.fen, first.fee_e5) == (
        "payment", payment(1).trade, "E2611150000001", 5000, 30000)  # fmt: skip
    assert (back.sort, back.fen, back.original) == ("refund", -1200, refund(1).trade)
    assert content[first.start : first.start + first.size].startswith(b"`2026-11-15 00:00:01,")


def test_words_with_tabs_backslashes_and_new_lines_are_kept(desk):
    rows = [payment(1, name="a\\nb\tc\\ d"), payment(2, name="\\N")]
    found = lines_of(load(desk, whole(rows=rows).encode()).bill_id)
    assert [line.note for line in found] == ["a\nb\tc,d", "\\N"]


def test_the_same_file_again_is_told(desk):
    first, again = load(desk, whole().encode()), load(desk, whole().encode())
    assert (again.outcome, again.bill_id) == ("same", first.bill_id)
    assert len(bills()) == 1 and count_lines() == 4
    assert len(archived(desk)) == 1


def test_other_bytes_are_a_new_version_and_the_former_is_replaced(desk):
    load(desk, whole().encode())
    second = load(desk, whole(rows=[*whole().rows, payment(5)]).encode())
    assert (second.outcome, second.version) == ("version", 2)
    assert [(bill.version, bill.status) for bill in bills()] == [(1, "replaced"), (2, "current")]
    assert count_lines() == 9
    assert load(desk, whole().encode()).outcome == "same"
    assert [bill.status for bill in bills()] == ["replaced", "current"]


def test_a_file_that_is_not_believed_is_archived_with_the_reason(desk):
    content = whole().encode().replace(b"`4,`75.01", b"`5,`75.01")
    done = load(desk, content)
    assert (done.outcome, done.line) == ("refused", 7)
    assert done.refusal == "总交易单数写的是 5，按明细加总是 4。"
    (bill,) = bills()
    assert (bill.status, bill.version, bill.refused_line, bill.lines) == ("refused", 0, 7, 0)
    with desk.storage.open(bill.file_key) as file:
        assert file.read() == content
    assert count_lines() == 0
    assert load(desk, content).bill_id == bill.id
    assert len(bills()) == 1 and len(archived(desk)) == 1


def test_a_refused_file_does_not_touch_the_present_bill(desk):
    load(desk, whole().encode())
    load(desk, whole(rows=whole().rows[:2]).encode()[:-9])
    assert [bill.status for bill in bills()] == ["current", "refused"]
    assert count_lines() == 4


def test_a_repeated_line_is_named(desk):
    rows = [payment(1), payment(2), payment(3), payment(2)]
    done = load(desk, whole(rows=rows).encode())
    assert (done.outcome, done.line) == ("refused", 5)
    assert payment(2).trade in done.refusal
    assert count_lines() == 0


def test_a_payment_and_its_fee_share_their_number_in_the_flow(desk):
    done = load(desk, fund_file(MOVES), Matter("wechat", "fund", MCHID, DAY))
    assert done.outcome == "new"
    (bill,) = bills()
    assert (bill.opening_fen, bill.closing_fen) == (10_000, 3_776)


def test_halves_make_a_day_and_the_whole_takes_their_place(desk):
    halves = {"payments": ("SUCCESS", [payment(1)]), "refunds": ("REFUND", [refund(1)])}
    for kind, (form, rows) in halves.items():
        matter = Matter("wechat", kind, MCHID, DAY)
        assert load(desk, whole(form, rows).encode(), matter).outcome == "new"
    assert load(desk, whole(rows=[payment(1), refund(1)]).encode()).outcome == "new"
    assert [(bill.kind, bill.status) for bill in bills()] == [
        ("payments", "replaced"), ("refunds", "replaced"), ("trade", "current")]  # fmt: skip
    with pytest.raises(BillInHalves):
        load(desk, whole("SUCCESS", [payment(7)]).encode(), Matter("wechat", "payments", MCHID, DAY))


def test_today_is_not_over(desk):
    with pytest.raises(BillDayUnfinished):
        load(desk, whole().encode(), Matter("wechat", "trade", MCHID, clock.today()))
    assert archived(desk) == []


@pytest.mark.parametrize("place", ["payments.bill_archived", "payments.bill_copied"])
def test_a_death_half_way_leaves_an_archived_file_and_nothing_else(desk, place):
    failpoint.configure(f"{place}=crash")
    with pytest.raises(failpoint.Crashed):
        load(desk, whole().encode())
    assert bills() == [] and count_lines() == 0
    assert len(archived(desk)) == 1
    failpoint.configure("")
    assert load(desk, whole().encode()).outcome == "new"
    assert count_lines() == 4


def test_many_at_once_make_one_bill(desk):
    outcomes: list[str] = []

    def go() -> None:
        try:
            outcomes.append(load(desk, whole().encode()).outcome)
        except BillBusy:
            outcomes.append("busy")

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("new") == 1 and len(outcomes) == 6
    assert [bill.status for bill in bills()] == ["current"]
    assert count_lines() == 4


def test_progress_is_told_to_the_end(desk):
    content = whole(rows=[payment(number) for number in range(1, 6001)]).encode()
    told: list[int] = []
    load(desk, content, progress=told.append)
    assert told == sorted(told) and len(told) > 3
    assert told[-1] == len(content)
