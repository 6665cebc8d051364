"""官方核验: numbers however written, links by their host, nothing kept but counts."""

import pytest
from sqlalchemy import select

from app.kit import db
from app.platform.identity import service as identity
from app.welcome.models import ContactCheck, OfficialContact
from app.welcome.queries import contacts as queries
from app.welcome.service import contacts as service
from tests import visit

ASK, DESK = "/m/welcome/verify/", "/desk/welcome/contacts/"


@pytest.fixture
def listed(app, intake):
    by = intake.staff(intake.campus.zheng)
    with db.unit_of_work() as session:
        for kind, shown, owner in (
            ("phone", "020-8500 1234", "学生资助中心"),
            ("phone", "95588", "银行"),
            ("link", "https://pay.school.example/fees", "财务处"),
            ("payee", "示例大学（财务专户）", "财务处"),
        ):
            service.add_contact(session, by=by, kind=kind, shown=shown, owner=owner, owner_en="Office")


def ask(app, kind, text, client=None):
    client = client or app.test_client()
    client.get(ASK)
    page = client.get(ASK).text
    token = page.split('name="_csrf" value="')[1].split('"')[0]
    return client.post(ASK, data={"kind": kind, "text": text, "_csrf": token})


def official(kind, text):
    with db.unit_of_work() as session:
        return queries.find_official(session, kind, text) is not None


def test_it_works(app, intake, listed):
    answer = ask(app, "phone", "020 85001234")
    assert answer.status_code == 200
    assert "是学校公布的" in answer.text and "学生资助中心" in answer.text
    no = ask(app, "phone", "4001234567")
    assert "不在学校公布的名单里" in no.text and "别转账" in no.text


@pytest.mark.parametrize(
    ("kind", "text", "known"),
    [
        ("phone", "02085001234", True),
        ("phone", "+86 20 8500 1234", True),
        ("phone", "（０２０）８５００－１２３４", True),
        ("phone", "85001234", False),
        ("phone", "9558-8", True),
        ("phone", "020-8500 1234 转 5", False),
        ("phone", "", False),
        ("link", "http://pay.school.example", True),
        ("link", "PAY.School.Example/x?y=1", True),
        ("link", "https://m.pay.school.example/", True),
        ("link", "https://pay.school.example@evil.example/", False),
        ("link", "https://pay.school.example:x", False),
        ("link", "https://evil.example/pay.school.example", False),
        ("link", "https://pay.school.example.evil.example", False),
        ("link", "https://school.example/", False),
        ("link", "https://pаy.school.example/", False),
        ("link", "javascript:alert(1)", False),
        ("payee", "示例大学(财务专户)", True),
        ("payee", "示例 大学 财务专户", True),
        ("payee", "示例大学财务", False),
    ],
)
def test_however_it_is_written(app, intake, listed, kind, text, known):
    assert official(kind, text) is known


def test_what_was_asked_is_not_echoed_and_nothing_but_counts_is_kept(app, intake, listed, admin_dsn):
    import psycopg  # noqa: PLC0415

    asked = "6222000011112222333"
    page = ask(app, "payee", asked)
    assert asked not in page.text and "6***33" in page.text
    ask(app, "payee", "示例大学财务专户")
    with db.unit_of_work() as session:
        rows = session.execute(select(ContactCheck.kind, ContactCheck.asked, ContactCheck.known)).all()
    assert [tuple(row) for row in rows] == [("payee", 2, 1)]
    with psycopg.connect(admin_dsn) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'welcome%'"
        ).fetchall()
        for (name,) in [*names, ("audit_entries",), ("idempotency_keys",)]:
            assert asked not in str(connection.execute(f'SELECT * FROM "{name}"').fetchall()), name


def test_nothing_and_too_much_are_refused(app, intake, listed):
    assert ask(app, "phone", " ").status_code == 422
    assert ask(app, "phone", "1" * 201).status_code == 422
    assert ask(app, "other", "1").status_code == 422


def test_somebody_who_asks_without_end_is_slowed(app, intake, listed, zhou):
    headers = visit.csrf(zhou)
    codes = [
        zhou.post(ASK, data={"kind": "phone", "text": "123"}, headers=headers).status_code for _ in range(21)
    ]
    assert codes[:20] == [200] * 20 and codes[20] == 429


def test_the_desk_keeps_the_list(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.editor")
    desk = visit.desk(app, intake.campus.zheng)
    headers = visit.csrf(desk, "desk")
    form = {"kind": "phone", "shown": "0000-110", "owner": "保卫处"}

    def add(key, **change):
        given = headers | {"Idempotency-Key": key}
        return desk.post(DESK, data=form | change, headers=given).status_code

    assert [add("a"), add("a"), add("b")] == [303, 303, 409]
    assert [add("c", shown="abc"), add("d", owner=" "), add("e", kind="x")] == [422, 422, 422]
    assert "保卫处" in desk.get(DESK).text
    with db.unit_of_work() as session:
        number = session.scalars(select(OfficialContact.id)).one()
    assert desk.post(f"{DESK}{number}/retire", headers=headers).status_code == 303
    assert desk.post(f"{DESK}{number}/retire", headers=headers).status_code == 404
    assert not official("phone", "0000-110")
    assert visit.desk(app, intake.campus.wang).get(DESK).status_code == 403
