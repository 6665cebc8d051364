"""The cashier and the bills on the phone."""

import re

import pytest
from sqlalchemy import insert

from app.kit import clock, db
from app.kit.qr import svg_uri
from app.platform.identity.models import WeChatLink
from tests.payments.conftest import FRIEND, OPENID
from tests.visit import APPID, phone


def link(person_id: int, openid: str) -> None:
    now = clock.now()
    with db.unit_of_work() as session:
        session.execute(
            insert(WeChatLink).values(
                appid=APPID,
                openid=openid,
                person_id=person_id,
                is_following=True,
                linked_at=now,
                bound_at=now,
                followed_at=now,
            )
        )


@pytest.fixture
def li(school):
    link(school.li.person_id, OPENID)
    return phone(school.app, school.li.person_id)


@pytest.fixture
def chen(school):
    link(school.chen.person_id, FRIEND)
    return phone(school.app, school.chen.person_id)


def token(page) -> str:
    return re.search(r'name="_csrf" value="([0-9a-f]+)"', page.text).group(1)


def press(client, charge, **form):
    page = client.get(charge.url)
    return client.post(f"{charge.url}/start", data={"_csrf": token(page), "channel": "wechat", **form})


def test_it_works(school, li):
    charge = school.charge()
    page = li.get(charge.url)
    assert page.status_code == 200
    assert "¥50.00" in page.text
    assert "3号楼 512" in page.text
    going = press(li, charge)
    assert "prepay_id=" in going.text
    assert "data-pay=" in going.text
    assert "正在确认支付结果" in li.get(f"{charge.url}/result").text
    school.pay(charge)
    assert "正在到账" in li.get(f"{charge.url}/state?turn=1").text
    school.deliver()
    done = li.get(f"{charge.url}/result").text
    assert "已到账" in done
    assert "hx-trigger" not in done, "nobody polls what is over"
    assert li.get(charge.url).status_code == 302


def test_a_code_to_scan_is_shown_until_it_is_paid(school, li, chen):
    charge = school.charge()
    going = press(li, charge, trade="NATIVE")
    assert going.headers["Location"] == f"{charge.url}/code"
    page = li.get(f"{charge.url}/code").text
    assert svg_uri(school.attempts(charge)[0].prepay) in page
    assert "前支付" in page, "until when"
    assert (
        chen.get(f"{charge.url}/code").status_code == chen.get(f"{charge.url}/code/state").status_code == 404
    )
    assert "HX-Redirect" not in li.get(f"{charge.url}/code/state").headers
    assert press(li, charge, trade="NATIVE").status_code == 303
    assert len(school.attempts(charge)) == 1, "pressed again it is the same attempt"
    school.pay(charge)
    assert li.get(f"{charge.url}/code/state").headers["HX-Redirect"] == f"{charge.url}/result"
    assert li.get(f"{charge.url}/code").status_code == 302
    assert school.payments(charge)[0].role == "settles"


def test_a_code_that_ran_out_leads_to_the_end_of_the_order(school, li):
    charge = school.charge()
    press(li, charge, trade="NATIVE")
    school.pass_time(minutes=31)
    assert li.get(f"{charge.url}/code/state").headers["HX-Redirect"] == f"{charge.url}/result"
    assert "没有付款" in li.get(f"{charge.url}/result").text


def test_the_cashier_without_a_code_has_none_to_show(school, li):
    charge = school.charge()
    assert li.get(f"{charge.url}/code").headers["Location"] == charge.url


def test_somebody_elses_order_is_absent(school, li, chen):
    charge = school.charge()
    for path in ("", "/result", "/state"):
        assert chen.get(charge.url + path).status_code == 404
    assert (
        chen.post(f"{charge.url}/start", data={"_csrf": token(chen.get("/m/bills/card"))}).status_code == 404
    )


def test_a_way_that_is_none_is_told_and_nothing_is_lost(school, li):
    charge = school.charge()
    page = press(li, charge, channel="cash")
    assert page.status_code == 422
    assert "换一种支付方式" in page.text
    assert "¥50.00" in page.text


def test_a_channel_that_is_away_is_told(school, li):
    charge = school.charge()
    school.sim("fault", name="api.500", op="prepay")
    page = press(li, charge)
    assert page.status_code == 503
    assert "没有扣款" in page.text
    assert "prepay_id" in press(li, charge).text


def test_somebody_else_pays_by_a_link_and_sees_no_room(school, li, chen):
    charge = school.charge()
    made = li.post(f"{charge.url}/proxy", data={"_csrf": token(li.get(charge.url))})
    url = re.search(r'value="http://[^"]+(/m/pay/for/[^"]+)"', made.text).group(1)
    page = chen.get(url)
    said = re.sub(r"<[^>]*>", "", page.text)  # without attributes: a random token may hold any number
    assert "3号楼 5**" in said
    assert "512" not in said
    assert "prepay_id=" in chen.post(f"{url}/start", data={"_csrf": token(page)}).text
    school.pay(charge)
    school.deliver()
    assert "已经付过了" in chen.get(url).text
    assert school.attempts(charge)[0].payer_id == school.chen.person_id
    assert school.payments(charge)[0].role == "settles"


def test_a_link_ends(school, li, chen):
    charge = school.charge()
    made = li.post(f"{charge.url}/proxy", data={"_csrf": token(li.get(charge.url))})
    old = re.search(r"/m/pay/for/[\w-]+", made.text).group()
    li.post(f"{charge.url}/proxy", data={"_csrf": token(li.get(charge.url))})
    assert chen.get(old).status_code == 404, "a new one takes its place"
    assert chen.get("/m/pay/for/guess").status_code == 404


def test_not_paying_after_all(school, li):
    charge = school.charge()
    left = li.post(f"{charge.url}/cancel", data={"_csrf": token(li.get(charge.url))})
    assert left.headers["Location"] == "/m/"
    assert school.order(charge).closed_reason == "cancelled"
    assert "没有扣款" in li.get(f"{charge.url}/result").text


def test_the_bills(school, li):
    assert "还没有账单" in li.get("/m/bills/").text
    charge = school.paid()
    school.deliver()
    assert "电费 3号楼512" in li.get("/m/bills/").text
    bill = li.get(f"/m/bills/{charge.public_id}").text
    for text in (school.order(charge).number, school.payments(charge)[0].transaction_id, "校财备〔2026〕1号"):
        assert text in bill


def test_what_is_charged_is_published_to_everybody(school):
    page = school.app.test_client().get("/m/fees")
    assert page.status_code == 200
    for text in ("学生宿舍电费", "0.5483 元/度", "校财备〔2026〕1号"):
        assert text in page.text


@pytest.mark.parametrize("path", ["/m/bills/", "/m/bills/card", "/m/fees"])
def test_the_pages_speak_english(school, li, path):
    page = li.get(path, headers={"Accept-Language": "en"}).text
    assert not re.search(r"<h1>[^<]*[一-鿿]", page)
