"""The phone pages over real requests: balance, use, rooms, topping up and where the money is."""

import json
import re
from datetime import time, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.kit import clock, db
from app.miniapps.electricity import service
from app.miniapps.electricity.chat import answer_balance
from tests import visit
from tests.miniapps.electricity.conftest import RULES, leave
from tests.payments.conftest import add_fee_item

HOME = "/m/electricity/"


@pytest.fixture
def li(app, dorm) -> FlaskClient:
    return visit.phone(app, dorm.ids.li)


@pytest.fixture
def chen(app, dorm) -> FlaskClient:
    return visit.phone(app, dorm.ids.chen)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def send(client: FlaskClient, path: str, **form):
    token = re.search(r'name="csrf" content="(\w+)"', text_of(client, HOME + "rooms")).group(1)
    return client.post(path, data={"_csrf": token} | form)


def balance_of(client: FlaskClient, binding: str) -> str:
    return text_of(client, f"{HOME}balance?room={binding}")


def test_it_works(dorm, li):
    assert "绑定 3号楼 512" in text_of(li, HOME)
    answer = send(li, HOME + "rooms/own")
    assert answer.status_code == 303
    page = text_of(li, answer.headers["Location"])
    assert "已绑定" in page and "正在读取" in page and "充值" in page
    part = balance_of(li, dorm.bind())
    assert "照明用电" in part and "截至 今天" in part and "正常供电" in part and "免费额度" in part
    page = text_of(li, HOME)
    assert "约可用" in page and "近 7 天用电" in page and 'class="bars"' in page


def test_the_page_itself_asks_no_vendor(dorm, li):
    dorm.bind()
    calls = dorm.vendors.calls("meters")
    text_of(li, HOME)
    assert dorm.vendors.calls("meters") == calls


def test_a_vendor_that_is_away_shows_the_last_value_as_old(dorm, li):
    binding = dorm.bind()
    balance_of(li, binding)
    dorm.pass_time(minutes=15)
    dorm.vendors.fault("meters", "http502_html", times=None)
    part = balance_of(li, binding)
    assert "不是最新" in part and "电费系统暂时连不上" in part and "照明用电" in part


def test_a_first_reading_that_fails_is_not_zero(dorm, li):
    binding = dorm.bind()
    dorm.vendors.fault("meters", "http502_html", times=None)
    part = balance_of(li, binding)
    assert "暂时读不出" in part and "不代表没电" in part and "0.00" not in part


def test_who_looks_too_often_gets_the_last_value(dorm, li):
    binding = dorm.bind()
    for _ in range(20):
        balance_of(li, binding)
    assert "太频繁" in balance_of(li, binding)


def test_nobody_sees_another_room(dorm, chen):
    binding = dorm.bind()
    for path in (
        f"{HOME}?room={binding}",
        f"{HOME}balance?room={binding}",
        f"{HOME}history?room={binding}",
        f"{HOME}top-up?room={binding}",
        f"{HOME}balance?room=ebd_00000000000000000000",
    ):
        text_of(chen, path, 404)


def test_a_low_balance_and_the_power_cut_are_warned_of(dorm, li):
    with db.unit_of_work() as session:
        rules = {**RULES.__dict__, "cut_from": time(10, 30), "cut_until": time(6)}
        service.save_system(session, key="isims", rules=service.SystemRules(**rules))
    binding = dorm.bind()
    dorm.set_balance(100)
    part = balance_of(li, binding)
    assert "按作息停电" in part and "10:30" in part
    dorm.vendors.post("/_sim/meters/reset")


def test_use_has_a_table_beside_the_chart(dorm, li):
    binding = dorm.bind()
    balance_of(li, binding)
    page = text_of(li, f"{HOME}history?room={binding}&days=30")
    charts = [json.loads(unescape(given)) for given in re.findall('data-chart="([^"]+)"', page)]
    assert [len(chart["values"]) for chart in charts] == [30, 30]
    assert charts[0]["texts"][-2] == f"{charts[0]['values'][-2]} 度"
    assert "看表格" in page and "日均" in page


def test_a_roommate_consents_on_the_page(dorm, li, chen):
    dorm.bind()
    page = text_of(chen, f"{HOME}rooms?building_id={dorm.ids.building_3}")
    assert f'value="{dorm.ids.room_512}"' in page
    answer = send(chen, HOME + "rooms/ask", room_id=dorm.ids.room_512)
    assert answer.status_code == 303
    assert "等同意" in text_of(chen, HOME)
    page = text_of(li, HOME + "rooms")
    assert "陈晓雨" in page
    (accept,) = re.findall(r'action="(/m/electricity/rooms/\w+/accept)"', page)
    assert send(li, accept).status_code == 303
    assert "东校区 3号楼 512" in text_of(chen, HOME)


def test_wishes_and_unbinding(dorm, li):
    binding = dorm.bind()
    answer = send(li, f"{HOME}rooms/{binding}/wishes", low_kwh="25", tells_low="1")
    assert answer.status_code == 303
    assert 'value="25"' in text_of(li, HOME + "rooms")
    wrong = send(li, f"{HOME}rooms/{binding}/wishes", low_kwh="viel")
    assert wrong.status_code == 422 and "1 到 200" in wrong.text
    send(li, f"{HOME}rooms/{binding}/end")
    assert "先绑定您的房间" in text_of(li, HOME)


def top_up(client: FlaskClient, binding: str, **form):
    values = {"room": binding, "meter": "E035121", "amount": "20", "_key": "key-1"} | form
    return send(client, HOME + "top-up", **values)


def test_a_top_up_leads_to_the_cashier_once(dorm, li):
    add_fee_item(service_key="electricity")
    binding = dorm.bind()
    balance_of(li, binding)
    page = text_of(li, f"{HOME}top-up?room={binding}")
    assert "东校区 3号楼 512" in page and "照明用电" in page and "截至" in page
    first, again = top_up(li, binding), top_up(li, binding)
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert first.headers["Location"].startswith("/m/pay/ord_")
    page = text_of(li, HOME + "top-ups/")
    (link,) = re.findall(r'href="(/m/electricity/top-ups/etu_\w+)"', page)
    page = text_of(li, link)
    assert "待支付 ¥20.00" in page and "继续支付" in page and "已下单" in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"amount": "0.5"}, "每次可充"),
        ({"amount": "", "other": "abc"}, "每次可充"),
        ({"other": "300"}, "每次可充"),
        ({"meter": ""}, "请选择要充哪一块表"),
    ],
)
def test_what_is_wrong_is_said_and_kept(dorm, li, form, said):
    add_fee_item(service_key="electricity")
    binding = dorm.bind()
    balance_of(li, binding)
    answer = top_up(li, binding, **form)
    assert answer.status_code == 422 and said in answer.text
    if form.get("other"):
        assert f'value="{form["other"]}"' in answer.text


def test_no_money_is_asked_for_while_the_vendor_is_away(dorm, li):
    add_fee_item(service_key="electricity")
    binding = dorm.bind()
    balance_of(li, binding)
    dorm.pass_time(minutes=2)
    dorm.vendors.fault("meters", "http502_html", times=None)
    answer = top_up(li, binding)
    assert answer.status_code == 503 and "没有扣款" in answer.text
    assert "还没有充值" in text_of(li, HOME + "top-ups/")


def test_what_waits_is_on_the_list_of_things_to_do(dorm, li):
    add_fee_item(service_key="electricity")
    binding = dorm.bind()
    balance_of(li, binding)
    top_up(li, binding)
    dorm.ask(dorm.chen)
    page = text_of(li, "/m/todo")
    assert "电费 ¥20.00" in page and "陈晓雨 申请绑定电费" in page


def test_a_graduate_sees_the_own_past_without_a_button(dorm, li):
    binding = dorm.bind()
    balance_of(li, binding)
    leave(dorm.ids.li)
    page = text_of(li, HOME)
    assert "您已不住这间房" in page and "top-up?" not in page
    text_of(li, f"{HOME}balance?room={binding}", 404)
    text_of(li, f"{HOME}top-up?room={binding}", 404)


def test_in_english_nothing_is_left_in_chinese(dorm, li):
    with db.unit_of_work() as session:
        rules = {**RULES.__dict__, "price_text_en": "0.5483 yuan/kWh"}
        service.save_system(session, key="isims", rules=service.SystemRules(**rules))
    binding = dorm.bind()
    balance_of(li, binding)
    for path in (
        "",
        "rooms",
        "top-ups/",
        f"balance?room={binding}",
        f"history?room={binding}",
        f"top-up?room={binding}",
    ):
        page = li.get(HOME + path, headers={"Accept-Language": "en"}).text
        seen = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(head|script|style).*?</\1>", "", page))
        assert re.findall("[\u4e00-\u9fff]+", seen) == [], path


def test_the_chat_says_the_last_known_balance(dorm, app):
    dorm.bind()
    dorm.refresh()
    clock.advance(timedelta(minutes=1))
    with db.unit_of_work() as session:
        said = answer_balance(session, person_id=dorm.ids.li, text="电费", base_url="http://x")
        nothing = answer_balance(session, person_id=dorm.ids.chen, text="电费", base_url="http://x")
    assert "3号楼512" in said and "照明用电" in said and "11月16日 09:00" in said
    assert "绑定房间" in nothing
