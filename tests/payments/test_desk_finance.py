"""The desk's pages about vouchers, departments, bank receipts and electronic receipts."""

from datetime import date

import pytest
from sqlalchemy import text, update

from app.kit import db
from app.payments.models import FeeItem
from app.platform.identity import service as identity
from tests.payments.closed_days import close_days
from tests.payments.test_desk import at_the_desk, auditor, clerk, delivered, get, post, reviewer  # noqa: F401
from tests.payments.test_phone_pages import li, token  # noqa: F401
from tests.payments.test_receipts import counter  # noqa: F401
from tests.payments.test_statements import add_bank_line
from tests.payments.vouchers.conftest import load_sample
from tests.vendors import _vendor_server, vendors  # noqa: F401
from tests.visit import desk

DAY, MONTH = "2026-11-16", "2026-11"


@pytest.fixture
def busy(school):
    """A delivered order of 维修中心 and the rules of the sample; it is the next month."""
    load_sample()
    with db.unit_of_work() as session:
        session.execute(update(FeeItem).values(unit_id=school.ids.unit))
    delivered(school)
    school.pass_time(days=20)
    close_days(school.ids, last=date.fromisoformat(DAY))
    return school


def number_of(school) -> str:
    with db.unit_of_work() as session:
        return str(session.scalar(text("SELECT number FROM payments_vouchers ORDER BY id LIMIT 1")))


def test_vouchers_are_made_exported_once_and_downloaded_again(busy, clerk, auditor):  # noqa: F811
    assert "没有凭证" in get(clerk, "vouchers").text
    assert post(clerk, "vouchers/make", period=DAY, do="make").status_code == 204
    page = get(clerk, "vouchers", period=DAY)
    number = number_of(busy)
    assert number in page.text and "草稿" in page.text and "维修中心" in page.text
    file = post(clerk, "vouchers/make", period=DAY, do="export", format="yonyou")
    assert file.data.decode("gbk").startswith("填制凭证,V800\r\n")
    again = post(clerk, "vouchers/make", period=DAY, do="export", format="yonyou")
    assert again.data == file.data
    page = get(auditor, "vouchers", period=DAY)
    assert "已导出" in page.text
    assert (
        get(auditor, "vouchers/files/" + page.text.split("/vouchers/files/")[1].split('"')[0]).data
        == file.data
    )
    panel = get(auditor, f"vouchers/{number}")
    assert "230701" in panel.text and "¥50.00" in panel.text


def test_what_is_wrong_is_said_on_the_page(busy, clerk):  # noqa: F811
    for given, said in (
        ({"period": "x"}, "期间不对"),
        ({"period": "2026-12", "do": "export", "format": "yonyou"}, "还没有过完"),
        ({"period": MONTH, "do": "make"}, "2026-11-17 还没有关账"),
    ):
        answer = post(clerk, "vouchers/make", **given)
        assert answer.status_code in (409, 422) and said in answer.text
    assert "102101" in get(clerk, "vouchers/rules").text


def test_who_only_reads_can_neither_make_nor_claim(busy, auditor):  # noqa: F811
    assert post(auditor, "vouchers/make", period=DAY).status_code == 403
    assert 'value="make"' not in get(auditor, "vouchers").text
    assert post(auditor, "claims/1", fee_item="electricity", note="十一月场租").status_code == 403


def test_a_department_sees_and_confirms_its_own_month_only(busy, clerk):  # noqa: F811
    with db.unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=busy.ids.he,
            role="payments.department",
            scope_kind="unit",
            scope_id=busy.ids.unit,
        )
    head = desk(busy.app, busy.ids.he)
    page = get(head, "statements", month=MONTH)
    assert "维修中心" in page.text and "待确认" in page.text
    assert get(head, "vouchers").status_code == 403
    assert get(head, f"statements/{busy.ids.unit}.pdf", month=MONTH).data.startswith(b"%PDF")
    assert get(head, f"statements/{busy.ids.unit}.xlsx", month=MONTH).status_code == 200
    assert post(clerk, f"statements/{busy.ids.unit}/confirm", month=MONTH).status_code == 403
    assert post(head, f"statements/{busy.ids.unit}/confirm", month=MONTH).status_code == 204
    assert "何志远" in get(clerk, "statements", month=MONTH).text
    assert get(head, "statements/999.pdf", month=MONTH).status_code == 404
    assert get(head, "statements", month="2026-11-16").status_code == 422


def test_a_bank_receipt_is_claimed_by_one_and_checked_by_another(busy, clerk, reviewer):  # noqa: F811
    line = add_bank_line()
    assert "某某公司 场租" in get(clerk, "claims").text
    assert post(clerk, f"claims/{line}", fee_item="electricity", note="十一月场租").status_code == 204
    assert "复核入账" not in get(clerk, "claims").text
    page = get(reviewer, "claims")
    assert "复核入账" in page.text
    claim_id = page.text.split("/agree")[0].rsplit("/", 1)[1]
    assert post(reviewer, f"claims/{claim_id}/agree").status_code == 204
    assert "已入账" in get(clerk, "claims").text


def test_the_payer_asks_for_a_receipt_and_the_desk_sees_it(counter, clerk, li):  # noqa: F811
    one = counter()
    url = f"/m/bills/{one.school.order(one.charge).public_id}"
    page = li.get(url)
    assert "申请开票" in page.text and 'value="李一鸣"' in page.text
    answer = li.post(f"{url}/receipt", data={"_csrf": token(page), "title": "李一鸣"})
    assert answer.status_code == 303
    page = li.get(url)
    assert "开票中" in page.text and "申请开票" not in page.text
    one.work()
    [receipt] = one.rows("receipts")
    page = li.get(url)
    assert receipt.receipt_no in page.text and receipt.url.replace("&", "&amp;") in page.text
    assert receipt.receipt_no in get(clerk, "receipts", view="all").text
    assert "查看票据" in get(clerk, f"receipts/{receipt.public_id}").text


def test_a_reversal_that_was_refused_waits_at_the_desk(counter, clerk):  # noqa: F811
    one = counter()
    public_id = one.ask()
    one.work()
    number = one.rows("receipts")[0].number
    one.vendors.post("/_sim/receipts/book", {"number": number})
    one.refund(1000)
    one.work(5)
    assert "冲红被拒" in get(clerk, "receipts").text
    assert "再次冲红" in get(clerk, f"receipts/{public_id}").text
    one.vendors.post("/_sim/receipts/book", {"number": number, "booked": False})
    assert post(clerk, f"receipts/{public_id}/reverse").status_code == 200
    one.work(1)
    one.work(2)
    assert one.refund_status() == ["succeeded"]
    assert "没有要处理的票据" in get(clerk, "receipts").text
