"""The admission itself: kept, told, forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.platform.directory import service as directory
from app.welcome import service
from app.welcome.models import Admission, ClaimAlarm, Dispute, Report, StepMark
from app.welcome.service import absent
from tests import visit
from tests.welcome.claiming import handset
from tests.welcome.conftest import PEOPLE
from tests.welcome.reception import make_reception
from tests.welcome.test_claim import deliver
from tests.welcome.test_claim_disputes import dispute

SAID = ("母亲代领材料在东门", "电话里说家里有事", "登记错了一位同学")


@pytest.fixture
def he(app, intake):
    """何, about whom staff wrote three reasons."""
    reception = make_reception(app, intake)
    by = intake.staff(intake.campus.zheng)
    reception.mark(by, intake.he, "papers", is_proxy=True, reason=SAID[0])
    reception.undo(by, intake.he, "papers", reason=SAID[2])
    with db.unit_of_work() as session:
        absent.decide_absence(
            session,
            by=by,
            admission_id=reception.admission(intake.he).public_id,
            seen="admitted",
            decision="excused",
            reason=SAID[1],
        )
    return intake.he


def kept(person_id: int) -> str:
    """Every column of the admission and its marks, as text."""
    with db.unit_of_work() as session:
        mine = select(Admission.id).where(Admission.person_id == person_id)
        rows = [
            *session.execute(select(Admission.__table__).where(Admission.person_id == person_id)),
            *session.execute(select(StepMark.__table__).where(StepMark.admission_id.in_(mine))),
        ]
    return "\n".join(map(str, rows))


def test_it_works(app, intake, he):
    before = kept(he)
    with db.unit_of_work() as session:
        own = session.scalars(select(Admission).where(Admission.person_id == he)).one()
        hashes = [own.number_index, own.document_index, own.claim_index, own.letter_index, *SAID, "430100"]
    assert all(each in before for each in hashes)
    for _ in range(2):
        with db.unit_of_work() as session:
            service.erase_person(session, by=None, person_id=he)
    assert [each for each in hashes if each in kept(he)] == []


def test_an_erased_admission_cannot_be_claimed(app, intake, he):
    with db.unit_of_work() as session:
        service.erase_person(session, by=None, person_id=he)
    assert handset(app).claim().status_code == 422


def test_what_an_impostor_typed_goes_with_the_person(app, intake):
    dispute(handset(app))
    deliver(app)
    with db.unit_of_work() as session:
        service.erase_person(session, by=None, person_id=intake.he)
        assert session.scalars(select(Dispute.id)).all() == []


def test_proofs_and_reasons_go_sixty_days_after_the_season(app, intake, he):
    over = (clock.start_of_day(clock.today().replace(month=12, day=31)) - clock.now()).days + 60
    for days, left in ((over, list(SAID)), (2, [])):
        clock.advance(timedelta(days=days))
        with db.unit_of_work() as session:
            service.retain(session)
        assert [each for each in SAID if each in kept(he)] == left
    with db.unit_of_work() as session:
        own = session.scalars(select(Admission).where(Admission.person_id == he)).one()
        assert (own.claim_index, own.letter_index, own.status) == ("", None, "excused")
        assert service.retain(session) == 0


def test_what_nobody_ever_settled_is_not_kept_for_ever(app, intake):
    with db.unit_of_work() as session:
        moment = clock.now()
        session.add(
            Report(
                public_id="rpt_x",
                reporter_id=intake.zhou,
                reported_id=intake.lin,
                subject="roommate",
                subject_ref="adm_x",
                reason="other",
                note="她说",
                created_at=moment,
            )
        )
        session.add(
            ClaimAlarm(kind="person", subject=str(intake.he), tries=10, opened_at=moment, last_at=moment)
        )
    for days, left in ((364, 2), (3, 0)):
        clock.advance(timedelta(days=days))
        with db.unit_of_work() as session:
            service.retain(session)
        with db.unit_of_work() as session:
            rows = [*session.scalars(select(Report.id)), *session.scalars(select(ClaimAlarm.id))]
        assert len(rows) == left


def test_the_copy_of_ones_data_holds_the_admission(app, intake, he):
    with db.unit_of_work() as session:
        (own,) = service.export_person(session, person_id=he)["admissions"]
    assert (own["status"], own["status_reason"], own["region"]) == ("excused", SAID[1], "430100")
    assert PEOPLE["he"]["number"] not in str(own)


def test_of_two_records_of_one_person_the_admission_follows(app, intake, he):
    with db.unit_of_work() as session:
        other = directory.add_person(session, by=None, name=PEOPLE["he"]["name"])
        for _ in range(2):
            service.merge_person(session, from_id=he, into_id=other)
        owners = session.scalars(select(Admission.person_id)).all()
        assert other in owners and he not in owners
        service.merge_person(session, from_id=intake.xu, into_id=other)  # has one of that season already
        assert intake.xu in session.scalars(select(Admission.person_id)).all()


def test_a_frequent_surname_hides_nobody_at_the_desk(app, intake):
    """Hundreds of the same surname have a student number; those come first in the directory."""
    reception = make_reception(app, intake)
    with db.unit_of_work() as session:
        for number in range(205):
            directory.add_person(session, by=None, name=f"何{number}", number=f"20200{number:04d}")
    desk = reception.desk(intake.campus.zheng)
    answer = desk.post("/desk/welcome/check-in/find", json={"text": "何"}, headers=visit.csrf(desk, "desk"))
    assert [one["name"] for one in answer.json["people"]] == ["何思源"]
