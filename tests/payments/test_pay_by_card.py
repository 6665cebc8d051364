"""Paying by campus card on the vendor's page for the PIN: the payer goes there, and what became of it is asked for."""

import dataclasses
import re
from html import unescape

import pytest
import requests

from app.clients.opening import open_card_system
from app.payments.flows import checking
from tests.payments.test_phone_pages import li, press  # noqa: F401

FIELDS = r'<input type="hidden" name="([^"]+)" value="([^"]*)">'


class Holder:
    """Who holds the card, on the vendor's page."""

    def __init__(self, school, client) -> None:
        self.school, self.client = school, client

    def go(self, charge) -> str:
        """Press 支付; the address of the vendor's page."""
        page = press(self.client, charge, channel="card").text
        return unescape(re.search(r'href="([^"]+/card/cashier[^"]+)"', page)[1])

    def types(self, url: str, pin: str = "123456") -> requests.Response:
        page = requests.get(url, timeout=10)
        assert page.ok, page.text
        fields = {name: unescape(value) for name, value in re.findall(FIELDS, page.text)}
        return requests.post(
            url.split("?")[0], data={**fields, "pin": pin}, timeout=10, allow_redirects=False
        )

    def sim(self, path: str, **given):
        answer = requests.post(f"{self.school.sandbox}/_sim/card/{path}", json=given, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def debits(self, charge) -> list[int]:
        number = self.school.attempts(charge)[-1].number
        found = requests.get(f"{self.school.sandbox}/_sim/card/debits?order_no={number}", timeout=10).json()
        return [one["fen"] for one in found]


@pytest.fixture
def holder(school, li) -> Holder:  # noqa: F811
    made = Holder(school, li)
    made.sim("reset")
    made.sim("account", student="2023010101", purse=30_000, status="normal")
    return made


def check(school, charge) -> None:
    checking.check_order(charge.order_id, clients=school.clients)


def test_it_works(school, holder):
    charge = school.charge()
    back = holder.types(holder.go(charge))
    assert back.headers["Location"] == f"{school.base}{charge.url}/result"
    assert school.order(charge).status == "open", "that somebody comes back proves nothing"
    assert "正在确认" in holder.client.get(f"{charge.url}/result").text
    check(school, charge)
    assert [(one.channel, one.fen, one.role) for one in school.payments(charge)] == [
        ("card", 5000, "settles")
    ]
    assert holder.debits(charge) == [5000]
    school.deliver()
    school.check()


def test_small_sums_under_an_agreement_need_no_page(school, holder):
    token = re.search(r'name="_csrf" value="([0-9a-f]+)"', holder.client.get("/m/bills/card").text)[1]
    assert holder.client.post("/m/bills/card", data={"_csrf": token}).status_code == 303
    charge = school.charge()
    assert press(holder.client, charge, channel="card").headers["Location"] == f"{charge.url}/result"
    assert school.order(charge).status == "paid"
    dear = school.charge("room-101", fen=25_000)
    holder.types(holder.go(dear))
    check(school, dear)
    assert school.order(dear).status == "paid", "above the agreement's limit the PIN is asked for"


def test_a_wrong_pin_and_a_card_without_money_take_nothing(school, holder):
    charge = school.charge()
    url = holder.go(charge)
    assert holder.types(url, "000000").status_code == 409
    holder.sim("account", student="2023010101", purse=100)
    assert "余额不足" in holder.types(url).text
    check(school, charge)
    assert (school.order(charge).status, holder.debits(charge)) == ("open", [])
    holder.sim("account", student="2023010101", purse=30_000)
    holder.types(holder.go(charge))
    check(school, charge)
    assert school.order(charge).status == "paid", "pressed again it is the same attempt"
    assert len(school.attempts(charge)) == 1


def test_an_address_that_was_changed_is_refused(school, holder):
    url = holder.go(school.charge())
    assert requests.get(url.replace("app_key=", "app_key=0"), timeout=10).status_code == 400
    assert requests.get(re.sub("sign=...", "sign=AAA", url), timeout=10).status_code == 400


def test_who_lost_the_card_is_told_before_the_page(school, holder):
    holder.sim("account", student="2023010101", status="lost")
    page = press(holder.client, school.charge(), channel="card")
    assert page.status_code == 409
    assert "已挂失" in page.text


def test_money_that_the_machine_books_late_is_found(school, holder):
    holder.sim("fault", fault="late_apply", seconds=90, match={"op": "pin"}, times=1)
    charge = school.charge()
    assert holder.types(holder.go(charge)).status_code == 504
    check(school, charge)
    assert school.order(charge).status == "open"
    school.pass_time(seconds=91)
    checking.check_due(clients=school.clients)
    assert school.order(charge).status == "paid"
    assert holder.debits(charge) == [5000]


def test_a_page_left_open_while_another_way_was_taken_is_paid_back(school, holder):
    charge = school.charge()
    url = holder.go(charge)
    school.start(charge)
    school.sim("pay", order_no=school.attempts(charge)[-1].number, wait=True)
    assert school.order(charge).status == "paid"
    school.deliver()
    holder.types(url)
    school.pass_time(minutes=30)
    checking.check_due(clients=school.clients)
    assert sorted(one.role for one in school.payments(charge)) == ["settles", "surplus"]
    school.finish_refunds()
    assert [one.status for one in school.refunds(charge)] == ["succeeded"]
    school.check()


def test_a_page_that_nobody_used_ends_when_it_has_run_out_and_the_machine_has_settled(school, holder):
    charge = school.charge()
    url = holder.go(charge)
    school.pass_time(minutes=31)
    assert requests.get(url, timeout=10).status_code == 400
    checking.check_due(clients=school.clients)
    assert [one.status for one in school.attempts(charge)] == ["pending"], (
        "it may have been paid in the last second"
    )
    school.pass_time(minutes=40)
    checking.check_due(clients=school.clients)
    assert [one.status for one in school.attempts(charge)] == ["closed"]


def test_a_school_may_offer_the_page_alone_or_the_agreement_alone(school, holder):
    charge = school.charge()
    card = school.clients.card
    offer(school, card, has_agreements=False)
    page = holder.client.get(charge.url).text
    assert "输密码付款" in page and "开通校园卡" not in page
    assert "/card/cashier" in holder.go(charge)
    offer(school, card, pin_url="")
    assert "首次使用要先同意" in holder.client.get(charge.url).text
    assert press(holder.client, charge, channel="card").status_code == 409
    with pytest.raises(ValueError, match="pin_url"):
        offer(school, card, pin_url="somewhere")


def offer(school, card, **given) -> None:
    settings = dataclasses.asdict(card._settings) | given
    settings.pop("line")
    school.app.extensions["clients"] = dataclasses.replace(
        school.clients, card=open_card_system({"card": settings})
    )
