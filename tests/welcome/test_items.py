"""The to-do list: what is whose, what closes it, and who is told."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, insert, select

from app.kit import clock, db
from app.kit.errors import DomainError
from app.platform.identity import service as identity
from app.platform.notifications.models import Message
from app.welcome import queries as welcome
from app.welcome import service as welcome_service
from app.welcome.jobs import guide as jobs
from app.welcome.models import ItemMark
from app.welcome.queries import items as queries
from app.welcome.service import items as service
from app.welcome.service.items import ItemTerms
from tests import visit

LIST = "/m/welcome/items/"


def add(intake, key, **given) -> int:
    values = {
        "title": f"事项{key}",
        "kind": "must",
        "opens_on": date(2026, 11, 15),
        "closes_on": date(2026, 11, 20),
        "evidence": "manual",
    } | given
    with db.unit_of_work() as session:
        return service.save_item(
            session, by=None, season_id=intake.season, key=key, terms=ItemTerms(**values)
        )


def todo(person_id):
    with db.unit_of_work() as session:
        found = queries.to_do(session, welcome.admission_of(session, person_id))
        session.expunge_all()
        return found


def keys(lines):
    return [line.item.key for line in lines]


def tick(client, key, deed="done"):
    return client.post(f"{LIST}{key}/{deed}", headers=visit.csrf(client)).status_code


def test_it_works(app, intake, zhou):
    add(intake, "photo", title="上传照片")
    add(intake, "train", title="买车票", opens_on=date(2026, 11, 18))
    assert "必办 2 项，已完成 0 项" in zhou.get(LIST).text
    assert tick(zhou, "photo") == 303
    found = todo(intake.zhou)
    assert (keys(found.today), keys(found.done), list(found.coming)) == ([], ["photo"], [date(2026, 11, 18)])
    assert "必办 2 项，已完成 1 项" in zhou.get(LIST).text
    assert keys(todo(intake.lin).done) == []
    assert tick(zhou, "photo", "undone") == 303
    assert todo(intake.zhou).finished == 0


def test_everybody_sees_what_is_for_them(intake):
    add(intake, "all")
    add(intake, "college", college_ids=(intake.other_college,))
    add(intake, "level", levels=("硕士",))
    add(intake, "profile", profiles=("undergraduate",))
    add(intake, "off", is_active=False)
    assert keys(todo(intake.zhou).today) == ["all", "profile"]
    assert keys(todo(intake.gao).today) == ["all", "college", "profile"]


def test_an_item_waits_for_the_one_before_it(app, intake, zhou):
    first = add(intake, "first", title="先做这件")
    add(intake, "second", prerequisite_id=first)
    assert tick(zhou, "second") == 409
    assert "先完成：先做这件" in zhou.get(LIST).text
    assert (tick(zhou, "first"), tick(zhou, "second")) == (303, 303)


def test_before_its_day_and_without_a_tick_nothing_is_done(app, intake, zhou):
    add(intake, "later", opens_on=date(2026, 11, 19))
    add(intake, "quiz", evidence="quiz_passed")
    assert (tick(zhou, "later"), tick(zhou, "quiz"), tick(zhou, "none")) == (409, 409, 404)
    assert tick(visit.phone(app), "quiz") == 404


def test_the_list_takes_as_many_statements_for_thirty_items_as_for_one(intake):
    def statements() -> int:
        seen: list[str] = []
        event.listen(db.engine(), "before_cursor_execute", lambda *args: seen.append(args[2]))
        with db.unit_of_work() as session:
            queries.lines(session, welcome.admission_of(session, intake.zhou))
        return len(seen)

    add(intake, "one")
    few = statements()
    for number in range(30):
        add(intake, f"n{number}")
    assert statements() == few


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("closes_on", {"closes_on": date(2026, 11, 1)}),
        ("evidence", {"evidence": "whatever"}),
        ("url", {"url": "javascript:alert(1)"}),
        ("kind", {"kind": "x"}),
    ],
)
def test_what_is_wrong_is_said_at_the_field(intake, field, change):
    with pytest.raises(DomainError) as refused:
        add(intake, "bad", **change)
    assert list(refused.value.details) == [field]


def test_prerequisites_make_no_circle(intake):
    first = add(intake, "first")
    second = add(intake, "second", prerequisite_id=first)
    with pytest.raises(DomainError) as refused:
        add(intake, "first", prerequisite_id=second)
    assert list(refused.value.details) == ["prerequisite_id"]


def test_one_digest_a_day_for_who_has_claimed_and_has_something_to_finish(app, intake, zhou):
    add(intake, "soon", closes_on=date(2026, 11, 17))
    add(intake, "fresh", opens_on=date(2026, 11, 16))
    add(intake, "far", closes_on=date(2026, 12, 20))
    add(intake, "optional", kind="optional", closes_on=date(2026, 11, 17))
    tick(zhou, "soon")
    for _ in range(2):
        jobs.remind(clients=None)
    with db.unit_of_work() as session:
        told = session.execute(
            select(Message.person_id, Message.params).where(Message.kind == "welcome.to_do")
        ).all()
    counts = {row.person_id: row.params["count"] for row in told}
    assert counts == {intake.zhou: "1", intake.lin: "2"} and len(told) == 2
    tick(zhou, "fresh")
    clock.advance(timedelta(days=1))
    jobs.remind(clients=None)
    with db.unit_of_work() as session:
        told = session.scalars(select(Message.person_id).where(Message.kind == "welcome.to_do")).all()
    assert sorted(told) == sorted([intake.zhou, intake.lin, intake.lin])


@pytest.fixture
def staff(app, intake):
    """何, who reads in 信息学院; 郑 edits everything."""
    with db.unit_of_work() as session:
        identity.grant_role(
            session,
            by=None,
            person_id=intake.campus.he,
            role="welcome.counsellor",
            scope_kind="unit",
            scope_id=intake.college,
        )
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.administrator")
    return visit.desk(app, intake.campus.he)


def test_the_desk_sees_progress_and_who_is_unfinished_of_its_own_college(app, intake, zhou, staff):
    add(intake, "photo", title="上传照片")
    tick(zhou, "photo")
    with db.unit_of_work() as session:
        everywhere = queries.progress(session, intake.staff(intake.campus.zheng), intake.season)
        here = queries.progress(
            session, intake.staff(intake.campus.he, college=intake.college), intake.season
        )
        assert [(row.people, row.finished) for row in everywhere] == [(5, 1)]
        assert [(row.people, row.finished) for row in here] == [(4, 1)]
    assert "25.0%" in staff.get("/desk/welcome/items/").text
    names = staff.get("/desk/welcome/items/photo").text
    assert "林知夏" in names and "周雨桐" not in names and "高乐" not in names


def test_the_editor_saves_an_item(app, intake, staff):
    zheng = visit.desk(app, intake.campus.zheng)
    form = {
        "key": "medical",
        "title": "入学体检",
        "kind": "must",
        "opens_on": "2026-11-16",
        "closes_on": "2026-11-30",
        "evidence": "manual",
        "is_active": "1",
    }
    headers = visit.csrf(zheng, "desk")
    assert zheng.get("/desk/welcome/items/new").status_code == 200
    assert zheng.post("/desk/welcome/items/", data=form | {"title": ""}, headers=headers).status_code == 422
    assert zheng.post("/desk/welcome/items/", data=form, headers=headers).status_code == 303
    assert "入学体检" in zheng.get("/desk/welcome/items/medical/edit").text
    assert keys(todo(intake.zhou).today) == ["medical"]
    assert staff.post("/desk/welcome/items/", data=form, headers=visit.csrf(staff, "desk")).status_code == 403


def test_marks_follow_a_merge_and_go_with_the_season_and_the_person(intake):
    item = add(intake, "one")
    with db.unit_of_work() as session:
        for person in (intake.zhou, intake.lin):
            session.execute(insert(ItemMark).values(item_id=item, person_id=person, marked_at=clock.now()))
        welcome_service.merge_person(session, from_id=intake.lin, into_id=intake.zhou)
        assert session.scalars(select(ItemMark.person_id)).all() == [intake.zhou]
        assert welcome_service.export_person(session, person_id=intake.zhou)["items"][0]["title"] == "事项one"
        welcome_service.retain(session)
        assert session.scalars(select(ItemMark.person_id)).all() == [intake.zhou]
    clock.travel(clock.start_of_day(date(2027, 3, 5)))
    with db.unit_of_work() as session:
        welcome_service.retain(session)
        assert session.scalars(select(ItemMark.person_id)).all() == []
