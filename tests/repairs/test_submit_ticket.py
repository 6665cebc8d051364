"""submit_ticket: from a report to a number and a promise."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.kit import clock, db
from app.kit.errors import DomainError
from app.repairs import service
from app.repairs.models import Category, DoorCode, Ticket, TicketEvent
from app.repairs.service import PhoneCaller, Report


def count(table):
    with db.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_it_works(house):
    submitted = house.submit(detail="床头的灯一闪一闪")
    assert submitted.number.startswith("R2611-")
    ticket = house.ticket(submitted.public_id)
    assert ticket.place_text == "东校区 3号楼 512"
    assert ticket.category_name == "灯不亮"
    assert (ticket.unit_id, ticket.team_id) == (house.ids.unit, house.ids.team_east)
    assert ticket.reporter_id == house.li.person_id
    with db.unit_of_work() as session:
        lines = session.scalars(select(TicketEvent)).all()
        assert [(line.action, line.to_status, line.actor_role) for line in lines] == [
            ("submit", "submitted", "reporter")
        ]


def test_numbers_differ(house):
    numbers = {house.submit().number for _ in range(5)}
    assert len(numbers) == 5


@pytest.mark.parametrize(
    "words", ["插座漏电，手麻", "配电箱冒烟", "我们被困在电梯里", "smell of a gas leak", "There is smoke"]
)
def test_hazard_words_make_it_urgent(house, words):
    ticket = house.ticket(house.submit(detail=words).public_id)
    assert ticket.is_hazard
    assert ticket.priority == "urgent"
    assert ticket.resolve_due_at == clock.now() + timedelta(hours=12)


def test_a_denied_hazard_is_none(house):
    assert not house.ticket(house.submit(detail="没有漏电，只是灯不亮").public_id).is_hazard


def test_an_urgent_category_is_urgent_without_being_a_hazard(house):
    ticket = house.ticket(house.submit(category="wood.lock").public_id)
    assert (ticket.priority, ticket.is_hazard) == ("urgent", False)


def test_friday_evening_is_promised_on_the_work_calendar(house):
    clock.travel(datetime(2026, 11, 20, 9, 20, tzinfo=clock.UTC))  # Friday 17:20
    ticket = house.ticket(house.submit().public_id)
    assert f"{clock.local(ticket.response_due_at):%a %H:%M}" == "Mon 08:20"
    # 10 minutes on Friday, then 14 h 50 of the two next working days of 7 h 30 each
    assert f"{clock.local(ticket.resolve_due_at):%a %H:%M}" == "Tue 17:20"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"category": "no.such"}, "repairs.category_unknown"),
        ({"category": "electric"}, "repairs.category_unknown"),
        ({"room_id": 999999}, "repairs.place_unknown"),
        ({"photos": ("pho_" + "0" * 20,)}, "files."),
    ],
)
def test_bad_reports_are_refused_and_change_nothing(house, fields, code):
    with pytest.raises(DomainError) as refused:
        house.submit(**fields)
    assert refused.value.code.startswith(code)
    assert count(Ticket) == 0
    assert count(TicketEvent) == 0


def test_a_retired_category_falls_to_its_successor(house):
    with db.unit_of_work() as session:
        old = session.scalar(select(Category).where(Category.code == "electric.switch"))
        new = session.scalar(select(Category).where(Category.code == "electric.socket"))
        old.is_active, old.successor_id = False, new.id
    assert house.ticket(house.submit(category="electric.switch").public_id).category_name == "插座没电"


def test_a_visit_window_must_make_sense(house):
    now = clock.now()
    with pytest.raises(DomainError) as refused:
        house.submit(visit_from=now + timedelta(hours=3), visit_until=now + timedelta(hours=2))
    assert refused.value.code == "repairs.visit_window_invalid"


def test_the_most_specific_route_wins(house):
    with db.unit_of_work() as session:
        lock = session.scalar(select(Category.id).where(Category.code == "wood.lock"))
        service.add_route(session, unit_id=house.ids.unit, team_id=house.ids.team_urgent, category_id=lock)
    assert house.ticket(house.submit(category="wood.lock").public_id).team_id == house.ids.team_urgent
    assert house.ticket(house.submit().public_id).team_id == house.ids.team_east


def test_a_caller_is_found_by_number_or_noted_as_a_visitor(house):
    report = Report(category="electric.lamp", room_id=house.ids.room_101, channel="caller")
    with db.unit_of_work() as session:
        known = service.submit_for_caller(
            session, by=house.zhao, report=report, caller=PhoneCaller("10000000001", number="2023010101")
        )
        stranger = service.submit_for_caller(
            session, by=house.zhao, report=report, caller=PhoneCaller("10000000777", name="家长")
        )
        again = service.submit_for_caller(
            session, by=house.zhao, report=report, caller=PhoneCaller("10000000777")
        )
    assert house.ticket(known.public_id).reporter_id == house.ids.li
    visitor = house.ticket(stranger.public_id).reporter_id
    assert visitor not in (house.ids.li, house.ids.zhao)
    assert house.ticket(again.public_id).reporter_id == visitor


def test_every_room_of_a_building_gets_one_code_once(house):
    with db.unit_of_work() as session:
        assert service.issue_door_codes(session, by=house.zhao, building_id=house.ids.building_3) == 2
        assert service.issue_door_codes(session, by=house.zhao, building_id=house.ids.building_3) == 0
    assert count(DoorCode) == 2
