"""An intake on 16 November 2026: a season, two colleges, and freshmen with beds, some of them claimed."""

from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.platform.directory import service as directory
from app.welcome import service
from app.welcome.models import Admission
from app.welcome.service import Admitted
from tests import visit
from tests.make import CampusOfTests, make_campus

ALL = tuple(
    f"welcome.{key}"
    for key in (
        "read",
        "import",
        "check_in",
        "follow_up",
        "dispatch",
        "edit",
        "moderate",
        "settle_claims",
        "aid",
    )
)


@dataclass(frozen=True)
class Intake:
    """Ids of everything. 周雨桐, 林知夏 and 何思源 share room 512; 许安然 (male) lives in 101; 高乐 in no room.

    周 and 林 have claimed, the others have not. Two colleges: 信息学院 (class 计算机2601), 外国语学院.
    """

    campus: CampusOfTests
    season: int
    college: int
    other_college: int
    class_id: int
    zhou: int
    lin: int
    he: int
    xu: int
    gao: int

    def staff(self, person_id: int, *permissions: str, college: int | None = None) -> Caller:
        """Somebody of the staff with permissions everywhere, or in one college."""
        scope = ("all", None) if college is None else ("unit", college)
        return Caller(person_id, tuple(Grant(key, *scope) for key in permissions or ALL), surface="desk")

    def freshman(self, person_id: int) -> Caller:
        return Caller(person_id, surface="phone", affiliation_kinds=frozenset({"freshman"}))


def make_intake() -> Intake:
    campus = make_campus()
    with db.unit_of_work() as session:
        season = service.open_season(
            session,
            by=None,
            code="2026",
            name="2026 年秋季迎新",
            name_en="Autumn 2026",
            opens_on=date(2026, 11, 1),
            dorms_on=date(2026, 11, 10),
            arrives_on=date(2026, 11, 20),
            arrival_ends_on=date(2026, 11, 22),
            closes_on=date(2026, 12, 31),
        )
        college = directory.add_org_unit(session, by=None, code="XX", name="信息学院", kind="college")
        other = directory.add_org_unit(session, by=None, code="WY", name="外国语学院", kind="college")
        class_id = directory.add_org_unit(
            session, by=None, code="JSJ2601", name="计算机2601", kind="class", parent_id=college
        )
        people = {}
        for key, admitted in PEOPLE.items():
            known = {"college_id": college, "class_id": class_id} if key != "gao" else {"college_id": other}
            public_id = service.admit(
                session, by=None, season_id=season, admitted=Admitted(**admitted, **known)
            )
            people[key] = session.scalar(select(Admission.person_id).where(Admission.public_id == public_id))
        for number, key in enumerate(("zhou", "lin", "he"), start=2):
            bed = directory.add_bed(session, by=None, room_id=campus.room_512, code=str(number))
            directory.assign_bed(session, by=None, person_id=people[key], bed_id=bed, starts_on=clock.today())
        bed = directory.add_bed(session, by=None, room_id=campus.room_101, code="1")
        directory.assign_bed(session, by=None, person_id=people["xu"], bed_id=bed, starts_on=clock.today())
        session.execute(
            update(Admission)
            .where(Admission.person_id.in_((people["zhou"], people["lin"])))
            .values(claimed_at=clock.now())
        )
    return Intake(campus, season, college, other, class_id, **people)


def _one(name: str, number: str, document: str, gender: str, **more: str) -> dict[str, str]:
    return {
        "profile": "undergraduate",
        "name": name,
        "number": number,
        "document": document,
        "gender": gender,
        "major": "计算机科学与技术",
        "level": "本科",
        "letter": f"L{number[-6:]}",
    } | more


PEOPLE = {
    "zhou": _one(
        "周雨桐", "26440100000001", "44010020080101002X", "female", phone="10000000101", region="440100"
    ),
    "lin": _one(
        "林知夏", "26440100000002", "440100200802020028", "female", phone="10000000102", region="440100"
    ),
    "he": _one(
        "何思源", "26430100000003", "430100200803030049", "female", phone="10000000103", region="430100"
    ),
    "xu": _one(
        "许安然", "26110100000004", "110101200804040031", "male", phone="10000000104", region="110100"
    ),
    "gao": _one("高乐", "26650100000005", "650100200805050051", "male", region="650100"),
}


@pytest.fixture
def intake(begin_with) -> Intake:
    return begin_with(make_intake)


@pytest.fixture
def zhou(app: Flask, intake: Intake) -> FlaskClient:
    """周's phone, claimed."""
    return visit.phone(app, intake.zhou)
