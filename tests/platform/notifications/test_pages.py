"""The message centre, wishes, the delivery log and the call list, through their pages and over JSON."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.platform.notifications import queries, service
from app.platform.notifications.models import Delivery, Message
from tests.visit import csrf, desk, phone

LI = "2023010101"


@pytest.fixture
def duty(app, campus):
    """赵's browser: may read the log and phone."""
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=campus.zhao, role="notifications.administrator")
    return desk(app, campus.zhao)


def ids():
    with db.unit_of_work() as session:
        return list(session.scalars(select(Message.public_id).order_by(Message.id)))


def test_it_works(app, campus, tell):
    for number in range(3):
        tell(campus.li, "lamps.broke", key=f"{number}", room=str(500 + number))
    browser = phone(app, campus.li)
    page = browser.get("/m/messages")
    assert page.status_code == 200
    assert page.text.index("502 的灯坏了") < page.text.index("500 的灯坏了")
    assert page.text.count("未读") >= 3
    opened = browser.get(f"/m/messages/{ids()[0]}")
    assert (opened.status_code, opened.headers["Location"]) == (302, "/m/lamps/lamp_1")
    with db.unit_of_work() as session:
        assert queries.unread_count(session, campus.li) == 2


def test_nobody_reads_what_is_not_theirs(app, campus, tell, client):
    tell(campus.li, "lamps.broke", key="1")
    stranger = phone(app, campus.chen)
    assert "灯坏了" not in stranger.get("/m/messages").text
    assert stranger.get(f"/m/messages/{ids()[0]}").status_code == 404
    answer = stranger.post(f"/api/v1/messages/{ids()[0]}/read", headers=csrf(stranger))
    assert answer.status_code == 404
    assert client.get("/m/messages").status_code == 302
    with db.unit_of_work() as session:
        assert queries.unread_count(session, campus.li) == 1


def test_over_json(app, campus, tell):
    for number in range(25):
        tell(campus.li, "lamps.broke", key=f"{number}")
    browser = phone(app, campus.li)
    first = browser.get("/api/v1/messages", headers={"X-Surface": "phone"}).json
    assert (len(first["items"]), first["unread"]) == (20, 25)
    assert first["items"][0]["text"] == "512 的灯坏了"
    query = {"cursor": first["next_cursor"]}
    second = browser.get("/api/v1/messages", query_string=query, headers={"X-Surface": "phone"}).json
    assert (len(second["items"]), second["next_cursor"]) == (5, None)
    headers = csrf(browser)
    assert browser.post(f"/api/v1/messages/{ids()[0]}/read", headers=headers).json == {"read": 1}
    assert browser.post("/api/v1/messages/read", headers=headers).json == {"read": 24}
    assert browser.post("/api/v1/messages/read").status_code == 403


def test_what_is_muted_stays_in_the_centre(app, wechat, tell, work):
    person = wechat.follower(LI)
    browser = phone(app, person)
    form = {"quiet_from": "22:00", "quiet_until": "07:00"}
    answer = browser.post("/m/messages/preferences", data=form, headers=csrf(browser))
    assert answer.status_code == 302
    tell(person, "lamps.broke", key="1")
    tell(person, "lamps.fixed", key="2")
    tell(person, "lamps.burns", key="3")
    work()
    assert len(wechat.sent(LI)) == 2
    assert browser.get("/m/messages").text.count("灯坏了") == 1
    browser.post("/m/messages/preferences", data=form | {"on": "lamps"}, headers=csrf(browser))
    tell(person, "lamps.broke", key="4")
    work()
    assert len(wechat.sent(LI)) == 3
    assert "已保存" in browser.get("/m/messages/preferences?saved=1").text


def test_quiet_hours_of_ones_own(app, wechat, tell, work):
    person = wechat.follower(LI)
    browser = phone(app, person)
    night = clock.start_of_day(clock.today()) + timedelta(days=1)
    for form, pushed in (
        ({"quiet_from": "01:00", "quiet_until": "06:00"}, [True, False, True]),
        ({"never": "1"}, [True, True, True]),
    ):
        answer = browser.post("/m/messages/preferences", data=form | {"on": "lamps"}, headers=csrf(browser))
        assert answer.status_code == 302
        for hour, is_pushed in zip((0.5, 2, 6.5), pushed, strict=True):
            clock.travel(night + timedelta(hours=hour))
            before = len(wechat.sent(LI))
            tell(person, "lamps.broke", key=f"{form}{hour}")
            work()
            assert (len(wechat.sent(LI)) > before) is is_pushed
        night += timedelta(days=1)
    wrong = browser.post(
        "/m/messages/preferences", data={"quiet_from": "25:00", "quiet_until": ""}, headers=csrf(browser)
    )
    assert wrong.status_code == 422


def test_the_log_shows_how_it_went(app, wechat, duty, tell, work):
    tell(wechat.follower(LI), "lamps.broke", key="1")
    tell(wechat.follower("2024020201", is_following=False), "lamps.fixed", key="2")
    work()
    page = duty.get("/desk/messages")
    assert page.status_code == 200
    assert page.text.count("data-row=") == 4
    assert "未关注公众号" in page.text
    assert duty.get("/desk/messages?status=accepted").text.count("data-row=") == 1
    assert duty.get("/desk/messages?step=call_list").text.count("data-row=") == 1
    assert duty.get("/desk/messages?group=other").text.count("data-row=") == 0
    with db.unit_of_work() as session:
        delivery_id = session.scalar(select(Delivery.id).order_by(Delivery.id).limit(1))
    assert "512 的灯坏了" in duty.get(f"/desk/messages/{delivery_id}").text
    assert duty.get("/desk/messages/999999").status_code == 404


def test_the_call_list_is_worked_off(app, duty, campus, tell, work, wechat):
    with db.unit_of_work() as session:
        directory.update_person(session, by=None, person_id=campus.li, phone="13900001234")
    tell(campus.li, "lamps.fixed", key="1", matter="lamps:1")
    work()
    with db.unit_of_work() as session:
        delivery_id = session.scalar(select(Delivery.id).where(Delivery.step == "call_list"))
        assert queries.is_to_be_phoned(session, campus.li, "lamps:1")
    assert "512 的灯修好了" in duty.get("/desk/messages/calls").text
    hidden = duty.get(f"/desk/messages/calls/{delivery_id}").text
    assert "13900001234" not in hidden
    headers = csrf(duty, "desk")
    shown = duty.post(f"/desk/messages/calls/{delivery_id}/phone", headers=headers).text
    assert "13900001234" in shown
    done = duty.post(f"/desk/messages/calls/{delivery_id}", data={"outcome": "reached"}, headers=headers)
    assert done.status_code == 302
    again = duty.post(f"/desk/messages/calls/{delivery_id}", data={"outcome": "missed"}, headers=headers)
    assert again.status_code == 409
    with db.unit_of_work() as session:
        assert not queries.is_to_be_phoned(session, campus.li, "lamps:1")
        row = session.execute(select(Delivery.status, Delivery.done_by).where(Delivery.id == delivery_id))
        assert row.one() == ("delivered", campus.zhao)


def test_the_console_asks_for_permissions(app, campus):
    browser = desk(app, campus.chen)
    for path in ("/desk/messages", "/desk/messages/1", "/desk/messages/calls", "/desk/messages/calls/1"):
        assert browser.get(path).status_code == 403


def test_two_people_who_become_one_have_one_centre(app, campus, tell):
    for person, key in ((campus.li, "a"), (campus.chen, "a"), (campus.chen, "b")):
        tell(person, "lamps.broke", key=key, matter="lamps:1")
    with db.unit_of_work() as session:
        service.merge_person(session, from_id=campus.chen, into_id=campus.li)
        assert queries.unread_count(session, campus.li) == 2
        assert queries.unread_count(session, campus.chen) == 0


def test_who_is_forgotten_leaves_no_message(app, campus, tell):
    tell(campus.li, "lamps.broke", key="1")
    with db.unit_of_work() as session:
        assert queries.export_person(session, person_id=campus.li)["messages"][0]["text"] == "512 的灯坏了"
        service.erase_person(session, by=None, person_id=campus.li)
        service.erase_person(session, by=None, person_id=campus.li)
        assert queries.export_person(session, person_id=campus.li)["messages"] == []


def test_messages_are_kept_for_a_year_and_read_with_their_page(app, campus, tell):
    tell(campus.li, "lamps.broke", key="1")
    with db.unit_of_work() as session:
        assert service.mark_read_about(session, person_id=campus.li, link="/m/lamps/lamp_1") == 1
        assert service.forget_old(session) == 0
    clock.advance(timedelta(days=366))
    with db.unit_of_work() as session:
        assert service.forget_old(session) == 1
