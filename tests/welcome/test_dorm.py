"""The dorm page, the class, the card: one's own, from the day they are shown."""

import hashlib
import io
import re
from datetime import UTC, datetime

import pytest
from PIL import Image

from app.kit import clock, db, outbox
from app.platform.directory import service as directory
from app.welcome import queries, service
from app.welcome.errors import CardNotFound
from app.welcome.models import Admission, WelcomeCard
from app.welcome.queries import cards, classmates
from app.welcome.service import cards as card_service
from app.welcome.service import consents
from tests import visit

DORM = "/m/welcome/dorm/"


def post(client, path, **form):
    """The same form to the same path is the same request."""
    key = hashlib.sha256(repr((path, form)).encode()).hexdigest()
    return client.post(path, data=form, headers=visit.csrf(client) | {"Idempotency-Key": key})


def drain(app):
    """Deliver all that is due, then once more."""
    for _ in range(2):
        outbox.drain(clients=app.extensions["clients"], seconds=20)


def admission_id(intake, who="zhou"):
    with db.unit_of_work() as session:
        return queries.admission_of(session, getattr(intake, who)).id


def test_it_works(zhou):
    page = zhou.get(DORM).text
    assert "东校区 3号楼 512" in page and "2 号床" in page
    assert "林知夏" in page and "广东" in page


def test_before_its_day_the_dorm_is_not_shown(zhou):
    clock.travel(datetime(2026, 11, 9, 15, 59, tzinfo=UTC))  # 9 November, 23:59 in Shanghai
    for path in (DORM, f"{DORM}card", f"{DORM}card.png", f"{DORM}roommates/adm_x"):
        answer = zhou.get(path)
        said = re.sub(r"<[^>]*>", "", answer.text)
        assert answer.status_code == 409 and "512" not in said and "林知夏" not in said, path
    clock.travel(datetime(2026, 11, 9, 16, 0, tzinfo=UTC))
    assert "512" in zhou.get(DORM).text


def test_who_has_no_bed_yet_is_told_so(app, intake):
    assert "床位还在安排" in visit.phone(app, intake.gao).get(DORM).text


def test_who_is_no_freshman_has_no_dorm_page(app, intake):
    for path in ("", "card", "class", "me"):
        assert visit.phone(app, intake.campus.li).get(DORM + path).status_code == 404


def test_the_map_link_is_the_schools_own_where_it_has_one(app, intake, zhou):
    assert "apis.map.qq.com" in zhou.get(DORM).text
    desk = visit.desk(app, intake.campus.zheng)
    with db.unit_of_work() as session:
        card_service.set_route(
            session,
            by=intake.staff(intake.campus.zheng),
            campus_id=intake.campus.campus,
            map_url="https://map.example.edu.cn/east",
            route="乘 4 号线到大学城站",
            route_en="Metro line 4",
        )
    page = zhou.get(DORM).text
    assert "https://map.example.edu.cn/east" in page and "乘 4 号线到大学城站" in page
    assert desk.get("/desk/welcome/dorm/").status_code == 403


def test_classmates_are_counted_and_named_only_when_they_allow_it(app, intake, zhou):
    page = zhou.get(f"{DORM}class").text
    assert "另有少于 5 位同学" in page and "林知夏" not in page and "何思源" not in page
    lin = visit.phone(app, intake.lin)
    assert post(lin, f"{DORM}class", shows="1").status_code == 303
    page = zhou.get(f"{DORM}class").text
    assert "林知夏" in page and "许安然" not in page
    assert "林知夏" not in visit.phone(app, intake.gao).get(f"{DORM}class").text
    assert "林知夏" not in visit.phone(app, intake.he).get(f"{DORM}class").text  # has not claimed
    post(lin, f"{DORM}class")
    assert "林知夏" not in zhou.get(f"{DORM}class").text


def test_a_name_shown_before_the_claim_was_undone_is_not_shown_any_more(intake, zhou):
    """The consent alone is not enough: a claim that was freed takes it along."""
    with db.unit_of_work() as session:
        consents.give(session, by=intake.freshman(intake.xu), purpose="class_name")
        view = classmates.class_of(session, queries.admission_of(session, intake.zhou))
    assert view.names == []


def test_the_counsellor_card_shows_what_the_school_publishes(app, intake, zhou):
    with db.unit_of_work() as session:
        sun = directory.add_person(session, by=None, name="孙丽萍", phone="10000000900")
        directory.appoint(
            session, by=None, person_id=sun, org_unit_id=intake.class_id, post="counsellor", title="辅导员"
        )
        card_service.set_counsellor(
            session,
            by=intake.staff(intake.campus.zheng),
            person_id=sun,
            office="行健楼 A203",
            office_en="Room A203",
            phone="0000-88001234",
        )
    page = zhou.get(f"{DORM}class").text
    assert "孙丽萍" in page and "行健楼 A203" in page and "tel:0000-88001234" in page
    assert "10000000900" not in page


def test_consents_are_recorded_with_the_words_they_were_given_to(intake, zhou):
    post(zhou, f"{DORM}class", shows="1")
    post(zhou, f"{DORM}class")
    with db.unit_of_work() as session:
        (record,) = session.query(consents.Consent).all()
        assert (record.purpose, record.version) == ("class_name", "1")
        assert record.text_hash == consents.PURPOSES["class_name"].text_hash and record.withdrawn_at
    assert "已撤回" in zhou.get(f"{DORM}me").text


# --- the card


def drawn(app, client):
    assert "正在做您的报到卡" in client.get(f"{DORM}card").text
    drain(app)
    assert "长按图片保存" in client.get(f"{DORM}card").text
    answer = client.get(f"{DORM}card.png")
    assert answer.status_code == 200 and answer.headers["Cache-Control"].startswith("private")
    return answer.data


def test_the_card_is_drawn_by_a_job_for_the_album(app, zhou):
    picture = Image.open(io.BytesIO(drawn(app, zhou)))
    assert picture.size == (1080, 1920) and picture.format == "PNG"


def test_the_card_is_not_drawn_inside_the_request(app, zhou):
    zhou.get(f"{DORM}card")
    assert zhou.get(f"{DORM}card.png").status_code == 404


def test_the_card_is_drawn_anew_when_the_bed_changes(app, intake, zhou):
    before = drawn(app, zhou)
    with db.unit_of_work() as session:
        bed = directory.add_bed(session, by=None, room_id=intake.campus.room_101, code="9")
        directory.leave(session, by=None, person_id=intake.zhou)
        directory.assign_bed(session, by=None, person_id=intake.zhou, bed_id=bed, starts_on=clock.today())
    assert drawn(app, zhou) != before


def test_the_code_is_opaque_and_says_whose_card_it_is(intake):
    with db.unit_of_work() as session:
        mine = admission_id(intake)
        code, again = service.card_code(session, mine), service.card_code(session, mine)
        other = service.card_code(session, admission_id(intake, "lin"))
        assert code == again != other and len(code) == 26 and code.isalnum()
        assert queries.admission_by_card(session, f" {code.lower()} ").person_id == intake.zhou
        with pytest.raises(CardNotFound):
            queries.admission_by_card(session, code[:-1] + ("0" if code[-1] != "0" else "1"))


def test_a_renewed_card_has_another_code_and_the_old_one_opens_nothing(app, intake, zhou):
    before = drawn(app, zhou)
    with db.unit_of_work() as session:
        old = service.card_code(session, admission_id(intake))
    assert post(zhou, f"{DORM}card/renew").status_code == 303
    assert zhou.get(f"{DORM}card.png").status_code == 404
    with db.unit_of_work() as session, pytest.raises(CardNotFound):
        queries.admission_by_card(session, old)
    assert drawn(app, zhou) != before
    with db.unit_of_work() as session:
        assert service.card_code(session, admission_id(intake)) != old


def test_a_picture_of_a_code_that_was_replaced_meanwhile_is_not_kept(intake):
    with db.unit_of_work() as session:
        mine = admission_id(intake)
        old = service.card_code(session, mine)
        drawn_late = {"admission_id": mine, "code": old, "digest": "x", "image": b"x"}
        service.revoke_card(session, by=None, admission_id=mine)
        assert not card_service.note_card_drawn(session, **drawn_late)
        service.card_code(session, mine)
        assert not card_service.note_card_drawn(session, **drawn_late)
        assert cards.card_image(session, mine) is None


def test_a_card_asked_for_many_times_is_drawn_once(app, zhou):
    for _ in range(5):
        zhou.get(f"{DORM}card")
    with db.unit_of_work() as session:
        assert session.query(outbox.OutboxDelivery).count() == 1


def test_nobody_has_a_card_before_claiming(app, intake):
    assert visit.phone(app, intake.he).get(f"{DORM}card").status_code == 403
    with db.unit_of_work() as session:
        assert session.query(WelcomeCard).count() == 0
        assert session.query(Admission).count() == 5


def test_the_pages_speak_english(zhou, intake):
    page = zhou.get(DORM, headers={"Accept-Language": "en"}).text
    assert "512, Building 3, East Campus" in page and "Guangdong" in page
