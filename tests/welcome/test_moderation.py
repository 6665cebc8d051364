"""The desk of companions and roommates: read first, then shown; every decision once, with a reason, noted."""

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.platform.audit.models import AuditEntry
from app.platform.identity import service as identity
from app.welcome.errors import DecisionReasonMissing, MatterDecided, MatterNotFound
from app.welcome.models import CompanionMute, CompanionPost, Report
from app.welcome.queries import moderation as queries
from app.welcome.service import moderation as service
from tests import visit
from tests.welcome.test_companions import BOARD, join, publish, say, seen
from tests.welcome.test_dorm import drain, post
from tests.welcome.test_roommates import public_id

DESK = "/desk/welcome/moderation/"
NOTE = "行李不多，想一起打车"


@pytest.fixture
def zheng(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.administrator")
    return visit.desk(app, intake.campus.zheng)


def send(client, path, **form):
    return client.post(path, data=form, headers=visit.csrf(client, "desk"))


def reported(intake, app):
    """林 reports 周's post."""
    post_id = publish(intake, note=NOTE)
    lin = visit.phone(app, intake.lin)
    assert post(lin, f"{BOARD}posts/{post_id}/report", reason="fraud", note="像推销").status_code == 303
    with db.unit_of_work() as session:
        return post_id, session.query(Report).one().public_id


def test_it_works(app, intake, zheng):
    post_id = publish(intake, note=NOTE)
    lin = visit.phone(app, intake.lin)
    assert post_id in lin.get(BOARD).text and NOTE not in lin.get(BOARD).text
    assert NOTE not in lin.get(f"{BOARD}posts/{post_id}").text
    assert NOTE in zheng.get(DESK).text
    assert send(zheng, f"{DESK}notes/{post_id}/approve").status_code == 303
    assert NOTE in lin.get(BOARD).text and NOTE not in zheng.get(DESK).text
    drain(app)
    assert "已通过审核" in visit.phone(app, intake.zhou).get("/m/messages").text


def test_a_refused_text_is_read_by_its_author_alone_with_the_reason(app, intake, zheng):
    post_id = publish(intake, note=NOTE)
    assert send(zheng, f"{DESK}notes/{post_id}/refuse", reason="").status_code == 422
    assert send(zheng, f"{DESK}notes/{post_id}/refuse", reason="像广告").status_code == 303
    assert NOTE not in visit.phone(app, intake.lin).get(BOARD).text
    assert seen(intake, "lin") == [post_id]
    mine = visit.phone(app, intake.zhou)
    assert "像广告" in mine.get(BOARD).text
    drain(app)
    assert "没有通过审核：像广告" in mine.get("/m/messages").text


def test_a_hidden_post_is_gone_and_its_threads_are_silent(app, intake, zheng):
    post_id = publish(intake, note=NOTE)
    thread_id = join(intake, "lin", post_id)
    assert send(zheng, f"{DESK}notes/{post_id}/hide", reason="冒充老师").status_code == 303
    assert seen(intake, "lin") == []
    assert thread_id not in visit.phone(app, intake.lin).get(BOARD).text
    assert "冒充老师" in visit.phone(app, intake.zhou).get(BOARD).text


def test_two_desks_decide_once(intake):
    post_id = publish(intake, note=NOTE)
    by = intake.staff(intake.campus.zheng)
    with db.unit_of_work() as session:
        service.approve_note(session, by=by, post_id=post_id)
    with db.unit_of_work() as session, pytest.raises(MatterDecided):
        service.refuse_note(session, by=by, post_id=post_id, reason="像广告")


def test_an_author_is_muted_for_days(app, intake, zheng):
    post_id = publish(intake, note=NOTE)
    for days in ("0", "31", "x"):
        answer = send(zheng, f"{DESK}notes/{post_id}/mute", reason="推销", days=days)
        assert answer.status_code == 422
    assert send(zheng, f"{DESK}notes/{post_id}/mute", reason="推销", days="3").status_code == 303
    with db.unit_of_work() as session:
        mute = session.query(CompanionMute).one()
        assert (mute.person_id, (mute.until - clock.now()).days) == (intake.zhou, 3)


def test_a_report_is_answered_and_the_reporter_told(app, intake, zheng):
    post_id, report_id = reported(intake, app)
    assert "像推销" in zheng.get(f"{DESK}?view=reports").text
    page = zheng.get(f"{DESK}reports/{report_id}").text
    assert NOTE in page and "周**" in page and "周雨桐" not in page and "林" not in page
    answer = send(zheng, f"{DESK}reports/{report_id}", outcome="hidden", reason="已核实，下架")
    assert answer.status_code == 303
    assert seen(intake, "lin") == []
    drain(app)
    assert "已核实，下架" in visit.phone(app, intake.lin).get("/m/messages").text
    assert send(zheng, f"{DESK}reports/{report_id}", outcome="dismissed", reason="重复").status_code == 409
    assert report_id in zheng.get(f"{DESK}?view=settled").text


def test_a_reported_thread_is_read_by_the_desk_and_that_is_noted(app, intake, zheng):
    thread_id = join(intake, "lin", publish(intake))
    zhou, lin = visit.phone(app, intake.zhou), visit.phone(app, intake.lin)
    post(zhou, f"{BOARD}threads/{thread_id}/accept")
    say(intake, "zhou", thread_id, "先交定金")
    assert post(lin, f"{BOARD}threads/{thread_id}/report", reason="fraud").status_code == 303
    with db.unit_of_work() as session:
        report_id = session.query(Report).one().public_id
    assert "先交定金" in zheng.get(f"{DESK}reports/{report_id}").text
    answer = send(zheng, f"{DESK}reports/{report_id}", outcome="muted", days="7", reason="要定金属实")
    assert answer.status_code == 303
    with db.unit_of_work() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
        assert session.query(CompanionMute).one().person_id == intake.zhou
    assert {"welcome.reported", "welcome.report_read", "welcome.report_muted", "welcome.muted"} <= actions


def test_every_decision_is_noted(app, intake, zheng):
    post_id = publish(intake, note=NOTE)
    send(zheng, f"{DESK}notes/{post_id}/approve")
    send(zheng, f"{DESK}notes/{post_id}/hide", reason="冒充")
    send(zheng, f"{DESK}words", word="代购")
    send(zheng, f"{DESK}switch", mode="no_text")
    with db.unit_of_work() as session:
        mine = select(AuditEntry.action).where(AuditEntry.actor_person_id == intake.campus.zheng)
        actions = set(session.scalars(mine))
    assert actions >= {
        "welcome.note_approved",
        "welcome.post_hidden",
        "welcome.word_added",
        "welcome.companions_switched",
    }


def test_a_desk_of_another_college_sees_and_decides_nothing(app, intake):
    post_id, report_id = reported(intake, app)
    theirs = intake.staff(intake.campus.zhao, queries.MODERATE, college=intake.other_college)
    ours = intake.staff(intake.campus.zhao, queries.MODERATE, college=intake.college)
    with db.unit_of_work() as session:
        assert (queries.waiting(session, theirs), queries.waiting(session, ours)) == (0, 2)
        assert queries.notes(session, theirs).items == queries.reports(session, theirs).items == []
        for act in (
            lambda: service.approve_note(session, by=theirs, post_id=post_id),
            lambda: service.hide_post(session, by=theirs, post_id=post_id, reason="理由"),
            lambda: service.mute_author(session, by=theirs, post_id=post_id, days=1, reason="理由"),
            lambda: service.settle_report(
                session, by=theirs, report_id=report_id, outcome="dismissed", answer="理由"
            ),
        ):
            with pytest.raises(MatterNotFound):
                act()


def test_a_failed_settlement_leaves_the_report_open(app, intake):
    _post_id, report_id = reported(intake, app)
    by = intake.staff(intake.campus.zheng)
    with pytest.raises(DecisionReasonMissing), db.unit_of_work() as session:
        service.settle_report(session, by=by, report_id=report_id, outcome="muted", answer="", days=3)
    with db.unit_of_work() as session:
        assert session.query(Report).one().settled_at is None


def test_the_queue_goes_on_where_it_stopped(intake):
    publish(intake, note=NOTE)
    publish(intake, "lin", note="我也是")
    by = intake.staff(intake.campus.zheng)
    with db.unit_of_work() as session:
        first = queries.notes(session, by, limit=1)
        rest = queries.notes(session, by, first.next_cursor, limit=1)
        assert [row.note for row in first.items + rest.items] == [NOTE, "我也是"]
        assert rest.next_cursor is None


def test_a_text_whose_day_is_over_does_not_wait_any_more(intake):
    publish(intake, note=NOTE)
    by = intake.staff(intake.campus.zheng)
    clock.travel(clock.now().replace(day=28))
    with db.unit_of_work() as session:
        assert queries.waiting(session, by) == 0
        assert session.query(CompanionPost).count() == 1


def test_who_may_not_moderate_sees_nothing(app, intake):
    client = visit.desk(app, intake.campus.zhao)
    for path in ("", "words", "notes/x", "reports/x"):
        assert client.get(DESK + path).status_code == 403


def test_a_report_of_a_roommate_shows_no_more_than_a_masked_name(app, intake, zheng):
    zhou = visit.phone(app, intake.zhou)
    post(zhou, f"/m/welcome/dorm/roommates/{public_id(intake.lin)}/report", reason="harass", note="吵")
    with db.unit_of_work() as session:
        report_id = session.query(Report).one().public_id
    page = zheng.get(f"{DESK}reports/{report_id}").text
    assert "林**" in page and "林知夏" not in page and "10000000102" not in page


def test_a_nickname_is_taken_away(app, intake, zheng):
    lin, zhou = visit.phone(app, intake.lin), visit.phone(app, intake.zhou)
    post(lin, "/m/welcome/dorm/nickname", nickname="难听的外号")
    post(zhou, f"/m/welcome/dorm/roommates/{public_id(intake.lin)}/report", reason="harass")
    with db.unit_of_work() as session:
        report_id = session.query(Report).one().public_id
    assert "难听的外号" in zheng.get(f"{DESK}reports/{report_id}").text
    assert send(zheng, f"{DESK}reports/{report_id}", outcome="renamed", reason="昵称不当").status_code == 303
    assert "难听的外号" not in zhou.get("/m/welcome/dorm/").text


def test_a_report_of_a_roommate_hides_no_post(app, intake, zheng):
    post(
        visit.phone(app, intake.zhou),
        f"/m/welcome/dorm/roommates/{public_id(intake.lin)}/report",
        reason="other",
    )
    with db.unit_of_work() as session:
        report_id = session.query(Report).one().public_id
    assert send(zheng, f"{DESK}reports/{report_id}", outcome="hidden", reason="理由").status_code == 404
    with db.unit_of_work() as session:
        assert session.query(Report).one().settled_at is None


def test_words_are_added_and_removed(zheng):
    assert send(zheng, f"{DESK}words", word="x").status_code == 422
    assert send(zheng, f"{DESK}words", word="代购").status_code == 303
    assert "代购" in zheng.get(f"{DESK}words").text
    with db.unit_of_work() as session:
        (row,) = queries.word_rows(session)
    assert send(zheng, f"{DESK}words/{row.id}/remove").status_code == 303
    assert "代购" not in zheng.get(f"{DESK}words").text
