"""import_rooms: the vendor's tree and the directory's rooms find each other by name."""

from sqlalchemy import select

from app.kit import db
from app.miniapps.electricity import service
from app.miniapps.electricity.flows import importing
from app.miniapps.electricity.models import Room
from app.miniapps.electricity.queries import desk
from app.platform.directory import service as directory


def rooms(system: str = "isims"):
    with db.unit_of_work() as session:
        return session.execute(select(Room.__table__).where(Room.room_id.is_not(None))).all()


def test_it_works(dorm):
    report = importing.import_rooms("isims", clients=dorm.clients)
    assert (report.matched, report.directory_only) == (2, [])
    assert len(report.vendor_only) == 4 * 72 - 2
    found = {row.vendor_key: row for row in rooms()}
    assert found["E03512"].room_id == dorm.ids.room_512
    assert found["E03512"].path == ["EAST", "E03", "E03-5", "E03512"]
    assert set(found) == {"E03512", "E03101"}


def test_a_second_import_changes_nothing(dorm):
    importing.import_rooms("isims", clients=dorm.clients)
    before = rooms()
    report = importing.import_rooms("isims", clients=dorm.clients)
    assert rooms() == before
    assert report.matched == 2


def test_what_does_not_match_is_named_on_both_sides(dorm):
    with db.unit_of_work() as session:
        directory.add_room(session, by=None, building_id=dorm.ids.building_3, floor=6, number="699")
    report = importing.import_rooms("isims", clients=dorm.clients)
    assert report.directory_only == ["3号楼 699"]
    assert "东校区 3号楼 5层 511" in report.vendor_only
    with db.unit_of_work() as session:
        (here,) = desk.unmatched_of_directory(session)
        assert here.numbers == ("699",)
        assert "E03511" in {row.vendor_key for row in desk.unmatched_of_vendors(session)}


def test_typed_rooms_are_asked_for_one_by_one(dorm):
    with db.unit_of_work() as session:
        campus = directory.add_campus(session, by=None, code="WEST", name="西校区")
        building = directory.add_building(
            session, by=None, campus_id=campus, code="W01", name="西1号楼", kind="dorm"
        )
        for number in ("305", "999"):
            directory.add_room(session, by=None, building_id=building, floor=3, number=number)
        system = service.save_system(session, key="synjones", rules=service.SystemRules("西区"))
        service.serve_building(session, system_id=system, building_id=building, policy="roster")
    report = importing.import_rooms("synjones", clients=dorm.clients)
    assert report.matched == 1
    assert report.directory_only == ["西1号楼 999"]
    assert "21-305" in {row.vendor_key for row in rooms()}


def test_two_buildings_of_one_name_are_told_apart_by_their_campus(dorm):
    with db.unit_of_work() as session:
        campus = directory.add_campus(session, by=None, code="WEST", name="西校区")
        twin = directory.add_building(
            session, by=None, campus_id=campus, code="W03", name="3号楼", kind="dorm"
        )
        directory.add_room(session, by=None, building_id=twin, floor=5, number="512")
        system = service.save_system(session, key="isims", rules=service.SystemRules("东区"))
        service.serve_building(session, system_id=system, building_id=twin, policy="roster")
    importing.import_rooms("isims", clients=dorm.clients)
    assert {row.vendor_key: row.room_id for row in rooms()}["E03512"] == dorm.ids.room_512
