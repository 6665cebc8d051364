"""The console pages: cases, systems, volumes, rooms without a match, requests, exports."""

import pytest
from flask.testing import FlaskClient

from app.kit import clock, db
from app.miniapps.electricity import service
from app.miniapps.electricity.flows import importing
from app.miniapps.electricity.models import TopUp
from app.platform.identity import service as identity
from tests import visit
from tests.payments.conftest import add_fee_item

DESK = "/desk/electricity/"


def grant(person_id: int, role: str, **scope) -> None:
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=person_id, role=role, **scope)


@pytest.fixture
def zhao(app, dorm) -> FlaskClient:
    grant(dorm.ids.zhao, "electricity.administrator")
    return visit.desk(app, dorm.ids.zhao)


@pytest.fixture
def case(dorm) -> str:
    """李 says that a top-up went to the wrong room."""
    add_fee_item(service_key="electricity")
    binding = dorm.bind()
    dorm.refresh()
    started = dorm.start(binding)
    with db.unit_of_work() as session:
        top_up = session.query(TopUp).one()
        top_up.status, top_up.paid_at = "paid", clock.now()
    with db.unit_of_work() as session:
        return service.open_case(
            session, by=dorm.li, top_up_id=started.top_up_id, kind="wrong_room", note="应该充 101 的"
        )


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def send(client: FlaskClient, path: str, **form):
    return client.post(path, data=form, headers=visit.csrf(client, "desk"))


def test_it_works(zhao, case):
    page = text_of(zhao, DESK)
    assert "充错房间" in page and "3号楼 512" in page and "应该充 101 的" in page
    page = text_of(zhao, f"{DESK}cases/{case}")
    assert "提出时的证据" in page and "我来处理" in page
    assert send(zhao, f"{DESK}cases/{case}/take").status_code == 303
    assert send(zhao, f"{DESK}cases/{case}/answer", answer="已转到 101").status_code == 303
    assert "没有待处理的问题" in text_of(zhao, DESK)
    assert "已转到 101" in text_of(zhao, f"{DESK}cases/{case}")
    assert send(zhao, f"{DESK}cases/{case}/answer", answer="再答一次").status_code == 409


def test_a_case_that_is_not_there(zhao):
    text_of(zhao, f"{DESK}cases/eca_0", 404)


def test_how_systems_run(dorm, zhao):
    dorm.refresh()
    page = text_of(zhao, DESK + "running")
    assert "东区电控" in page and "正常" in page and "近 30 天还没有到账的充值" in page
    dorm.pass_time(minutes=2)
    dorm.vendors.fault("meters", "http502_html", times=None)
    dorm.refresh()
    page = text_of(zhao, DESK + "running")
    assert "不稳定" in page and "HTTP 502" in page


def test_rooms_without_a_match(dorm, zhao):
    importing.import_rooms("isims", clients=dorm.clients)
    assert "E03513" not in text_of(zhao, DESK + "rooms")
    assert "东校区 3号楼 5层 505" in text_of(zhao, DESK + "rooms")


def test_exports(zhao, case):
    for path in ("cases.xlsx", "cases.xlsx?view=answered", "volumes.xlsx"):
        answer = zhao.get(DESK + path)
        assert answer.status_code == 200 and answer.data[:2] == b"PK"


def test_a_dorm_manager_consents_in_her_building_only(app, dorm):
    grant(dorm.ids.he, "electricity.dorm_manager", scope_kind="building", scope_id=dorm.ids.building_3)
    grant(dorm.ids.wang, "electricity.dorm_manager", scope_kind="building", scope_id=dorm.ids.building_t1)
    asked = dorm.ask(dorm.chen)
    elsewhere, here = visit.desk(app, dorm.ids.wang), visit.desk(app, dorm.ids.he)
    assert "没有等同意的申请" in text_of(elsewhere, DESK + "requests")
    assert send(elsewhere, f"{DESK}requests/{asked}/accept").status_code == 404
    assert "陈晓雨" in text_of(here, DESK + "requests")
    assert send(here, f"{DESK}requests/{asked}/accept").status_code == 303
    text_of(here, DESK, 403)


def test_nobody_else_gets_in(app, dorm):
    stranger = visit.desk(app, dorm.ids.wang)
    for path in ("", "running", "rooms", "requests", "cases.xlsx", "volumes.xlsx"):
        text_of(stranger, DESK + path, 403)
