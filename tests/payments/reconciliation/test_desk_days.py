"""A day of money on the desk: seen, worked to zero by two persons, closed, and on paper."""

import io
import zipfile
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from app.clients.bank import BankMapping
from app.kit import db
from app.kit.module import Module, Registry
from app.kit.money import yuan
from app.payments.flows import reconciling
from app.payments.models import DIFFERENCE_NAMES
from app.payments.queries.desk.differences import STATUS_NAMES
from app.payments.queries.desk.explanations import EXPLANATIONS
from app.payments.service.cases import ACTIONS
from app.platform.identity import service as identity
from tests.payments.reconciliation import plants
from tests.payments.reconciliation.world import places
from tests.pdf_text import rows_of
from tests.visit import csrf, desk


def at_the_desk(app, person_id, role):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=person_id, role=role)
    return desk(app, person_id)


@pytest.fixture
def clerk(app, campus):
    return at_the_desk(app, campus.zhao, "payments.cashier")


@pytest.fixture
def reviewer(app, campus):
    return at_the_desk(app, campus.zheng, "payments.reviewer")


@pytest.fixture
def auditor(app, campus):
    return at_the_desk(app, campus.he, "payments.auditor")


@pytest.fixture
def day(app, books):
    """Fifty differences of every kind, run once. A module of the tests says where things were delivered."""
    reconciling.configure(Registry((Module("testing", "试", deliveries=places),)))
    clients = app.extensions["clients"]
    app.extensions["clients"] = replace(clients, bank={"main": BankMapping("日期", "流水号", amount="金额")})
    world = books.planted(3, orders=60, wrong=50)
    books.run(world.day)
    yield world.day
    app.extensions["clients"] = clients
    reconciling.configure(app.extensions["registry"])


def get(browser, path, **query):
    return browser.get(f"/desk/payments/{path}", query_string=query)


def post(browser, path, **fields):
    headers = csrf(browser, "desk") | {"HX-Request": "true"}
    return browser.post(f"/desk/payments/{path}", data=fields, headers=headers)


def numbers(books):
    found = books.ask("SELECT number FROM payments_differences WHERE ended_at IS NULL ORDER BY id")
    return [row.number for row in found]


def test_it_works(books, day, clerk, reviewer):
    assert "有差错" in get(clerk, "days").text
    assert "长款" in get(clerk, f"days/{day}").text
    for number in numbers(books):
        proposed = post(clerk, f"differences/{number}/propose", action="clear", note="已逐笔核对")
        assert "待复核" in proposed.text, proposed.text
        assert "已处理" in post(reviewer, f"differences/{number}/approve").text
    closed = reviewer.post(f"/desk/payments/days/{day}/close", data={}, headers=csrf(reviewer, "desk"))
    assert closed.status_code == 303
    assert "日结单" in get(clerk, f"days/{day}").text
    paper = get(clerk, f"days/{day}/certificate.pdf")
    assert paper.data.startswith(b"%PDF")
    with zipfile.ZipFile(io.BytesIO(get(clerk, f"days/{day}/certificate.xlsx").data)) as book:
        assert "xl/worksheets/sheet1.xml" in book.namelist()


def test_the_certificate_says_the_same_on_paper_in_excel_and_in_the_database(books, day, clerk, reviewer):
    """Both totals of every account and each difference, read back from the files as they are given out."""
    for nth, number in enumerate(numbers(books)):
        post(clerk, f"differences/{number}/propose", action=("clear", "suspend")[nth % 2], note="已逐笔核对")
        post(reviewer, f"differences/{number}/approve")
    reviewer.post(f"/desk/payments/days/{day}/close", data={}, headers=csrf(reviewer, "desk"))
    paper = rows_of(get(clerk, f"days/{day}/certificate.pdf").data)
    book = io.BytesIO(get(clerk, f"days/{day}/certificate.xlsx").data)
    sheet = CalamineWorkbook.from_filelike(book).get_sheet_by_index(0).to_python()
    sheet = [[str(cell) for cell in row if cell != ""] for row in sheet]
    totals = account_totals(books, day)
    assert len(totals) == 4
    for account, bill, ours in totals:
        for rows in (paper, sheet):
            [row] = [row for row in rows if account in row and bill in row]
            assert ours in row and row[-1] == yuan(0)
    found = books.ask(
        "SELECT number, fen, kind, status FROM payments_differences WHERE day = :day AND status <> 'healed'",
        day=day,
    )
    assert len(found) == 50
    for one in found:
        said = [DIFFERENCE_NAMES[one.kind], yuan(one.fen), STATUS_NAMES[one.status]]
        for rows in (paper, sheet):
            [row] = [row for row in rows if one.number in row]
            assert row[2:5] == said
    [[fingerprint]] = books.ask(
        "SELECT certificate ->> 'fingerprint' FROM payments_days WHERE status = 'closed'"
    )
    assert any(fingerprint in "".join(row) for row in paper) and ["指纹", fingerprint] in sheet


def account_totals(books, day) -> list[tuple[str, str, str]]:
    """What each channel's bill and our ledger come to, straight from their rows."""
    rows = books.ask(
        """SELECT b.account, (SELECT sum(l.fen) FROM payments_bill_lines l WHERE l.bill_id = b.id) AS bill,
        (SELECT coalesce(sum(CASE WHEN e.debit_id = a.id THEN e.fen ELSE -e.fen END), 0)
          FROM payments_ledger_entries e WHERE e.business_on = :day AND a.id IN (e.debit_id, e.credit_id)
          AND e.kind IN ('payment', 'refund_paid', 'reversal')) AS ours
        FROM payments_bills b JOIN payments_ledger_accounts a ON a.code = concat_ws(':', 'channel', b.source, b.account)
        WHERE b.day = :day AND b.kind = 'trade' AND b.status = 'current'""",
        day=day,
    )
    return [(row.account, yuan(int(row.bill)), yuan(int(row.ours))) for row in rows]


def test_what_only_we_have_is_counted_among_the_differences_too(books, clerk):
    world = books.world()
    world.ordinary(5)
    plants.not_in_bill(world)
    world.write()
    books.run(world.day)
    ((_, _, fen),) = books.found().values()
    assert f'<small class="quiet">本系统 {yuan(-fen)}</small>' in get(clerk, f"days/{world.day}").text


def test_every_difference_has_its_sentence(books, day, auditor):
    found = books.ask("SELECT number, kind FROM payments_differences WHERE ended_at IS NULL")
    assert len({row.kind for row in found}) == 10
    for row in found:
        panel = get(auditor, f"differences/{row.number}")
        assert panel.status_code == 200
        assert "%(" not in panel.text
        assert "None" not in panel.text


def test_what_is_usually_done_can_be_done():
    """Every suggestion is among the actions of its kind, or is the reversal of what stands in suspense."""
    odd = {case: action for case, (_text, action) in EXPLANATIONS.items() if action not in ACTIONS[case[0]]}
    assert odd == {}


def test_an_auditor_sees_all_and_changes_nothing(books, day, auditor):
    number = numbers(books)[0]
    assert "提出处理" not in get(auditor, f"differences/{number}").text
    for path in (f"differences/{number}/propose", f"differences/{number}/approve", f"days/{day}/run"):
        assert post(auditor, path, action="clear", note="已逐笔核对").status_code == 403


def test_who_proposed_does_not_see_the_approval(books, day, clerk):
    number = numbers(books)[0]
    post(clerk, f"differences/{number}/propose", action="clear", note="已逐笔核对")
    assert "复核通过" not in get(clerk, f"differences/{number}").text
    assert post(clerk, f"differences/{number}/approve").status_code == 403
    assert "撤回" in get(clerk, f"differences/{number}").text
    assert "待处理" in post(clerk, f"differences/{number}/withdraw").text


def test_a_day_that_is_not_explained_says_why_and_stays_open(day, reviewer):
    refused = reviewer.post(f"/desk/payments/days/{day}/close", data={}, headers=csrf(reviewer, "desk"))
    assert refused.status_code == 409
    assert "还有 50 笔差错没有处理" in refused.text


def test_after_a_holiday_several_are_closed_at_once(books, day, reviewer):
    told = reviewer.post(
        "/desk/payments/days/close", data={"ids": [f"{day}", "nonsense"]}, headers=csrf(reviewer, "desk")
    )
    assert "有 1 天没有关上" in told.text


def test_lists_filter_and_export(day, clerk):
    page = get(clerk, "differences", view="all", kind="fee", day=f"{day}").text
    assert "手续费" in page
    assert 'href="/desk/payments/days" aria-current="page"' in page
    assert get(clerk, "differences", q="NOSUCHNUMBER").status_code == 200
    assert get(clerk, "differences/export.xlsx", view="all").data.startswith(b"PK")


def test_charts_say_in_words_what_they_show(books, day, auditor):
    page = get(auditor, "days").text
    [[fen]] = books.ask(
        "SELECT sum(fen) FROM payments_ledger_entries WHERE kind = 'payment' AND business_on <= :day", day=day
    )
    assert f'aria-label="收款（元）：2026-10-16 至 2026-11-15 共 {yuan(int(fen))}"' in page
    assert 'aria-label="没有了结的差错，按账龄：1 天内 50 笔' in page


@pytest.mark.parametrize("day", ["2026-13-40", "9999-01-01", "x"], ids=["no date", "to come", "nonsense"])
def test_a_day_that_can_not_be_is_not_found(clerk, day):
    assert get(clerk, f"days/{day}").status_code == 404


def test_the_certificate_of_an_open_day_is_not_there(day, clerk):
    assert get(clerk, f"days/{day}/certificate.pdf").status_code == 404


def attach(browser, number, name, content, note="银行回单见附件"):
    given = {"note": note, "file": (io.BytesIO(content), name)}
    headers = csrf(browser, "desk") | {"HX-Request": "true"}
    return browser.post(f"/desk/payments/differences/{number}/notes", data=given, headers=headers)


def test_a_note_carries_a_file_and_gives_it_back_byte_for_byte(books, day, clerk, auditor):
    number = numbers(books)[0]
    assert "回单.pdf" in attach(clerk, number, "回单.pdf", b"%PDF-1.7 slip").text
    note = books.ask("SELECT id FROM payments_difference_notes")[0].id
    taken = get(auditor, f"differences/{number}/notes/{note}")
    assert taken.data == b"%PDF-1.7 slip"
    assert taken.headers["Content-Disposition"].startswith("attachment")


def test_a_file_that_could_run_is_refused_and_no_note_is_written(books, day, clerk):
    refused = attach(clerk, numbers(books)[0], "page.html", b"<script>")
    assert refused.status_code == 422
    assert "只能附 PDF" in refused.text
    assert books.ask("SELECT id FROM payments_difference_notes") == []


def test_a_file_belongs_to_its_difference(books, day, clerk):
    one, other = numbers(books)[:2]
    attach(clerk, one, "回单.pdf", b"%PDF-1.7")
    note = books.ask("SELECT id FROM payments_difference_notes")[0].id
    assert get(clerk, f"differences/{other}/notes/{note}").status_code == 404
