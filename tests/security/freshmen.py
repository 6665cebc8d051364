"""What a freshman shares with a roommate and with a companion: 李 as one, for the matrix of routes."""

from datetime import date

from sqlalchemy import update

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.directory import service as directory
from app.welcome import queries, service
from app.welcome.models import Admission, Block, Channel
from app.welcome.queries import roommates
from app.welcome.service import Admitted, companions, devices, safety
from app.welcome.service import roommates as contacts
from app.welcome.service.companions import Journey
from tests.make import CampusOfTests


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
        device_id = devices.register_device(session, by=Caller(ids.zheng), name="一号台", key="k" * 43)
    return {
        "mate_id": mate_id,
        "post_id": post_id,
        "thread_id": thread_id,
        "block_id": str(block_id),
        "admission_id": mate_id,
        "device_id": device_id,
    }


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
