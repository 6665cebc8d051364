"""校园卡流水 on the desk: where the flow stands, why it stopped, and beginning anew."""

import pytest

from app.kit import db
from app.platform.audit.models import AuditEntry
from app.platform.identity import service as identity
from tests.payments.test_card_flow import flow, hire, till  # noqa: F401
from tests.visit import csrf, desk

PAGE = "/desk/payments/card-flows"


@pytest.fixture
def clerk(till):  # noqa: F811
    hire(till.school)
    return desk(till.school.app, till.school.ids.chen)


def restart(client, flow_id):
    return client.post(f"{PAGE}/{flow_id}/restart", headers=csrf(client, "desk"))


def test_it_says_how_far_it_is_and_where_it_stopped(till, clerk):  # noqa: F811
    till.sell(2)
    assert till.read() == "end"
    page = clerk.get(PAGE).text
    assert "CARD01" in page and f"第 {flow().cursor} 号" in page and "正常" in page
    assert PAGE in clerk.get("/desk/payments/bills").text
    till.sim("flow", restart=True, meals=1)
    assert till.read() == "reset"
    assert "编号从头开始了" in clerk.get(PAGE).text


def test_it_begins_anew_where_the_flow_ends_then(till, clerk):  # noqa: F811
    till.sim("flow", restart=True, meals=1)
    assert till.read() == "reset"
    stopped = flow()
    assert restart(clerk, stopped.id).status_code == 303
    assert "已停止" in clerk.get(PAGE).text
    again = restart(clerk, stopped.id)
    assert (again.status_code, "刚才已经停了" in again.text) == (409, True)
    assert till.read() == "end"
    assert flow().id != stopped.id and flow().problem is None
    with db.unit_of_work() as session:
        entries = session.query(AuditEntry).filter_by(action="payments.end_card_flow").all()
    assert [(one.actor_person_id, one.object_id) for one in entries] == [
        (till.school.ids.chen, str(stopped.id))
    ]


def test_an_auditor_sees_it_and_changes_nothing(till):  # noqa: F811
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=till.school.ids.zhao, role="payments.auditor")
    auditor = desk(till.school.app, till.school.ids.zhao)
    page = auditor.get(PAGE)
    assert page.status_code == 200 and "重新开始" not in page.text
    assert restart(auditor, flow().id).status_code == 403
    assert flow().ended_at is None
