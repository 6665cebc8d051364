"""Directory: places have words, beds have one sleeper at a time."""

from datetime import date, timedelta

import pytest

from app.kit import clock, db
from app.platform.directory import queries, service
from app.platform.directory.errors import AlreadyHoused, BedTaken, CodeTaken, DatesReversed, PlaceNotFound


@pytest.fixture
def session(campus):
    with db.unit_of_work() as opened:
        yield opened


def test_it_works(campus, session):
    place = queries.place(session, room_id=campus.room_512)
    assert place.text == "东校区 3号楼 512"
    assert place.text_en == "512, Building 3, East Campus"
    assert (place.is_private, place.is_dorm, place.floor) == (True, True, 5)
    assert queries.place(session, building_id=campus.building_t1).text == "东校区 1号教学楼"
    assert queries.room_of(session, campus.li) == place
    assert queries.room_of(session, campus.chen) is None


def test_lists_lead_from_campus_to_room(campus, session):
    (east,) = queries.campuses(session)
    assert [b.name for b in queries.buildings(session, east.id)] == ["3号楼", "1号教学楼"]
    assert [f.name for f in queries.floors(session, campus.building_3)] == ["1楼", "5楼"]
    assert [r.number for r in queries.rooms(session, campus.building_3)] == ["101", "512"]
    assert [r.id for r in queries.rooms(session, campus.building_3, floor=5)] == [campus.room_512]
    assert queries.find_room(session, "e03", "512").id == campus.room_512
    assert queries.find_room(session, "E03", "999") is None


def test_a_room_of_another_building_is_not_found(campus, session):
    with pytest.raises(PlaceNotFound):
        queries.place(session, room_id=campus.room_512, building_id=campus.building_t1)


def test_places_come_in_one_go(campus, session):
    found = queries.places(session, [campus.room_512, campus.room_201, 999_999])
    assert {place.room_number for place in found.values()} == {"512", "201"}


def test_a_closed_building_is_offered_no_more_but_stays_readable(campus, session):
    service.close_building(session, by=None, building_id=campus.building_t1)
    assert [b.id for b in queries.buildings(session)] == [campus.building_3]
    assert queries.place(session, room_id=campus.room_201).is_active is False


def test_codes_are_unique(campus, session):
    with pytest.raises(CodeTaken):
        service.add_campus(session, by=None, code="east", name="又一个")
    with pytest.raises(CodeTaken):
        service.add_room(session, by=None, building_id=campus.building_3, floor=5, number="512")


def test_a_bed_has_one_sleeper_and_a_sleeper_one_bed(campus, session):
    bed_2 = service.add_bed(session, by=None, room_id=campus.room_512, code="2")
    with pytest.raises(BedTaken):
        service.assign_bed(session, by=None, person_id=campus.chen, bed_id=campus.bed_1)
    with pytest.raises(AlreadyHoused):
        service.assign_bed(session, by=None, person_id=campus.li, bed_id=bed_2)
    service.assign_bed(session, by=None, person_id=campus.chen, bed_id=bed_2)
    assert [p.id for p in queries.roommates_of(session, campus.li)] == [campus.chen]
    assert [p.id for p in queries.residents_of(session, campus.room_512)] == [campus.li, campus.chen]


def test_past_and_future_nights_overlap_too(campus, session):
    with pytest.raises(BedTaken):
        service.assign_bed(
            session,
            by=None,
            person_id=campus.chen,
            bed_id=campus.bed_1,
            starts_on=date(2024, 1, 1),
            ends_on=date(2024, 2, 1),
        )
    service.assign_bed(
        session,
        by=None,
        person_id=campus.chen,
        bed_id=campus.bed_1,
        starts_on=date(2023, 1, 1),
        ends_on=date(2023, 9, 1),
    )
    with pytest.raises(DatesReversed):
        service.assign_bed(
            session,
            by=None,
            person_id=campus.zhao,
            bed_id=campus.bed_1,
            starts_on=date(2022, 1, 2),
            ends_on=date(2022, 1, 2),
        )


def test_a_bed_is_free_on_the_day_somebody_leaves(campus, session):
    service.release_bed(session, by=None, person_id=campus.li)
    service.assign_bed(session, by=None, person_id=campus.chen, bed_id=campus.bed_1)
    assert queries.room_of(session, campus.li) is None
    assert queries.room_of(session, campus.li, on=clock.today() - timedelta(days=1)).room_number == "512"


def test_a_stay_with_a_known_end_is_cut_short_and_one_to_come_is_called_off(campus, session):
    bed_2 = service.add_bed(session, by=None, room_id=campus.room_512, code="2")
    today = clock.today()
    service.assign_bed(
        session, by=None, person_id=campus.chen, bed_id=bed_2, ends_on=today + timedelta(days=300)
    )
    service.assign_bed(
        session, by=None, person_id=campus.chen, bed_id=bed_2, starts_on=today + timedelta(days=300)
    )
    service.release_bed(session, by=None, person_id=campus.chen, on=today + timedelta(days=1))
    assert queries.room_of(session, campus.chen).room_id == campus.room_512
    for days in (1, 299, 300, 400):
        assert queries.room_of(session, campus.chen, on=today + timedelta(days=days)) is None
    service.assign_bed(
        session, by=None, person_id=campus.zhao, bed_id=bed_2, starts_on=today + timedelta(days=1)
    )
