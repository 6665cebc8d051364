"""A small campus in the database, made through the real services."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.kit import db
from app.platform.directory import service as directory

SINCE = date(2023, 9, 1)


@dataclass(frozen=True)
class CampusOfTests:
    """Ids of everything. 李 lives in 512; 何 leads 东区维修班, 王 and 刘 work in it."""

    campus: int
    building_3: int
    building_t1: int
    room_512: int
    room_101: int
    room_201: int
    bed_1: int
    unit: int
    team_east: int
    team_urgent: int
    li: int
    chen: int
    zhao: int
    he: int
    wang: int
    liu: int
    zheng: int


def make_campus() -> CampusOfTests:
    """Campus 东校区 with 3号楼 (dorm: 512 private, 101) and 1号教学楼 (201), 维修中心 and the cast."""
    with db.unit_of_work() as session:
        places = _make_places(session)
        org = _make_org(session)
        people = _make_people(session, org)
        directory.assign_bed(
            session, by=None, person_id=people["li"], bed_id=places["bed_1"], starts_on=SINCE
        )
        return CampusOfTests(**places, **org, **people)


def _make_places(session: Session) -> dict[str, int]:
    campus = directory.add_campus(session, by=None, code="EAST", name="东校区", name_en="East Campus")
    building_3 = directory.add_building(
        session, by=None, campus_id=campus, code="E03", name="3号楼", name_en="Building 3", kind="dorm"
    )
    building_t1 = directory.add_building(
        session,
        by=None,
        campus_id=campus,
        code="E-T1",
        name="1号教学楼",
        name_en="Teaching Building 1",
        kind="teaching",
    )
    room_512 = directory.add_room(
        session, by=None, building_id=building_3, floor=5, number="512", is_private=True
    )
    room_101 = directory.add_room(session, by=None, building_id=building_3, floor=1, number="101")
    room_201 = directory.add_room(session, by=None, building_id=building_t1, floor=2, number="201")
    bed_1 = directory.add_bed(session, by=None, room_id=room_512, code="1")
    return {
        "campus": campus,
        "building_3": building_3,
        "building_t1": building_t1,
        "room_512": room_512,
        "room_101": room_101,
        "room_201": room_201,
        "bed_1": bed_1,
    }


def _make_org(session: Session) -> dict[str, int]:
    unit = directory.add_org_unit(
        session, by=None, code="WXZX", name="维修中心", name_en="Maintenance Centre", kind="unit"
    )
    team_east = directory.add_org_unit(
        session,
        by=None,
        code="T-EAST",
        name="东区维修班",
        name_en="East Repair Team",
        kind="team",
        parent_id=unit,
    )
    team_urgent = directory.add_org_unit(
        session,
        by=None,
        code="T-URGENT",
        name="急修班",
        name_en="Emergency Team",
        kind="team",
        parent_id=unit,
    )
    return {"unit": unit, "team_east": team_east, "team_urgent": team_urgent}


def _make_people(session: Session, org: dict[str, int]) -> dict[str, int]:
    people = {
        "li": add_member(session, "李一鸣", "2023010101", "student", None, phone="10000000001"),
        "chen": add_member(session, "陈晓雨", "2023010102", "student", None),
        "zhao": add_member(session, "赵敏华", "T0001", "staff", org["unit"]),
        "he": add_member(session, "何志远", "T0006", "staff", org["team_east"]),
        "wang": add_member(session, "王建国", "W0001", "contractor", org["team_east"], phone="10000000002"),
        "liu": add_member(session, "刘强", "W0002", "contractor", org["team_east"]),
        "zheng": add_member(session, "郑国栋", "T0002", "staff", None),
    }
    directory.appoint(
        session,
        by=None,
        person_id=people["he"],
        org_unit_id=org["team_east"],
        post="head",
        title="班长",
        starts_on=SINCE,
    )
    return people


def add_member(
    session: Session,
    name: str,
    number: str,
    kind: str,
    org_unit_id: int | None,
    phone: str | None = None,
) -> int:
    """A person with one affiliation since 2023."""
    person_id = directory.add_person(session, by=None, name=name, number=number, phone=phone)
    directory.add_affiliation(
        session, by=None, person_id=person_id, kind=kind, org_unit_id=org_unit_id, starts_on=SINCE
    )
    return person_id
