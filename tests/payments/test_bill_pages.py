"""账单 on the desk: the days, an upload watched to its end, one bill down to its bytes."""

import hashlib
import io
from datetime import timedelta

import pytest

from app.kit import db, outbox
from app.payments.models import Bill
from tests.payments.bill_files import DAY, MCHID, Move, fund_file, payment, whole
from tests.payments.test_desk import at_the_desk, audited, get, post
from tests.visit import csrf

WHAT = f"wechat|trade|{MCHID}"


@pytest.fixture
def clerk(school):
    return at_the_desk(school, school.ids.zhao, "payments.cashier")


@pytest.fixture
def auditor(school):
    return at_the_desk(school, school.ids.he, "payments.auditor")


def send(browser, content: bytes, *, what=WHAT, day=DAY, name="bill.csv", published="", **headers):
    headers = csrf(browser, "desk") | headers
    data = {"what": what, "day": str(day), "published": published, "file": (io.BytesIO(content), name)}
    return browser.post("/desk/payments/bills/uploads", data=data, headers=headers)


def load(school, browser, content: bytes, **given) -> str:
    """Uploads, lets a worker read it; the page that watched."""
    watch = send(browser, content, **given).location
    outbox.drain(clients=school.clients, seconds=20)
    return browser.get(watch, headers={"HX-Request": "true"}).text


def bill_ids() -> list[str]:
    with db.unit_of_work() as session:
        return [row.public_id for row in session.query(Bill).order_by(Bill.id)]


def test_it_works(school, clerk):
    answer = send(clerk, whole().encode(), **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'hx-trigger="load delay:1s"' in answer.text and "正在读 bill.csv" in answer.text
    outbox.drain(clients=school.clients, seconds=20)
    watch = answer.text.split('hx-get="')[1].split('"')[0]
    done = clerk.get(watch, headers={"HX-Request": "true"}).text
    assert "已导入。" in done and "hx-trigger" not in done
    (bill,) = bill_ids()
    page = get(clerk, f"bills/{bill}").text
    assert "¥75.01" in page and "-¥12.00" in page and "0.37806" in page
    assert payment(40000).trade in page
    assert "已到" in get(clerk, "bills").text
    assert audited("payments.upload_bill") == audited("payments.import_bill") == 1


def test_the_same_file_again_and_a_new_version_are_told(school, clerk):
    load(school, clerk, whole().encode())
    assert "已经导入过" in load(school, clerk, whole().encode())
    rows = [*whole().rows[1:], payment(9, 100), payment(10, 200)]
    assert "已导入为第 2 版" in load(school, clerk, whole(rows=rows).encode())
    first, second = bill_ids()
    page = get(clerk, f"bills/{second}").text
    assert "多 2 笔，少 1 笔，改 0 笔。" in page and payment(9).trade in page
    assert "后来到了新的版本" in get(clerk, f"bills/{first}").text
    assert "第 2 版" in get(clerk, "bills").text


def test_a_refusal_names_the_line_in_plain_words(school, clerk):
    said = load(school, clerk, whole().encode().replace(b"`50.00", b"`5O.00", 1))
    assert "不可信，没有采用" in said and "第 2 行：" in said and "金额、数量或时间读不出来" in said
    (bill,) = bill_ids()
    assert "第 2 行：" in get(clerk, f"bills/{bill}").text
    assert "拒收" in get(clerk, "bills").text


def test_a_line_is_found_by_any_number_and_shown_as_it_was_written(school, clerk):
    load(school, clerk, whole().encode())
    (bill,) = bill_ids()
    for number in (payment(2).trade, payment(2).order_no):
        page = get(clerk, f"bills/{bill}", number=number).text
        assert payment(2).trade in page and payment(40000).trade not in page
    assert "没有这个单号" in get(clerk, f"bills/{bill}", number="nothing").text
    evidence = get(clerk, f"bills/{bill}/lines/3").text
    assert f"`{DAY} 00:00:02,`wx1234567890abcdef" in evidence and "0d 0a" in evidence
    assert get(clerk, f"bills/{bill}/lines/99").status_code == 404


def test_lines_come_page_by_page(school, clerk):
    load(school, clerk, whole(rows=[payment(number) for number in range(1, 121)]).encode())
    (bill,) = bill_ids()
    path, seen = f"/desk/payments/bills/{bill}", 0
    for _ in range(3):
        page = clerk.get(path).text
        seen += page.count("data-row=")
        path = (
            page.split('id="lines-more">')[-1]
            .partition('hx-get="')[2]
            .partition('"')[0]
            .replace("&amp;", "&")
        )
    assert (seen, path) == (120, "")


def test_the_file_is_given_back_to_the_byte_and_that_is_noted(school, clerk):
    content = whole().encode()
    load(school, clerk, content)
    (bill,) = bill_ids()
    answer = get(clerk, f"bills/{bill}/file")
    assert answer.data == content and "bill.csv" in answer.headers["Content-Disposition"]
    assert audited("payments.download_bill") == 1


def test_a_gap_in_the_balance_is_loud(school, clerk):
    fund = f"wechat|fund|{MCHID}"
    before = DAY - timedelta(days=2)
    load(school, clerk, fund_file([Move("08:00:00", "交易", 500)], 0, before), what=fund, day=before)
    load(school, clerk, fund_file([Move("08:00:00", "交易", 700)], 400), what=fund)
    *_, bill = bill_ids()
    assert "差 -¥1.00" in get(clerk, f"bills/{bill}").text
    assert "余额差 -¥1.00" in get(clerk, "bills").text


def test_the_published_digest_is_compared_with_the_bytes(school, clerk):
    content = whole().encode()
    real, other = hashlib.sha1(content).hexdigest(), hashlib.sha1(content + b" ").hexdigest()  # noqa: S324
    refused = send(clerk, content, published=other, **{"HX-Request": "true"})
    assert refused.status_code == 422 and real in refused.text and other in refused.text
    assert send(clerk, content, published="abc", **{"HX-Request": "true"}).status_code == 422
    assert bill_ids() == [] and audited("payments.upload_bill") == 0
    assert "已导入" in load(school, clerk, content, published=f" {real.upper()} ")
    assert len(bill_ids()) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"what": "wechat|trade|1"}, "请选择是哪一份账单"),
        ({"day": "morgen"}, "日期不对"),
        ({"name": ""}, "请选择账单文件"),
        ({"day": "2026-11-16"}, "还没有过完"),
    ],
)
def test_a_mistake_in_the_form_is_told(school, clerk, given, words):
    answer = send(clerk, whole().encode(), **given, **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert words in answer.text


def test_a_missing_bill_can_be_asked_for_now(school):
    school.paid()
    school.pass_time(hours=25)
    clerk = at_the_desk(school, school.ids.zhao, "payments.cashier")
    assert "缺" in get(clerk, "bills").text
    assert post(clerk, "bills/fetch", what=WHAT, day="2026-11-16").status_code == 204
    outbox.drain(clients=school.clients, seconds=20)
    assert len(bill_ids()) == 1
    assert post(clerk, "bills/fetch", what="wechat|trade|1", day="2026-11-16").status_code == 422


def test_the_auditor_reads_and_does_nothing(school, clerk, auditor):
    load(school, clerk, whole().encode())
    (bill,) = bill_ids()
    for path in ("bills", f"bills/{bill}", f"bills/{bill}/lines/2", f"bills/{bill}/file"):
        assert get(auditor, path).status_code == 200
    assert "导入账单" not in get(auditor, "bills").text
    assert send(auditor, whole().encode()).status_code == 403
    assert post(auditor, "bills/fetch", what=WHAT, day=str(DAY)).status_code == 403


def test_without_a_bill_there_is_none(clerk):
    assert get(clerk, "bills/bil_nothing").status_code == 404
    assert get(clerk, "bills/uploads/upl_nothing").status_code == 404
    assert get(clerk, "bills", until="gestern").status_code == 422
