"""English pages: nothing Chinese on a phone that chose English, save what people and places are called."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.kit import clock, outbox
from tests import visit

CHINESE = re.compile("[\u3001-\u303f\u4e00-\u9fff\uff00-\uffef]+")
NEW = "/m/repairs/new"
STATES = ("submitted", "triaged", "dispatched", "taken", "working", "on_hold", "finished", "closed")
ENDED = ("cancelled", "rejected")
DATA = ("王建国", "王", "李一鸣", "李", "赵敏华", "微生活大学", "看不清是哪一间", "简体中文", "东区维修班")
# The words of danger that the script looks for in what is typed, and keys that are stored.
NOT_SHOWN = re.compile(r'data-(hazards|calm)="[^"]*"|name="tags" value="[^"]*"')


@pytest.fixture
def li(app, house) -> FlaskClient:
    return english(visit.phone(app, house.ids.li))


@pytest.fixture
def wang(app, house) -> FlaskClient:
    return english(visit.phone(app, house.ids.wang, openid="o-wang"))


def english(client: FlaskClient) -> FlaskClient:
    client.set_cookie(f"wl_lang_{client.application.config['COOKIE_SUFFIX']}", "en")
    return client


def page_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return in_english(answer.text, path)


def in_english(page: str, where: str) -> str:
    rest = NOT_SHOWN.sub("", page)
    for words in DATA:
        rest = rest.replace(words, "")
    assert [rest[max(0, m.start() - 50) : m.end() + 20] for m in CHINESE.finditer(rest)] == [], where
    return page


def send(client: FlaskClient, path: str, **form):
    token = re.search(r'name="csrf" content="(\w+)"', client.get(NEW).text).group(1)
    return client.post(path, data={"_csrf": token} | form)


def test_the_form_and_what_is_wrong_with_it(app, house, li):
    page = page_of(li, NEW)
    assert "My dorm room" in page and "512, Building 3, East Campus" in page and "Lamp broken" in page
    assert "Try the switch" in page and '<html lang="en"' in page
    answer = send(li, NEW, where="other", phone="123", _key="1")
    assert answer.status_code == 422
    assert "Please choose the building." in in_english(answer.text, "refused")
    visitor = english(visit.phone(app))
    page_of(visitor, f"{NEW}?door=XXXXXXXX&building_id={house.ids.building_3}")
    page_of(visitor, f"/m/repairs/rooms?building_id={house.ids.building_3}")


def test_a_report_its_answer_and_the_list(house, li):
    answer = send(li, NEW, where="home", category="electric.leak", detail="tingles", _key="1")
    assert answer.status_code == 303, answer.text
    assert "Report submitted" in page_of(li, answer.headers["Location"])
    assert "In danger? Call first" in page_of(li, answer.headers["Location"].removesuffix("/submitted"))
    found = f"/m/repairs/similar?building_id={house.ids.building_3}&room_id={house.ids.room_512}"
    assert "already reported" in page_of(li, f"{found}&category=electric.leak")
    assert "Electric shock" in page_of(li, "/m/repairs/")


@pytest.mark.parametrize("status", [*STATES, *ENDED])
def test_a_ticket_in_every_state_as_both_sides_see_it(house, li, wang, status):
    public_id = house.bring_to(status)
    page = page_of(li, f"/m/repairs/{public_id}")
    assert "reported it" in page
    if status not in ("submitted", "triaged", *ENDED):
        assert "Repairer 王" in page
        page_of(wang, f"/m/repairs/{public_id}")


def test_the_rest_of_a_life(house, li, wang):
    public_id = house.bring_to("closed")
    house.act(house.li, public_id, "rate", speed=5, quality=5, attitude=4, tags=("准时", "修得好"), note="ok")
    assert "On time, Well repaired" in page_of(li, f"/m/repairs/{public_id}")
    house.act(house.li, public_id, "rework", note="still dark")
    house.hold(house.bring_to("working", category="water.drip"))
    late = house.bring_to("taken", category="wood.lock")
    clock.advance(timedelta(days=8))
    page_of(li, f"/m/repairs/{late}")
    page_of(wang, f"/m/repairs/{late}")
    assert "My jobs" in page_of(wang, "/m/repairs/jobs")
    page_of(li, "/m/repairs/jobs")


def test_refusals_fill_their_gaps_in_english(house, li, wang):
    public_id = house.bring_to("dispatched")
    seen = house.ticket(public_id).version
    house.act(house.zhao, public_id, "reassign", worker_id=house.ids.wang, reason="load")
    answer = send(wang, f"/m/repairs/{public_id}/take", version=str(seen))
    assert answer.status_code == 409
    assert "赵敏华 reassigned it 1 s ago" in in_english(answer.text, "409")
    answer = send(li, f"/m/repairs/{public_id}/accept", version="1")
    assert "can only be done by: Dispatcher, Administrator" in in_english(answer.text, "403")
    page_of(li, "/m/repairs/rep_nowhere", status=404)


def test_the_portal_and_the_messages(app, house, li, wang):
    house.bring_to("finished")
    outbox.drain(clients=app.extensions["clients"], seconds=10)
    home = page_of(li, "/m/")
    assert "Report what is broken" in home and "Lamp broken" in home and "To confirm" in home
    for path in ("/m/todo", "/m/me", "/m/messages/preferences", "/m/bind", "/m/unbind", "/m/logout"):
        answer = li.get(path)
        in_english(answer.text, path)
    assert "is dispatched to Repairer 王" in page_of(li, "/m/messages")
    assert "You have a new job" in page_of(wang, "/m/messages")


def test_a_browser_that_prefers_english_is_answered_in_english(app, house):
    client = visit.phone(app)
    page = client.get(NEW, headers={"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"}).text
    assert "Report a repair" in in_english(page, NEW)
    assert "报修" in client.get(NEW, headers={"Accept-Language": "zh-CN"}).text
    assert "报修" in client.get(NEW, headers={"Accept-Language": "fr"}).text
