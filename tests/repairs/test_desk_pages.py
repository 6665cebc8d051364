"""The dispatcher's console: what is shown, and what a click does."""

import base64
import io
import json
import re
import zipfile

import pytest

from app.kit import db
from app.kit.caller import Caller, Grant
from app.platform.identity import service as identity
from app.repairs import queries
from tests.visit import csrf, desk


@pytest.fixture
def console(app, house):
    """赵 at the console, with the role of the demo."""
    with db.unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=house.ids.zhao,
            role="repairs.dispatcher",
            scope_kind="unit",
            scope_id=house.ids.unit,
        )
    return desk(app, house.ids.zhao)


def post(console, url, **fields):
    return console.post(url, data=fields, headers=csrf(console, "desk"))


def test_it_works(console, house):
    house.submit(detail="床头的灯一闪一闪")
    page = console.get("/desk/repairs/").text
    assert "东校区 3号楼 512" in page
    assert "床头的灯一闪一闪" in page
    assert "待受理" in page


def test_an_empty_board_says_so(console):
    assert "都处理完了" in console.get("/desk/repairs/").text


@pytest.mark.parametrize(
    "state",
    [
        *("submitted", "triaged", "dispatched", "taken", "working", "on_hold", "finished", "closed"),
        *("cancelled", "rejected"),
    ],
)
def test_the_panel_of_every_state_renders(console, house, state):
    public_id = house.bring_to(state, phone="10000000001")
    for headers in ({}, {"HX-Request": "true"}):
        answer = console.get(f"/desk/repairs/tickets/{public_id}", headers=headers)
        assert answer.status_code == 200
        assert "李一鸣" in answer.text
        assert "10000000001" not in answer.text


def test_a_click_on_accept_moves_the_ticket_and_refreshes_the_board(console, house):
    public_id = house.bring_to("submitted")
    headers = csrf(console, "desk") | {"HX-Request": "true"}
    answer = console.post(f"/desk/repairs/tickets/{public_id}/accept", data={"version": 1}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "board:refresh"
    assert house.ticket(public_id).status == "triaged"


def test_who_comes_second_reads_who_was_first(console, house):
    public_id = house.bring_to("triaged")
    house.act(house.zhao, public_id, "dispatch", worker_id=house.ids.wang)
    headers = csrf(console, "desk") | {"HX-Request": "true"}
    answer = console.post(
        f"/desk/repairs/tickets/{public_id}/dispatch",
        data={"version": 2, "worker_id": house.ids.liu},
        headers=headers,
    )
    assert answer.status_code == 409
    assert "赵敏华" in answer.text
    assert "已派单" in answer.text


def test_a_phone_number_is_shown_on_request_and_written_down(console, house):
    public_id = house.bring_to("submitted", phone="10000000001")
    shown = post(console, f"/desk/repairs/tickets/{public_id}/phone")
    assert "10000000001" in shown.text
    with db.unit_of_work() as session:
        row = session.connection().exec_driver_sql(
            "SELECT count(*) FROM audit_entries WHERE action = 'repairs.reveal_phone'"
        )
        assert row.scalar() == 1


def test_several_are_sent_at_once_and_the_rest_is_told(console, house):
    first, second = house.bring_to("triaged"), house.bring_to("taken")
    answer = post(console, "/desk/repairs/dispatch-many", ids=[first, second], worker_id=house.ids.liu)
    assert answer.status_code == 303
    assert re.search(r"sent=1&missed=1", answer.location)
    assert house.ticket(first).worker_id == house.ids.liu
    assert house.ticket(second).worker_id == house.ids.wang


def test_a_caller_is_taken_down_once(console, house):
    fields = {
        "_key": "one-key-for-this-call",
        "caller_phone": "10000000777",
        "building_id": house.ids.building_t1,
        "category": "electric.lamp",
    }
    answers = [post(console, "/desk/repairs/new", **fields) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert console.get("/desk/repairs/").text.count('data-row="rep_') == 1


def test_a_mistake_in_the_callers_form_keeps_what_was_typed(console, house):
    answer = post(console, "/desk/repairs/new", _key="k", caller_phone="123", category="electric.lamp")
    assert answer.status_code == 422
    assert "手机号不对" in answer.text
    assert 'value="123"' in answer.text
    assert re.search(r'value="electric.lamp" selected', answer.text)


@pytest.mark.parametrize("words", ["R2611", "512", "2023010101", "一闪一闪", "10000000001"])
def test_search_finds_it(console, house, words):
    number = house.submit(detail="床头的灯一闪一闪", phone="10000000001").number
    assert number in console.get("/desk/repairs/search", query_string={"q": words}).text


def test_the_export_is_a_workbook_with_the_same_rows(console, house):
    house.submit(detail="=cmd|' /C calc'!A0")
    answer = console.get("/desk/repairs/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 2
    assert "<f>" not in sheet


def test_labels_are_issued_and_printed(console, house):
    post(console, f"/desk/repairs/doors/{house.ids.building_3}/issue")
    assert console.get("/desk/repairs/doors").status_code == 200
    answer = console.get(f"/desk/repairs/doors/{house.ids.building_3}/labels.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")


def test_without_the_role_the_desk_is_closed(app, house):
    for path in ("/desk/repairs/", "/desk/repairs/archive", "/desk/repairs/export.xlsx"):
        assert desk(app, house.ids.li).get(path).status_code == 403
        assert app.test_client().get(path).status_code == 302


@pytest.mark.parametrize("values", [["x", "y"], [1, 2], [{"t": "2026-01-01"}, 10**30], ["x"], {"t": 1}, None])
def test_a_place_in_the_list_that_nobody_gave_out_is_told_kindly(console, house, values):
    cursor = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    for path in ("/desk/repairs/", "/desk/repairs/archive"):
        answer = console.get(path, query_string={"cursor": cursor})
        assert answer.status_code == 422
        assert "请回到第一页" in answer.text


def test_pages_follow_each_other_without_gap_or_double(console, house):
    for _ in range(7):
        house.submit()
    seen, cursor = [], None
    by = Caller(house.ids.zhao, (Grant("repairs.dispatch"),))
    with db.unit_of_work() as session:
        while True:
            page = queries.board(session, by, cursor=cursor, limit=3)
            seen += [row.id for row in page.items]
            if (cursor := page.next_cursor) is None:
                break
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize("where", ["building", "nowhere"])
def test_labels_that_are_not_there_are_a_sentence(console, house, where):
    building = house.ids.building_3 if where == "building" else 999_999
    answer = console.get(f"/desk/repairs/doors/{building}/labels.pdf")
    assert answer.status_code == 404
    assert "请先点“生成缺少的码”" in answer.text
