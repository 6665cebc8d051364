"""The intake of the story, `python -m tests.browser.welcome_story_seed begin|ask`: 许安然 of 3号楼 401, whose
roommate 林知夏 has claimed already and would like to swap her WeChat."""

import json
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.factory import create_app
from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.directory import queries as lookup
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.welcome import queries, service
from app.welcome.models import Admission, Channel
from app.welcome.service import Admitted, quiz, quiz_bank, roommates, slots
from app.welcome.service.quiz import QuizTerms
from tests.browser.claim_seed import season_around_today
from tests.welcome.test_quiz import question, workbook

CLERK = "T0001"
XU = {"name": "许安然", "number": "26440100000031", "document": "440100200801010083", "letter": "L2026031"}
LIN = {"name": "林知夏", "number": "26440100000032", "document": "440100200801010104", "letter": "L2026032"}


def begin() -> dict[str, Any]:
    with db.unit_of_work() as session:
        season = season_around_today(session)
        college = lookup.find_org_unit(session, "STORY")
        college_id = (
            college.id
            if college
            else directory.add_org_unit(session, by=None, code="STORY", name="文学院", kind="college")
        )
        building = lookup.find_building(session, "E03")
        assert building is not None
        room = directory.add_room(
            session, by=None, building_id=building.id, floor=4, number="4901", is_private=True
        )
        made = {
            key: _admit(session, season, college_id, room, who) for key, who in (("xu", XU), ("lin", LIN))
        }
        session.get_one(Admission, _row(session, made["lin"]).id).claimed_at = clock.now()
        clerk = lookup.find_person_by_number(session, CLERK)
        assert clerk is not None
        identity.grant_role(session, by=None, person_id=clerk.id, role="welcome.administrator")
        slot = _slot(session, season)
        _quiz(session, season, Caller(clerk.id))
    lin = Caller(_person(made["lin"]))
    with db.unit_of_work() as session:
        roommates.save_contact(session, by=lin, channel=Channel.WECHAT, value="lin_zhixia_26", agrees=True)
    return made | {"slot": slot}


def ask() -> dict[str, Any]:
    """林 would like to swap."""
    with db.unit_of_work() as session:
        rows = session.scalars(
            select(Admission).where(Admission.major == "汉语言文学").order_by(Admission.id)
        )
        xu, lin = rows.all()
        roommates.ask_exchange(
            session, by=Caller(lin.person_id), mate_id=xu.public_id, channel=Channel.WECHAT
        )
    return {}


def _admit(session: Session, season: int, college: int, room: int, who: dict[str, str]) -> str:
    admitted = Admitted(
        profile="undergraduate",
        college_id=college,
        major="汉语言文学",
        level="本科",
        gender="female",
        region="440100",
        **who,
    )
    public_id = service.admit(session, by=None, season_id=season, admitted=admitted)
    bed = directory.add_bed(session, by=None, room_id=room, code=who["letter"][-1])
    directory.assign_bed(session, by=None, person_id=_row(session, public_id).person_id, bed_id=bed)
    return public_id


def _row(session: Session, public_id: str) -> Admission:
    return session.scalars(select(Admission).where(Admission.public_id == public_id)).one()


def _person(public_id: str) -> int:
    with db.unit_of_work() as session:
        return queries.admission_of(session, _row(session, public_id).person_id).person_id


def _slot(session: Session, season: int) -> str:
    station = slots.add_station(session, by=None, name="故事南站", kind="rail", address="出站口 B")
    starts = clock.start_of_day(clock.today() + timedelta(days=2)) + timedelta(hours=10)
    return slots.add_slot(
        session,
        by=None,
        season_id=season,
        station_id=station,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        capacity=40,
    )


def _quiz(session: Session, season: int, by: Caller) -> None:
    today = clock.today()
    quiz_id = quiz.save_quiz(
        session,
        by=None,
        season_id=season,
        terms=QuizTerms("新生安全知识", today - timedelta(days=1), today + timedelta(days=9)),
    )
    rows = [question(n, "消防安全" if n % 2 else "反诈", options=("对", "错")) for n in range(24)]
    quiz_bank.import_bank(session, by=by, quiz_id=quiz_id, source=workbook(rows))


if __name__ == "__main__":
    create_app()
    sys.stdout.write(json.dumps(begin() if sys.argv[1] == "begin" else ask()) + "\n")
