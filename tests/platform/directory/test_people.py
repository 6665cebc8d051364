"""Directory: people are found, belong somewhere for a while, and leave."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.kit import clock, db
from app.platform.audit import queries as audit
from app.platform.directory import queries, service
from app.platform.directory.errors import AlreadyAffiliated, NameMissing, NumberTaken, PersonNotFound


@pytest.fixture
def session(app):
    with db.unit_of_work() as opened:
        yield opened


def test_it_works(campus, session):
    li = queries.person(session, campus.li)
    assert (li.name, li.number, li.surname, li.kinds) == ("李一鸣", "2023010101", "李", {"student"})
    assert queries.find_person_by_number(session, " 2023010101 ") == li
    assert queries.phone_of(session, campus.li) == "10000000001"
    assert queries.masked_phone(session, campus.li) == "100****0001"
    assert [p.id for p in queries.find_people_by_phone(session, "+86 100-0000-0001")] == [campus.li]


def test_the_phone_is_not_readable_in_the_table(campus, session):
    stored = session.execute(text("SELECT phone FROM directory_people WHERE id = :id"), {"id": campus.li})
    assert b"10000000001" not in stored.scalar_one()


def test_search_goes_by_the_beginning_of_names_and_numbers(campus, session):
    assert [p.id for p in queries.search_people(session, "陈")] == [campus.chen]
    assert {p.id for p in queries.search_people(session, "20230101")} == {campus.li, campus.chen}
    assert [p.id for p in queries.search_people(session, "w0001")] == [campus.wang]
    assert queries.search_people(session, "%") == []
    assert queries.search_people(session, "  ") == []


def test_people_come_in_one_go_and_unknown_ids_are_absent(campus, session):
    found = queries.people(session, [campus.li, campus.wang, 999_999_999])
    assert set(found) == {campus.li, campus.wang}
    with pytest.raises(PersonNotFound):
        queries.person(session, 999_999_999)


def test_a_number_belongs_to_one_person(campus, session):
    with pytest.raises(NumberTaken):
        service.add_person(session, by=None, name="别人", number="2023010101")
    with pytest.raises(NumberTaken):
        service.update_person(session, by=None, person_id=campus.chen, number="2023010101")


def test_a_name_is_corrected_but_never_emptied(campus, session):
    service.update_person(session, by=None, person_id=campus.li, name="李一明", name_en="Li Yiming")
    assert queries.person(session, campus.li).name == "李一明"
    with pytest.raises(NameMissing):
        service.update_person(session, by=None, person_id=campus.li, name=" ")


def test_every_change_is_in_the_record_without_its_value(campus, session):
    service.update_person(session, by=None, person_id=campus.li, phone="10000009999")
    newest = audit.entries_about(session, "person", campus.li)[0]
    assert (newest.action, newest.fields) == ("directory.person_updated", ["phone"])
    assert "10000009999" not in str(newest)


def test_several_affiliations_at_once_and_one_after_the_other(campus, session):
    service.add_affiliation(
        session, by=None, person_id=campus.li, kind="staff", org_unit_id=campus.team_urgent
    )
    assert queries.person(session, campus.li).kinds == {"student", "staff"}
    with pytest.raises(AlreadyAffiliated):
        service.add_affiliation(
            session, by=None, person_id=campus.li, kind="staff", org_unit_id=campus.team_urgent
        )


def test_an_affiliation_ends_on_its_day(campus, session):
    last = clock.today() + timedelta(days=2)
    person_id = service.add_person(session, by=None, name="短期工")
    service.add_affiliation(
        session,
        by=None,
        person_id=person_id,
        kind="contractor",
        org_unit_id=campus.team_east,
        starts_on=date(2026, 1, 1),
        ends_on=last,
    )
    clock.advance(timedelta(days=1))
    assert person_id in [p.id for p in queries.team_members(session, campus.team_east)]
    clock.advance(timedelta(days=1))
    assert person_id not in [p.id for p in queries.team_members(session, campus.team_east)]


def test_a_leaver_stays_known_but_belongs_nowhere(campus, session):
    service.leave(session, by=None, person_id=campus.li)
    li = queries.person(session, campus.li)
    assert (li.name, li.kinds, li.is_active, li.is_visitor) == ("李一鸣", frozenset(), False, False)
    assert queries.room_of(session, campus.li) is None
    assert queries.room_of(session, campus.li, on=clock.today() - timedelta(days=1)) is not None
