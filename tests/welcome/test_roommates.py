"""Roommates by consent: who is one, what is seen when, and how it is taken back."""

from datetime import date

import pytest

from app.kit import clock, db, outbox
from app.platform.directory import service as directory
from app.welcome import queries as admissions
from app.welcome.errors import ContactMissing, ExchangeNotFound, RoommateNotFound
from app.welcome.models import Admission, Channel, Contact, Exchange, Report
from app.welcome.queries import roommates as queries
from app.welcome.service import roommates as service
from app.welcome.service import safety
from tests import visit
from tests.welcome.test_dorm import DORM, drain, post

WECHAT = {"zhou": "zhou_rain_01", "lin": "lin-zhixia-7"}


def public_id(person_id):
    with db.unit_of_work() as session:
        return admissions.admission_of(session, person_id).public_id


def claim(person_id):
    with db.unit_of_work() as session:
        session.query(Admission).filter_by(person_id=person_id).update({"claimed_at": clock.now()})


def save(intake, who, channel=Channel.WECHAT, value=None):
    with db.unit_of_work() as session:
        by = intake.freshman(getattr(intake, who))
        service.save_contact(session, by=by, channel=channel, value=value or WECHAT[who], agrees=True)


def ask(intake, who, mate, channel=Channel.WECHAT):
    mate_id = public_id(getattr(intake, mate))
    with db.unit_of_work() as session:
        by = intake.freshman(getattr(intake, who))
        service.ask_exchange(session, by=by, mate_id=mate_id, channel=channel)


def swap(intake, who="zhou", mate="lin", channel=Channel.WECHAT):
    """What `who` sees of one channel."""
    mate_id = public_id(getattr(intake, mate))
    with db.unit_of_work() as session:
        found = queries.mate_for(session, getattr(intake, who), mate_id)
        return next(
            each
            for each in queries.swaps_with(session, getattr(intake, who), found)
            if each.channel == channel
        )


@pytest.fixture
def swapped(intake):
    """周 and 林 have swapped WeChat."""
    save(intake, "zhou")
    save(intake, "lin")
    ask(intake, "zhou", "lin")
    exchange_id = swap(intake, "lin", "zhou").exchange_id
    with db.unit_of_work() as session:
        service.accept_exchange(session, by=intake.freshman(intake.lin), exchange_id=exchange_id)
    return exchange_id


def test_it_works(intake, swapped):
    assert swap(intake).contact == WECHAT["lin"]
    assert swap(intake, "lin", "zhou").contact == WECHAT["zhou"]


def test_before_a_claim_there_is_only_a_count(app, intake):
    page = visit.phone(app, intake.he).get(DORM).text
    assert "3 位室友" in page  # with 李, who has lived there since 2023
    assert not any(word in page for word in ("广东", "林知夏", "周雨桐", "李一鸣"))


def test_the_name_is_shown_once_both_have_claimed(intake, zhou):
    page = zhou.get(DORM).text
    assert "林知夏" in page and "何思源" not in page and "湖南" in page
    claim(intake.he)
    assert "何思源" in zhou.get(DORM).text


def test_a_nickname_is_seen_before_the_name(app, intake, zhou):
    he = visit.phone(app, intake.he)
    assert post(he, f"{DORM}nickname", nickname="思思").status_code == 403  # only after claiming
    lin = visit.phone(app, intake.lin)
    assert post(lin, f"{DORM}nickname", nickname=" 小 夏 ").status_code == 303
    assert "小 夏" in zhou.get(DORM).text


@pytest.mark.parametrize("nickname", ["加我微信", "138 0013 8000", "一二三四五六", "wx_zhou1", "很" * 13])
def test_a_nickname_is_no_way_around_the_consent(zhou, nickname):
    answer = post(zhou, f"{DORM}nickname", nickname=nickname)
    assert answer.status_code == 422 and "昵称请用" in answer.text


def test_the_same_number_on_another_campus_or_building_is_another_room(intake, zhou):
    """The room is the key: campus, building and number together."""
    with db.unit_of_work() as session:
        west = directory.add_campus(session, by=None, code="WEST", name="西校区")
        elsewhere = []
        for campus_id, code in ((west, "W03"), (intake.campus.campus, "E04")):
            building = directory.add_building(
                session, by=None, campus_id=campus_id, code=code, name="3号楼", kind="dorm"
            )
            room = directory.add_room(session, by=None, building_id=building, floor=5, number="512")
            bed = directory.add_bed(session, by=None, room_id=room, code="2")
            elsewhere.append(bed)
        directory.assign_bed(
            session, by=None, person_id=intake.gao, bed_id=elsewhere[0], starts_on=clock.today()
        )
        directory.leave(session, by=None, person_id=intake.xu)
        directory.assign_bed(
            session, by=None, person_id=intake.xu, bed_id=elsewhere[1], starts_on=clock.today()
        )
    claim(intake.gao)
    claim(intake.xu)
    page = zhou.get(DORM).text
    assert "高乐" not in page and "新疆" not in page and "许安然" not in page and "北京" not in page
    for other in (intake.gao, intake.xu):
        with db.unit_of_work() as session:
            dorm = _dorm(session, other)
            assert (dorm.count, dorm.mates) == (0, [])
            with pytest.raises(RoommateNotFound):
                queries.mate_for(session, other, public_id(intake.zhou))


def _dorm(session, person_id):
    admission = admissions.admission_of(session, person_id)
    return queries.dorm_of(session, admission, queries.season_of(session, admission))


def test_who_moves_out_is_no_roommate_from_that_day(intake, swapped):
    with db.unit_of_work() as session:
        directory.leave(session, by=None, person_id=intake.lin, on=date(2026, 11, 16))
    with db.unit_of_work() as session:
        assert [mate.name for mate in _dorm(session, intake.zhou).mates] == [""]
        with pytest.raises(RoommateNotFound):
            queries.mate_for(session, intake.zhou, public_id(intake.lin))


def test_a_contact_needs_its_purpose_read_and_agreed_to(intake, zhou):
    answer = post(zhou, f"{DORM}contacts/wechat/save", value=WECHAT["zhou"])
    assert answer.status_code == 422 and "勾选同意" in answer.text and "加密保存" in answer.text
    assert post(zhou, f"{DORM}contacts/wechat/save", value="x", agrees="1").status_code == 422
    assert post(zhou, f"{DORM}contacts/wechat/save", value=WECHAT["zhou"], agrees="1").status_code == 303
    assert WECHAT["zhou"] in zhou.get(f"{DORM}me").text


def test_a_contact_is_encrypted_at_rest(intake):
    save(intake, "zhou")
    with db.engine().connect() as connection:
        stored = connection.exec_driver_sql("SELECT value FROM welcome_contacts").scalar()
    assert WECHAT["zhou"].encode() not in bytes(stored)


def test_asking_alone_shows_nothing_to_either(intake):
    save(intake, "zhou")
    save(intake, "lin")
    ask(intake, "zhou", "lin")
    assert (swap(intake).state, swap(intake).contact) == ("asked", "")
    assert (swap(intake, "lin", "zhou").state, swap(intake, "lin", "zhou").contact) == ("wants", "")


def test_who_asked_cannot_accept_for_the_other(intake):
    save(intake, "zhou")
    save(intake, "lin")
    ask(intake, "zhou", "lin")
    with db.unit_of_work() as session, pytest.raises(ExchangeNotFound):
        service.accept_exchange(
            session, by=intake.freshman(intake.zhou), exchange_id=swap(intake).exchange_id
        )
    assert swap(intake).contact == ""


def test_both_need_a_contact_of_their_own(intake):
    with pytest.raises(ContactMissing):
        ask(intake, "zhou", "lin")
    save(intake, "zhou")
    ask(intake, "zhou", "lin")
    exchange_id = swap(intake, "lin", "zhou").exchange_id
    with db.unit_of_work() as session, pytest.raises(ContactMissing):
        service.accept_exchange(session, by=intake.freshman(intake.lin), exchange_id=exchange_id)


def test_two_who_ask_each_other_have_agreed(intake):
    save(intake, "zhou")
    save(intake, "lin")
    ask(intake, "zhou", "lin")
    ask(intake, "lin", "zhou")
    assert swap(intake).state == swap(intake, "lin", "zhou").state == "accepted"
    ask(intake, "zhou", "lin")
    with db.unit_of_work() as session:
        assert session.query(Exchange).count() == 1


def test_each_channel_is_agreed_to_by_itself(intake, swapped):
    save(intake, "zhou", Channel.PHONE, "10000000101")
    save(intake, "lin", Channel.PHONE, "10000000102")
    assert swap(intake, channel=Channel.PHONE).contact == ""


@pytest.mark.parametrize("who", ["zhou", "lin"])
def test_either_revokes_at_any_time_and_both_stop_seeing(intake, swapped, who):
    with db.unit_of_work() as session:
        service.end_exchange(session, by=intake.freshman(getattr(intake, who)), exchange_id=swapped)
    assert swap(intake).contact == "" == swap(intake, "lin", "zhou").contact
    ask(intake, "lin", "zhou")  # may be asked anew
    assert swap(intake).state == "wants"


def test_deleting_ones_contact_ends_its_swaps_and_its_consent(intake, swapped):
    with db.unit_of_work() as session:
        service.remove_contact(session, by=intake.freshman(intake.zhou), channel=Channel.WECHAT)
    assert swap(intake, "lin", "zhou").contact == "" and swap(intake).contact == ""
    save(intake, "zhou")
    assert swap(intake, "lin", "zhou").contact == ""  # not without asking again
    with db.unit_of_work() as session:
        assert session.query(Contact).filter_by(person_id=intake.zhou).count() == 1


def test_a_block_hides_both_and_ends_what_was_agreed(app, intake, zhou, swapped):
    mate = public_id(intake.lin)
    answer = post(zhou, f"{DORM}roommates/{mate}/block")
    assert answer.status_code == 303
    lin = visit.phone(app, intake.lin)
    assert "林知夏" not in zhou.get(DORM).text and "周雨桐" not in lin.get(DORM).text
    assert zhou.get(f"{DORM}roommates/{mate}").status_code == 404
    assert lin.get(f"{DORM}roommates/{public_id(intake.zhou)}").status_code == 404
    with db.unit_of_work() as session, pytest.raises(ExchangeNotFound):
        service.end_exchange(session, by=intake.freshman(intake.lin), exchange_id=swapped)
    with db.unit_of_work() as session:
        (row,) = queries.blocks_of(session, intake.zhou)
    assert post(lin, f"{DORM}blocks/{row.public_id}/end").status_code == 404  # only who blocked
    assert post(zhou, f"{DORM}blocks/{row.public_id}/end").status_code == 303
    assert "林知夏" in zhou.get(DORM).text
    assert swap(intake).contact == ""


def test_a_block_hides_the_name_in_the_class_too(app, intake, zhou):
    post(visit.phone(app, intake.lin), f"{DORM}class", shows="1")
    with db.unit_of_work() as session:
        safety.block(session, by=intake.freshman(intake.lin), person_id=intake.zhou)
    assert "林知夏" not in zhou.get(f"{DORM}class").text


def test_a_report_goes_to_the_desk_once(intake, zhou):
    path = f"{DORM}roommates/{public_id(intake.lin)}/report"
    for _ in range(2):
        assert post(zhou, path, reason="harass", note="说了很难听的话").status_code == 303
    with db.unit_of_work() as session:
        (report,) = session.query(Report).all()
    assert (report.reporter_id, report.reported_id, report.subject) == (intake.zhou, intake.lin, "roommate")
    assert post(zhou, path, reason="nonsense").status_code == 422


def test_the_other_is_told_without_a_name(app, intake, zhou):
    save(intake, "zhou")
    save(intake, "lin")
    ask(intake, "zhou", "lin")
    drain(app)
    lin = visit.phone(app, intake.lin)
    page = lin.get("/m/messages").text
    assert "一位室友想和您交换微信号" in page and "周雨桐" not in page and WECHAT["zhou"] not in page
    assert page.count("一位室友想和您交换微信号") == 1


def test_two_who_ask_at_the_same_instant_make_one_swap(app, intake):
    """The pair is one row whoever comes first: a second transaction waits for the first and joins it."""
    import threading  # noqa: PLC0415

    save(intake, "zhou")
    save(intake, "lin")
    barrier, errors = threading.Barrier(2), []

    def one(who, mate):
        barrier.wait()
        try:
            ask(intake, who, mate)
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            errors.append(error)

    both = [threading.Thread(target=one, args=pair) for pair in (("zhou", "lin"), ("lin", "zhou"))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert errors == []
    assert swap(intake).state == "accepted"
    with db.unit_of_work() as session:
        assert session.query(Exchange).count() == 1
    outbox.drain(clients=app.extensions["clients"], seconds=20)
