"""A list of beds from the upload to the yes."""

import pytest
from sqlalchemy import select

from app.kit import db
from app.platform.directory import queries as directory
from app.platform.directory import service as places
from app.platform.directory.models import BedOccupancy
from tests.uploads import counts, say_yes
from tests.welcome.conftest import PEOPLE
from tests.welcome.lists import workbook
from tests.welcome.test_import_admissions import clerk, send  # noqa: F401

HEADS = ("考生号", "楼栋", "房间号", "床号")


def bed(who: str, room: str, code: str, building: str = "E03") -> dict[str, str]:
    return dict(zip(HEADS, (PEOPLE[who]["number"], building, room, code), strict=True))


@pytest.fixture
def room_202(intake) -> int:
    with db.unit_of_work() as session:
        room = places.add_room(session, by=None, building_id=intake.campus.building_3, floor=2, number="202")
        for code in ("1", "2"):
            places.add_bed(session, by=None, room_id=room, code=code)
    return room


def send_beds(app, clerk, *rows):  # noqa: F811
    return send(app, clerk, workbook(rows, HEADS, name="宿舍安排"), kind="beds")


def home(person_id: int) -> str:
    with db.unit_of_work() as session:
        place = directory.room_of(session, person_id)
        return place.room_number if place else ""


def test_it_works(app, intake, clerk, room_202):  # noqa: F811
    url = send_beds(app, clerk, bed("zhou", "202", "1"), bed("lin", "202", "2"))
    assert "E03 202 1" in clerk.get(url).text and counts()["changed"] == 2
    assert home(intake.zhou) == "512"
    assert say_yes(app, clerk, url) == 303
    assert (home(intake.zhou), home(intake.lin)) == ("202", "202")
    send_beds(app, clerk, bed("zhou", "202", "1"))
    assert counts()["same"] == 1


def test_two_may_swap(app, intake, clerk):  # noqa: F811
    say_yes(app, clerk, send_beds(app, clerk, bed("zhou", "512", "3"), bed("lin", "512", "2")))
    with db.unit_of_work() as session:
        stays = (
            select(BedOccupancy.person_id).where(BedOccupancy.ends_on.is_(None)).order_by(BedOccupancy.bed_id)
        )
        assert set(session.scalars(stays)) >= {intake.zhou, intake.lin}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([bed("zhou", "202", "9")], "没有这张床"),
        ([bed("zhou", "202", "1", "X99")], "没有这张床"),
        ([bed("zhou", "202", "1"), bed("lin", "202", "1")], "已经排给第 2 行"),
        ([bed("zhou", "101", "1")], "已经有人住"),
        ([bed("zhou", "202", "1"), bed("xu", "202", "2")], "性别不同"),
        ([bed("zhou", "202", "1") | {"考生号": "26440199999999"}], "没有这个考生号"),
        ([bed("zhou", "202", "1"), bed("zhou", "202", "2")], "重复"),
    ],
)
def test_what_can_not_be_is_said_and_nobody_moves(app, intake, clerk, room_202, rows, said):  # noqa: F811
    url = send_beds(app, clerk, *rows)
    page = clerk.get(url).text
    assert said in page and "确认写入" not in page
    assert home(intake.zhou) == "512"


def test_a_floor_is_of_one_gender(app, intake, clerk):  # noqa: F811
    """许安然 lives on the first floor: no woman moves there, unless he goes; a floor of both already takes both."""
    with db.unit_of_work() as session:
        building = intake.campus.building_3
        for number in ("103", "104", "513"):
            floor = int(number[0])
            room = places.add_room(session, by=None, building_id=building, floor=floor, number=number)
            places.add_bed(session, by=None, room_id=room, code="1")
    said = "这一层住的是另一性别的学生"
    assert said in clerk.get(send_beds(app, clerk, bed("zhou", "103", "1"))).text
    away = [bed("zhou", "103", "1"), bed("xu", "513", "1")]
    assert said in clerk.get(send_beds(app, clerk, *away)).text, "the fifth floor is of women"
    with db.unit_of_work() as session:
        bed_id = next(
            place.id
            for (_, number, code), place in directory.dorm_beds(session).items()
            if (number, code) == ("103", "1")
        )
        places.move_into_beds(session, by=None, moves={intake.lin: bed_id})
    assert say_yes(app, clerk, send_beds(app, clerk, bed("zhou", "104", "1"))) == 303
    assert home(intake.zhou) == "104"


def test_two_rooms_of_an_empty_floor_are_of_one_gender(app, intake, clerk, room_202):  # noqa: F811
    with db.unit_of_work() as session:
        room = places.add_room(session, by=None, building_id=intake.campus.building_3, floor=2, number="203")
        places.add_bed(session, by=None, room_id=room, code="1")
    url = send_beds(app, clerk, bed("zhou", "202", "1"), bed("xu", "203", "1"))
    assert "这一层住的是另一性别的学生" in clerk.get(url).text
