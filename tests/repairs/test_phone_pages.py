"""The phone pages over real requests: reporting, my repairs, one ticket in every state, the worker's jobs."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.kit import clock, db
from app.repairs import queries, service
from tests import visit

NEW = "/m/repairs/new"
STATES = ("submitted", "triaged", "dispatched", "taken", "working", "on_hold", "finished", "closed")
ENDED = ("cancelled", "rejected")


@pytest.fixture
def li(app, house) -> FlaskClient:
    return visit.phone(app, house.ids.li)


@pytest.fixture
def wang(app, house) -> FlaskClient:
    return visit.phone(app, house.ids.wang)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def token_of(client: FlaskClient) -> str:
    return re.search(r'name="csrf" content="(\w+)"', text_of(client, NEW)).group(1)


def send(client: FlaskClient, path: str, **form):
    return client.post(path, data={"_csrf": token_of(client)} | form)


def report(client: FlaskClient, **form):
    values = {"_key": "key-1", "where": "home", "category": "electric.lamp", "detail": "一直闪"} | form
    return send(client, NEW, **values)


def reported(house) -> list:
    with db.unit_of_work() as session:
        return queries.my_tickets(session, house.ids.li).items


def test_it_works(li, house):
    answer = report(li)
    assert answer.status_code == 303
    page = text_of(li, answer.headers["Location"])
    (ticket,) = reported(house)
    assert ticket.number in page and "前有人受理" in page and 'data-clears="report"' in page
    assert ticket.place_text == "东校区 3号楼 512"


def test_the_form_offers_ones_own_room_and_every_fault(li):
    page = text_of(li, NEW)
    assert "我的宿舍" in page and "东校区 3号楼 512" in page
    assert page.count('name="trade"') == 8 and page.count('name="category"') == 34
    assert "先试试开关" in page
    assert "10000000001" not in page and "100****0001" in page


def test_a_door_code_fixes_the_place(app, house):
    with db.unit_of_work() as session:
        service.issue_door_codes(session, by=house.zhao, building_id=house.ids.building_3)
        code = queries.door_labels(session, house.ids.building_3)[0][0]
    visitor = visit.phone(app)
    page = visitor.get(f"/q/{code}", follow_redirects=True).text
    assert "东校区 3号楼 101" in page and "不是这里？换一个" in page and 'name="where"' not in page
    answer = report(visitor, where="", door_code=code)
    assert "东校区 3号楼 101" in text_of(visitor, answer.headers["Location"])


def test_a_lost_door_code_leaves_the_choice(li):
    assert "这个门牌码已失效" in text_of(li, f"{NEW}?door=XXXXXXXX")


def test_the_same_form_sent_twice_is_one_ticket(li, house):
    first, second = report(li), report(li)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(reported(house)) == 1


def test_another_report_from_an_old_page_is_asked_for_once_more(li, house):
    report(li)
    answer = report(li, detail="另一件事")
    assert answer.status_code == 422 and "刚才已经提交过" in answer.text and "另一件事" in answer.text
    fresh = re.search(r'name="_key" value="([^"]+)"', answer.text).group(1)
    assert report(li, detail="另一件事", _key=fresh).status_code == 303
    assert len(reported(house)) == 2


def test_what_was_typed_stays_and_each_field_says_what_is_wrong(app, house):
    visitor = visit.phone(app)
    answer = report(visitor, where="other", category="", trade="water", phone="123", detail="水 <b>漏</b> 了")
    assert answer.status_code == 422
    for words in (
        "请选择是哪一栋楼。",
        "请点一个图标，再点坏了什么。",
        "手机号不对",
        "水 &lt;b&gt;漏&lt;/b&gt; 了",
    ):
        assert words in answer.text
    assert 'value="123"' in answer.text and 'value="key-1"' in answer.text
    assert re.search(r'value="water" class="need-script"[^>]* checked', answer.text)


def test_without_scripts_a_building_shows_its_rooms(li, house):
    answer = report(li, where="other", building_id=str(house.ids.building_t1), step="rooms")
    assert answer.status_code == 200 and f'<option value="{house.ids.room_201}"' in answer.text
    assert reported(house) == []


def test_the_rooms_of_a_building_come_by_floor(li, house):
    page = text_of(li, f"/m/repairs/rooms?building_id={house.ids.building_3}")
    assert '<optgroup label="5 楼">' in page and f'value="{house.ids.room_512}"' in page


def test_a_visit_is_kept_only_where_it_matters(li, house):
    tomorrow = "2026-11-17T14:00/2026-11-17T18:00"
    report(li, visit=tomorrow, access="present")
    report(li, visit=tomorrow, access="anytime", _key="key-2")
    without, within = reported(house)
    assert clock.local(within.visit_from).isoformat() == "2026-11-17T14:00:00+08:00"
    assert without.visit_from is None


def test_a_past_visit_is_refused_beside_its_field(li):
    answer = report(li, visit="other", visit_from="2026-11-01T08:00", visit_until="2026-11-01T09:00")
    assert answer.status_code == 422 and 'id="visit_from-wrong"' in answer.text


def test_the_same_fault_here_is_pointed_out(app, li, house):
    mine = house.submit()
    where = f"building_id={house.ids.building_3}&room_id={house.ids.room_512}&category=electric.lamp"
    assert mine.public_id in text_of(li, f"/m/repairs/similar?{where}")
    assert mine.public_id in text_of(li, "/m/repairs/similar?where=home&category=electric.lamp")
    others = text_of(visit.phone(app, house.ids.chen), f"/m/repairs/similar?{where}")
    assert "已有人报修" in others and mine.public_id not in others and mine.number not in others
    assert text_of(li, f"/m/repairs/similar?{where.replace('lamp', 'socket')}").strip() == ""


def test_danger_shows_the_number_to_call(app, li):
    assert 'data-hazards="漏电' in text_of(li, NEW)
    answer = report(li, detail="插座冒烟")
    page = text_of(li, answer.headers["Location"])
    assert "有危险，请先打电话" in page and 'href="tel:0000-00000000"' in page


@pytest.mark.parametrize("status", STATES + ENDED)
def test_every_state_has_a_page_for_both(app, house, li, wang, status):
    public_id = house.bring_to(status, detail="靠窗的灯")
    page = text_of(li, f"/m/repairs/{public_id}")
    assert "靠窗的灯" in page and "王建国" not in page and "10000000002" not in page and "赵敏华" not in page
    if status in STATES[2:]:
        assert "王师傅" in page and "W0001" in page
        workers = text_of(wang, f"/m/repairs/{public_id}")
        assert "李**" in workers and "100****0001" in workers
        assert "李一鸣" not in workers and "10000000001" not in workers
    text_of(visit.phone(app, house.ids.chen), f"/m/repairs/{public_id}", 404)
    text_of(visit.phone(app, house.ids.chen), f"/m/repairs/{public_id}/submitted", 404)


@pytest.mark.parametrize("status", STATES + ENDED)
def test_every_state_has_an_english_page(house, li, wang, status):
    public_id = house.bring_to(status)
    answer = li.get(f"/m/repairs/{public_id}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200 and "512, Building 3, East Campus" in answer.text


@pytest.mark.parametrize(
    ("status", "primary"),
    [("dispatched", "take"), ("taken", "arrive"), ("working", "finish"), ("on_hold", "resume")],
)
def test_the_worker_goes_on_with_one_button(house, wang, status, primary):
    public_id = house.bring_to(status)
    path = f"/m/repairs/{public_id}/{primary}"
    assert f'action="{path}"' in text_of(wang, f"/m/repairs/{public_id}")
    answer = send(wang, path, version=str(house.ticket(public_id).version))
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"?did={primary}")
    assert "data-said" in text_of(wang, answer.headers["Location"])


def test_jobs_are_one_tap_and_stay_in_the_list(house, wang):
    house.bring_to("dispatched")
    urgent = house.bring_to("taken", category="wood.lock")
    page = text_of(wang, "/m/repairs/jobs")
    assert "还有 2 单" in page and page.index(urgent) < page.index("灯不亮") and "李" not in page
    answer = send(wang, f"/m/repairs/{urgent}/arrive", version=str(house.ticket(urgent).version), back="jobs")
    assert "已记到场" in text_of(wang, answer.headers["Location"])


def test_who_has_no_jobs_is_told_what_this_is(app, house, li):
    assert "这里是维修师傅的工单" in text_of(li, "/m/repairs/jobs")
    assert "手上没有活" in text_of(visit.phone(app, house.ids.liu), "/m/repairs/jobs")


def test_the_loser_of_a_race_sees_who_won_and_keeps_the_words(house, li):
    public_id = house.bring_to("triaged")
    seen = str(house.ticket(public_id).version)
    house.act(house.zhao, public_id, "dispatch", worker_id=house.ids.wang)
    answer = send(li, f"/m/repairs/{public_id}/cancel", version=seen, note="自己修好了")
    assert answer.status_code == 409
    assert "已派单，请重新载入" in answer.text and "自己修好了" in answer.text and "王师傅" in answer.text


def test_a_missing_photo_is_asked_for_beside_the_photos(house, wang):
    public_id = house.bring_to("working", category="water.burst")
    version = str(house.ticket(public_id).version)
    answer = send(wang, f"/m/repairs/{public_id}/finish", version=version, note="换了阀门")
    assert answer.status_code == 422
    assert 'id="photos-wrong"' in answer.text and "换了阀门" in answer.text


def test_a_hold_takes_a_preset_or_a_time_of_ones_own(house, wang):
    public_id = house.bring_to("taken")
    path, seen = f"/m/repairs/{public_id}/hold", str(house.ticket(public_id).version)
    assert send(wang, path, version=seen, reason="material", until=["", ""]).status_code == 422
    own = send(wang, path, version=seen, reason="material", until=["", "2026-11-17T10:00"])
    assert own.status_code == 303
    assert clock.local(house.ticket(public_id).hold_until).hour == 10


def test_rating_needs_all_three_and_is_thanked(house, li):
    public_id = house.bring_to("closed")
    half = send(li, f"/m/repairs/{public_id}/rate", speed="4", note="挺快", tags=["准时", "修得好"])
    assert half.status_code == 422 and "挺快" in half.text
    assert re.search(r'id="speed-4" checked', half.text) and 'id="quality-wrong"' in half.text
    done = send(li, f"/m/repairs/{public_id}/rate", speed="4", quality="5", attitude="5", tags=["准时"])
    page = text_of(li, done.headers["Location"])
    assert "谢谢您的评价" in page and "追加评价" in page and "及时 4" in page


def test_impatience_is_answered_with_the_wait(house, li):
    public_id = house.bring_to("dispatched")
    answer = send(li, f"/m/repairs/{public_id}/urge")
    assert answer.status_code == 429 and "分钟后可以再催" in answer.text
    clock.advance(timedelta(minutes=31))
    assert send(li, f"/m/repairs/{public_id}/urge").status_code == 303


def test_an_error_over_htmx_is_a_toast_whatever_part_the_form_asked_for(li):
    headers = {"HX-Request": "true", "X-CSRF-Token": "of another page"}
    answer = li.post(NEW, data={"category": "electric.lamp"}, headers=headers)
    assert answer.status_code == 403
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reselect"]) == ("#toast", "unset")
    assert answer.text.count("页面放得太久了") == 1


def test_late_rework_is_not_offered(house, li):
    public_id = house.bring_to("closed")
    assert f"{public_id}/rework" in text_of(li, f"/m/repairs/{public_id}")
    clock.advance(timedelta(days=8))
    assert f"{public_id}/rework" not in text_of(
        visit.phone(li.application, house.ids.li), f"/m/repairs/{public_id}"
    )


def test_only_the_worker_of_the_job_sees_the_number_and_it_is_noted(app, house, li, wang, admin_dsn):
    public_id = house.bring_to("taken")
    assert "tel:10000000001" in send(wang, f"/m/repairs/{public_id}/call").text
    assert send(li, f"/m/repairs/{public_id}/call").status_code == 404
    assert send(visit.phone(app, house.ids.liu), f"/m/repairs/{public_id}/call").status_code == 404
    house.act(house.wang, public_id, "decline", reason="skill")
    assert send(wang, f"/m/repairs/{public_id}/call").status_code == 404


def test_what_the_desk_writes_to_the_worker_is_not_for_the_reporter(house, li, wang):
    public_id = house.bring_to("triaged")
    house.act(house.zhao, public_id, "dispatch", worker_id=house.ids.wang, note="这家不好说话")
    assert "这家不好说话" not in text_of(li, f"/m/repairs/{public_id}")
    assert "这家不好说话" in text_of(wang, f"/m/repairs/{public_id}")


def test_my_repairs_come_page_by_page_or_say_what_to_do(app, house, li):
    assert "还没有报修" in text_of(li, "/m/repairs/")
    for _ in range(21):
        house.submit()
    page = text_of(li, "/m/repairs/")
    assert page.count("待受理") == 20
    more = re.search(r'hx-get="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert text_of(li, more).count("待受理") == 1
    assert "我的工单" in text_of(visit.phone(app, house.ids.wang), "/m/repairs/")


def test_an_answered_form_loaded_again_is_the_ticket(house, li):
    public_id = house.submit().public_id
    assert li.get(f"/m/repairs/{public_id}/urge").headers["Location"] == f"/m/repairs/{public_id}"
