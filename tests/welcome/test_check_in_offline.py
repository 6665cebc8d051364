"""What a browser kept and sends later: once each, in order; registered browsers and their signed list."""

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.kit import db
from app.platform.directory import queries as directory
from app.welcome.models import SentEntry, StepMark
from app.welcome.service.check_in import Doing
from app.welcome.service.sending import send
from tests import visit
from tests.welcome.reception import make_reception

PAGE = "/desk/welcome/check-in"
CLIENT, KEY = "client-of-the-tests", "k" * 64


@pytest.fixture
def reception(app, intake):
    return make_reception(app, intake)


@pytest.fixture
def desk(reception):
    return reception.desk(reception.intake.campus.zhao, "welcome.desk")


def entry(reception, sequence, step, person_id=None, **more):
    code = reception.admission(person_id or reception.intake.zhou).public_id
    author = public_id_of(reception.intake.campus.zhao)
    return {"sequence": sequence, "author": author, "deed": "mark", "code": code, "step": step} | more


def public_id_of(person_id: int) -> str:
    with db.unit_of_work() as session:
        return directory.person(session, person_id).public_id


def post(desk, *entries, client=CLIENT):
    body = {"client": client, "entries": list(entries)}
    return desk.post(PAGE + "/sent", json=body, headers=visit.csrf(desk, "desk"))


def marks():
    with db.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(StepMark))


def test_it_works(reception, desk):
    steps = [entry(reception, n, step) for n, step in enumerate(("papers", "key", "register"), start=1)]
    answers = post(desk, *steps).json["answers"]
    assert [one["status"] for one in answers] == ["done"] * 3
    assert reception.admission(reception.intake.zhou).status == "registered"


def test_a_queue_that_comes_twice_has_one_effect_and_the_same_answers(reception, desk):
    steps = [entry(reception, n, step) for n, step in enumerate(("papers", "papers", "key"), start=1)]
    first = post(desk, *steps).json
    assert [one["status"] for one in first["answers"]] == ["done", "conflict", "done"]
    assert "赵敏华" in first["answers"][1]["message"]
    assert post(desk, *steps).json == first
    assert marks() == 2


def test_the_same_line_at_once_is_one_mark(reception):
    by = reception.intake.staff(reception.intake.campus.zhao)
    doing = Doing(reception.admission(reception.intake.zhou).public_id, "parcel")

    def go(_):
        with db.unit_of_work() as session:
            return send(session, by=by, client=CLIENT, sequence=1, deed="mark", doing=doing)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(go, range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert marks() == 1


def test_a_number_used_for_something_else_is_refused(reception, desk):
    post(desk, entry(reception, 1, "papers"))
    answers = post(desk, entry(reception, 1, "key"), entry(reception, 2, "parcel")).json["answers"]
    assert [one["status"] for one in answers] == ["refused", "done"]
    assert answers[0]["code"] == "welcome.sequence_reused"


def test_a_colleagues_line_is_held_until_that_colleague_sends_it(reception, desk):
    """Two clerks at one browser: what one did is never the other's."""
    written = entry(reception, 1, "papers")
    other = reception.desk(reception.intake.campus.he, "welcome.desk")
    own = entry(reception, 2, "key", author=public_id_of(reception.intake.campus.he))
    answers = post(other, written, own, {**own, "sequence": 3, "author": ""}).json["answers"]
    assert [one["status"] for one in answers] == ["held", "done", "held"]
    assert answers[0]["code"] == "welcome.another_author"
    assert "该同事登录后会自动同步" in answers[0]["message"]
    assert marks() == 1
    assert post(desk, written).json["answers"][0]["status"] == "done"
    with db.unit_of_work() as session:
        rows = session.execute(select(SentEntry.sequence, SentEntry.by_id).order_by(SentEntry.sequence)).all()
    assert rows == [(1, reception.intake.campus.zhao), (2, reception.intake.campus.he)]


def test_a_line_about_nobody_is_refused_without_stopping_the_rest(reception, desk):
    lost = entry(reception, 1, "papers") | {"code": "adm_nobody"}
    answers = post(desk, lost, entry(reception, 2, "papers")).json["answers"]
    assert [one["status"] for one in answers] == ["refused", "done"]


def test_the_time_is_the_browsers_if_it_can_be(reception, desk):
    post(
        desk,
        entry(reception, 1, "papers", at="2026-11-16T00:30:00+00:00"),
        entry(reception, 2, "key", at="2027-01-01T00:00:00+00:00"),
        entry(reception, 3, "drill", at="nonsense"),
    )
    with db.unit_of_work() as session:
        times = session.scalars(select(StepMark.done_at).order_by(StepMark.id)).all()
    assert [f"{time:%m-%d %H:%M}" for time in times] == ["11-16 00:30", "11-16 01:00", "11-16 01:00"]


def register(desk):
    body = {"name": "1 号电脑", "key": KEY}
    return desk.post(PAGE + "/devices", json=body, headers=visit.csrf(desk, "desk")).json["id"]


def test_a_registered_browser_gets_a_signed_list_with_masked_names_until_midnight(reception, desk):
    assert register(desk) == register(desk)
    given = desk.get(PAGE + "/list", headers={"X-Device-Key": KEY}).json
    assert hmac.new(KEY.encode(), given["body"].encode(), hashlib.sha256).hexdigest() == given["signature"]
    listed = json.loads(given["body"])
    assert listed["expires_at"] == "2026-11-16T16:00:00+00:00"
    assert {one["name"] for one in listed["people"]} >= {"周**", "高*"}
    assert not [word for word in ("周雨桐", "10000000101", "440100", "计算机2601") if word in given["body"]]


def test_the_list_holds_only_the_clerks_college(reception):
    intake = reception.intake
    desk = reception.desk(intake.campus.zhao, "welcome.desk", college=intake.other_college)
    register(desk)
    listed = json.loads(desk.get(PAGE + "/list", headers={"X-Device-Key": KEY}).json["body"])
    assert [one["name"] for one in listed["people"]] == ["高*"]


def test_a_revoked_browser_gets_none(reception, desk):
    device = register(desk)
    headers = {"X-Device-Key": KEY, "Accept": "application/json"}
    assert desk.post(f"{PAGE}/devices/{device}/revoke", headers=visit.csrf(desk, "desk")).status_code == 303
    answer = desk.get(PAGE + "/list", headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "identity.device_unknown")
    assert desk.get(PAGE + "/list", headers={"Accept": "application/json"}).status_code == 404


def test_another_clerks_browser_is_not_revoked_by_a_college_desk(reception, desk):
    intake = reception.intake
    device = register(desk)
    other = reception.desk(intake.campus.he, "welcome.desk", college=intake.college)
    other.post(f"{PAGE}/devices/{device}/revoke", headers=visit.csrf(other, "desk"))
    assert desk.get(PAGE + "/list", headers={"X-Device-Key": KEY}).status_code == 200


def test_workers_are_allowed_on_this_page_alone(reception, desk):
    page = desk.get(PAGE)
    assert "worker-src 'self'" in page.headers["Content-Security-Policy"]
    assert "worker-src 'none'" in desk.get("/desk/welcome/absent").headers["Content-Security-Policy"]
    worker = desk.get(PAGE + "/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == PAGE
    assert worker.mimetype == "text/javascript"
