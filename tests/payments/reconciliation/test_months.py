"""月结: a month on one page and in one archive, and the times in which nothing is collected."""

import io
import zipfile
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from app.kit import clock, db
from app.payments.queries.months import month_of
from app.platform.identity import service as identity
from tests.payments.reconciliation.world import DAY
from tests.visit import csrf, desk


@pytest.fixture
def reviewer(app, campus):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=campus.zheng, role="payments.reviewer")
    return desk(app, campus.zheng)


def month_with_a_day(books):
    world = books.planted(3, orders=60, wrong=40)
    books.run(world.day)
    return world.day.replace(day=1)


def read_book(pack, start):
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        name = next(one for one in archive.namelist() if one.startswith(start))
        book = CalamineWorkbook.from_filelike(io.BytesIO(archive.read(name)))
        return book.get_sheet_by_index(0).to_python()


def test_it_works(books, reviewer):
    first = month_with_a_day(books)
    page = reviewer.get(f"/desk/payments/months/{first:%Y-%m}")
    assert page.status_code == 200
    assert "已关账" in page.text
    pack = reviewer.get(f"/desk/payments/months/{first:%Y-%m}/pack.zip").data
    head, *rows = read_book(pack, "1-")
    assert head[2] == "账单净额"
    for row in rows:
        assert round(row[2] * 100) == round(row[3] * 100) + round(row[4] * 100)
    assert len(read_book(pack, "3-")) == 1 + 40


def test_the_pack_agrees_with_the_ledger(books):
    first = month_with_a_day(books)
    with db.unit_of_work() as session:
        month = month_of(session, first)
    ours = books.ask("""
        SELECT sum(CASE WHEN d.code LIKE 'channel:%' THEN e.fen ELSE -e.fen END) AS fen
        FROM payments_ledger_entries e JOIN payments_ledger_accounts d ON d.id = e.debit_id
        JOIN payments_ledger_accounts c ON c.id = e.credit_id
        WHERE (d.code LIKE 'channel:%' OR c.code LIKE 'channel:%') AND e.business_on BETWEEN :first AND :last
        """, first=month.first, last=month.last)[0].fen  # fmt: skip
    assert sum(one.our_fen for one in month.accounts) == ours
    assert not month.is_complete


def test_the_fulfilment_side_is_in_the_pack_as_it_was_delivered(books, reviewer):
    first = month_with_a_day(books)
    pack = reviewer.get(f"/desk/payments/months/{first:%Y-%m}/pack.zip").data
    told = dict(
        books.ask(
            "SELECT b.account, sum(l.fen) FROM payments_bills b JOIN payments_bill_lines l ON l.bill_id = b.id"
            " WHERE b.kind = 'delivery' AND b.day = :day GROUP BY 1",
            day=DAY,
        )
    )
    rows = {row[1]: row for row in read_book(pack, "1-")[1:] if row[0] == "水电表"}
    assert {account: round(row[2] * 100) for account, row in rows.items() if account} == told
    [[ours]] = books.ask(
        "SELECT sum(fen) FROM payments_ledger_entries WHERE kind = 'delivery' AND business_on = :day", day=DAY
    )
    assert sum(round(row[5] * 100) for row in rows.values()) == ours


def test_the_same_month_gives_the_same_bytes(books, reviewer):
    first = month_with_a_day(books)
    url = f"/desk/payments/months/{first:%Y-%m}/pack.zip"
    assert reviewer.get(url).data == reviewer.get(url).data


def test_an_empty_month_is_a_page_too(reviewer):
    assert "还没有对过账" in reviewer.get("/desk/payments/months/2026-01").text


@pytest.mark.parametrize("month", ["2026-13", "9999-01", "nonsense", "2026-1"])
def test_a_month_that_can_not_be_is_not_found(reviewer, month):
    assert reviewer.get(f"/desk/payments/months/{month}").status_code == 404


def test_payments_are_stopped_and_resumed_from_here(books, reviewer):
    now = clock.local(clock.now())
    given = {
        "starts_at": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M}",
        "reason": "年终关账",
    }
    url = f"/desk/payments/months/{now:%Y-%m}"
    assert reviewer.post(f"{url}/stops", data=given, headers=csrf(reviewer, "desk")).status_code == 303
    assert "停收中" in reviewer.get(url).text
    stop_id = books.ask("SELECT id FROM payments_stops")[0].id
    assert reviewer.post(f"{url}/stops/{stop_id}/resume", headers=csrf(reviewer, "desk")).status_code == 303
    assert "停收中" not in reviewer.get(url).text


def test_times_that_can_not_be_keep_what_was_typed(reviewer):
    given = {"starts_at": "2026-11-16T08:00", "ends_at": "2026-11-16T07:00", "reason": "年终关账"}
    answered = reviewer.post(
        "/desk/payments/months/2026-11/stops", data=given, headers=csrf(reviewer, "desk")
    )
    assert answered.status_code == 422
    assert "停收时间不对" in answered.text
    assert "2026-11-16T08:00" in answered.text
