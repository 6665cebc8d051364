"""Directory: a visitor turns out to be somebody."""

import pytest

from app.kit import db
from app.platform.directory import queries, service
from app.platform.directory.errors import NotAVisitor, PersonNotFound


@pytest.fixture
def session(campus):
    with db.unit_of_work() as opened:
        yield opened


def test_it_works(campus, session):
    visitor = service.create_visitor(session)
    assert queries.person(session, visitor).is_visitor
    service.merge_people(session, by=None, visitor_id=visitor, into_id=campus.li)
    assert queries.person(session, visitor) == queries.person(session, campus.li)
    assert set(queries.people(session, [visitor, campus.li])) == {visitor, campus.li}


def test_a_merged_visitor_follows_a_second_merge(campus, session):
    first, second = service.create_visitor(session), service.create_visitor(session)
    service.merge_people(session, by=None, visitor_id=first, into_id=second)
    service.merge_people(session, by=None, visitor_id=second, into_id=campus.li)
    assert queries.person(session, first).id == campus.li


def test_only_visitors_are_merged(campus, session):
    with pytest.raises(NotAVisitor):
        service.merge_people(session, by=None, visitor_id=campus.chen, into_id=campus.li)


def test_nobody_is_merged_twice_or_into_oneself_or_into_a_merged_one(campus, session):
    visitor, other = service.create_visitor(session), service.create_visitor(session)
    with pytest.raises(PersonNotFound):
        service.merge_people(session, by=None, visitor_id=visitor, into_id=visitor)
    service.merge_people(session, by=None, visitor_id=visitor, into_id=campus.li)
    with pytest.raises(NotAVisitor):
        service.merge_people(session, by=None, visitor_id=visitor, into_id=campus.chen)
    with pytest.raises(PersonNotFound):
        service.merge_people(session, by=None, visitor_id=other, into_id=visitor)


def test_visitors_are_not_found_by_search(campus, session):
    service.create_visitor(session)
    assert all(person.name for person in queries.search_people(session, "李"))
