"""What a freshman shares with a roommate and with a companion: 李 as one, for the matrix of routes."""

from datetime import date

from sqlalchemy import update

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.directory import service as directory
from app.platform.identity.service import devices
from app.welcome import queries, service
from app.welcome.models import Admission, Block, Channel, Deferral, QuizQuestion
from app.welcome.queries import roommates
from app.welcome.service import Admitted, companions, fees, quiz, quiz_bank, safety
from app.welcome.service import roommates as contacts
from app.welcome.service.companions import Journey
from tests.make import CampusOfTests
from tests.welcome.test_quiz import QuizTerms, question, workbook


def share(ids: CampusOfTests) -> dict[str, str]:
    """李 and two freshmen of room 512: one with a trip that 李 would like to join, one whom 李 has blocked."""
    with db.unit_of_work() as session:
        season = _season(session)
        college = directory.add_org_unit(session, by=None, code="FRESH", name="信息学院", kind="college")
        mate, blocked = (
            _admit(session, season, college, ids, number, name)
            for number, name in enumerate(("林知夏", "何思源"), start=7)
        )
        _admit_known(session, ids.li, like=mate)
        session.execute(update(Admission).values(claimed_at=clock.now(), region="440100"))
    li = Caller(ids.li, surface="phone")
    with db.unit_of_work() as session:
        for by in (li, Caller(mate)):
            contacts.save_contact(
                session, by=by, channel=Channel.WECHAT, value=f"weilife_{by.person_id}", agrees=True
            )
        mate_id = queries.admission_of(session, mate).public_id
        contacts.ask_exchange(session, by=li, mate_id=mate_id, channel=Channel.WECHAT)
        journey = Journey(city="440100", travels_on=clock.today(), transport="train", wanted=1)
        post_id = companions.publish(session, by=Caller(mate), journey=journey, agrees=True)
        thread_id = companions.ask_to_join(session, by=li, post_id=post_id)
        safety.block(session, by=li, person_id=blocked)
        block_id = session.query(Block.public_id).scalar()
        assert roommates.mate_for(session, ids.li, mate_id)
    with db.unit_of_work() as session:
        device_id = devices.register_device(
            session, by=Caller(ids.zheng), page="welcome.check_in", name="一号台", key="k" * 43
        )
    return {
        "mate_id": mate_id,
        "post_id": post_id,
        "thread_id": thread_id,
        "block_id": str(block_id),
        "admission_id": mate_id,
        "device_id": device_id,
        **_of_guides(li, season),
    }


def _of_guides(li: Caller, season: int) -> dict[str, str]:
    """李's paper of the quiz and the wish to pay later."""
    with db.unit_of_work() as session:
        terms = QuizTerms("新生安全知识", clock.today(), clock.today())
        quiz_id = quiz.save_quiz(session, by=None, season_id=season, terms=terms)
        rows = [question(n, "消防安全" if n % 2 else "反诈", "B") for n in range(24)]
        quiz_bank.import_bank(session, by=li, quiz_id=quiz_id, source=workbook(rows))
        attempt_id = quiz.start_attempt(session, by=li)
        right = {one.id: one.answers for one in session.query(QuizQuestion)}
        quiz.hand_in(session, by=li, public_id=attempt_id, given=right)
        fees.ask_deferral(session, by=li, statement="家里遭了灾", loan_code="")
        deferral_id = session.query(Deferral.public_id).scalar()
    return {"attempt_id": attempt_id, "deferral_id": str(deferral_id)}


def _season(session) -> int:
    day = clock.today()
    return service.open_season(
        session,
        by=None,
        code="matrix",
        name="迎新",
        opens_on=day,
        dorms_on=day,
        arrives_on=day,
        arrival_ends_on=day,
        closes_on=date(day.year + 1, 1, 31),
    )


def _admit(session, season: int, college: int, ids: CampusOfTests, number: int, name: str) -> int:
    public_id = service.admit(
        session,
        by=None,
        season_id=season,
        admitted=Admitted(
            profile="undergraduate",
            name=name,
            number=f"9{number}",
            document=f"D{number}",
            college_id=college,
            major="软件工程",
            level="本科",
        ),
    )
    person_id = session.query(Admission.person_id).filter_by(public_id=public_id).scalar()
    bed = directory.add_bed(session, by=None, room_id=ids.room_512, code=f"F{number}")
    directory.assign_bed(session, by=None, person_id=person_id, bed_id=bed, starts_on=clock.today())
    return int(person_id)


def _admit_known(session, person_id: int, *, like: int) -> None:
    """李 stands in the directory already: an admission as that of somebody else."""
    row = session.query(Admission).filter_by(person_id=like).one()
    kept = {
        name: getattr(row, name)
        for name in Admission.__table__.columns.keys()  # noqa: SIM118 - not a dict
        if name not in ("id", "public_id", "person_id", "number_index", "document_index")
    }
    session.add(
        Admission(**kept, public_id="adm_of_li", person_id=person_id, number_index="li", document_index="li")
    )
    session.flush()
