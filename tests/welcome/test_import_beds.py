"""A list of beds from the upload to the yes."""

import pytest
from sqlalchemy import select

from app.kit import db
from app.platform.directory import queries as directory
from app.platform.directory import service as places
from app.platform.directory.models import BedOccupancy
from tests.welcome.conftest import PEOPLE
from tests.welcome.lists import workbook
from tests.welcome.test_import_admissions import clerk, counts, say_yes, send  # noqa: F401

HEADS = ("考生号", "楼栋", "房间号", "床号")


def bed(who: str, room: str, code: str, building: str = "E03") -> dict[str, str]:
    return dict(zip(HEADS, (PEOPLE[who]["number"], building, room, code), strict=True))


@pytest.fixture
def room_102(intake) -> int:
    with db.unit_of_work() as session:
        room = places.add_room(session, by=None, building_id=intake.campus.building_3, floor=1, number="102")
        for code in ("1", "2"):
            places.add_bed(session, by=None, room_id=room, code=code)
    return room


def send_beds(app, clerk, *rows):  # noqa: F811
    return send(app, clerk, workbook(rows, HEADS, name="宿舍安排"), kind="beds")


def home(person_id: int) -> str:
    with db.unit_of_work() as session:
        place = directory.room_of(session, person_id)
        return place.room_number if place else ""


def test_it_works(app, intake, clerk, room_102):  # noqa: F811
    url = send_beds(app, clerk, bed("zhou", "102", "1"), bed("lin", "102", "2"))
    assert "E03 102 1" in clerk.get(url).text and counts()["changed"] == 2
    assert home(intake.zhou) == "512"
    assert say_yes(app, clerk, url) == 303
    assert (home(intake.zhou), home(intake.lin)) == ("102", "102")
    send_beds(app, clerk, bed("zhou", "102", "1"))
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
        ([bed("zhou", "102", "9")], "没有这张床"),
        ([bed("zhou", "102", "1", "X99")], "没有这张床"),
        ([bed("zhou", "102", "1"), bed("lin", "102", "1")], "已经排给第 2 行"),
        ([bed("zhou", "101", "1")], "已经有人住"),
        ([bed("zhou", "102", "1"), bed("xu", "102", "2")], "性别不同"),
        ([bed("zhou", "102", "1") | {"考生号": "26440199999999"}], "没有这个考生号"),
        ([bed("zhou", "102", "1"), bed("zhou", "102", "2")], "重复"),
    ],
)
def test_what_can_not_be_is_said_and_nobody_moves(app, intake, clerk, room_102, rows, said):  # noqa: F811
    url = send_beds(app, clerk, *rows)
    page = clerk.get(url).text
    assert said in page and "确认写入" not in page
    assert home(intake.zhou) == "512"
