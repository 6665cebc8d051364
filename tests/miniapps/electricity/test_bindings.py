"""Bindings: one's own room by the roster, others by consent, and what ends with the stay."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.kit.errors import DomainError
from app.miniapps.electricity import service
from app.miniapps.electricity.models import BindingStatus
from app.miniapps.electricity.queries import desk, home
from app.platform.directory import service as directory
from tests.make import add_member
from tests.miniapps.electricity.conftest import leave


def rooms_of(caller):
    with db.unit_of_work() as session:
        return [(row.status, place.room_number) for row, place in home.bindings_of(session, caller.person_id)]


def end_stays():
    with db.unit_of_work() as session:
        assert service.end_stays(session) == 0


def refusal(work, *args, **given):
    with pytest.raises(DomainError) as refused:
        work(*args, **given)
    return refused.value.code


def test_it_works(dorm):
    dorm.bind()
    assert rooms_of(dorm.li) == [("live", "512")]
    assert dorm.bind() == dorm.bind()


def test_who_is_not_on_the_roster_has_no_own_room(dorm):
    assert refusal(dorm.bind, dorm.chen) == "electricity.room_not_served"


def test_a_room_without_a_meter_is_refused(dorm):
    assert refusal(dorm.ask, dorm.chen, dorm.ids.room_201) == "electricity.room_not_served"


def test_a_roommate_lets_somebody_in(dorm):
    dorm.bind()
    asked = dorm.ask(dorm.chen)
    assert rooms_of(dorm.chen) == [("requested", "512")]
    with db.unit_of_work() as session:
        ((row, _, who),) = home.requests_to_decide(session, dorm.li.person_id)
    assert (row.public_id, who) == (asked, "陈晓雨")
    dorm.decide(dorm.li, asked)
    assert rooms_of(dorm.chen) == [("live", "512")]
    assert refusal(dorm.decide, dorm.li, asked) == "electricity.request_gone"


def test_the_dorm_manager_lets_somebody_in(dorm):
    asked = dorm.ask(dorm.chen)
    with db.unit_of_work() as session:
        assert desk.waiting_requests(session, dorm.manager) == 1
        assert desk.waiting_requests(session, dorm.clerk) == 0
    dorm.decide(dorm.manager, asked)
    assert rooms_of(dorm.chen) == [("live", "512")]


@pytest.mark.parametrize("who", ["li", "zhou", "clerk", "chen"])
def test_nobody_else_can_consent_or_learn_of_the_request(dorm, who):
    asked = dorm.ask(dorm.chen)
    assert refusal(dorm.decide, getattr(dorm, who), asked) == "electricity.binding_not_found"


def test_without_consent_nothing_is_seen(dorm):
    asked = dorm.ask(dorm.chen)
    assert refusal(dorm.view, dorm.chen, asked) == "electricity.binding_not_found"
    assert refusal(dorm.view, dorm.chen, dorm.bind()) == "electricity.binding_not_found"


def test_asking_says_nothing_about_who_lives_there(dorm):
    """An empty room and one with roommates answer alike."""
    dorm.bind()
    dorm.ask(dorm.chen, dorm.ids.room_101)
    dorm.ask(dorm.chen, dorm.ids.room_512)
    assert rooms_of(dorm.chen) == [("requested", "101"), ("requested", "512")]


def test_a_refused_request_can_be_made_again(dorm):
    dorm.bind()
    dorm.decide(dorm.li, dorm.ask(dorm.chen), accepts=False)
    assert rooms_of(dorm.chen) == []
    dorm.ask(dorm.chen)


def test_the_college_of_who_asks_may_confirm_it(dorm):
    with db.unit_of_work() as session:
        system = service.save_system(session, key="isims", rules=service.SystemRules("东区"))
        service.serve_building(session, system_id=system, building_id=dorm.ids.building_3, policy="unit")
        physics, law = (
            directory.add_org_unit(session, by=None, code=code, name=code, kind="college")
            for code in ("PHYSICS", "LAW")
        )
        klass = directory.add_org_unit(
            session, by=None, code="P1", name="物理 1 班", kind="class", parent_id=physics
        )
        new = add_member(session, "吴新", "2023010109", "student", klass)
    dorm.bind()
    asked = dorm.ask(Caller(new, surface="phone"))
    clerks = {
        unit: Caller(dorm.ids.zhao, (Grant("electricity.consent", "unit", unit),), "desk")
        for unit in (physics, law)
    }
    assert refusal(dorm.decide, dorm.li, asked) == "electricity.binding_not_found", "no roommate here"
    assert refusal(dorm.decide, clerks[law], asked) == "electricity.binding_not_found"
    with db.unit_of_work() as session:
        assert [desk.waiting_requests(session, clerk) for clerk in clerks.values()] == [1, 0]
    dorm.decide(clerks[physics], asked)
    assert rooms_of(Caller(new)) == [("live", "512")]


def test_a_building_by_the_roster_takes_no_requests(dorm):
    with db.unit_of_work() as session:
        system = service.save_system(session, key="isims", rules=service.SystemRules("东区"))
        service.serve_building(session, system_id=system, building_id=dorm.ids.building_3, policy="roster")
    assert refusal(dorm.ask, dorm.chen) == "electricity.not_on_roster"


def test_a_request_that_nobody_answers_ends_after_a_week(dorm):
    dorm.ask(dorm.chen)
    clock.advance(timedelta(days=8))
    end_stays()
    assert rooms_of(dorm.chen) == []


def test_who_moves_out_loses_the_room_and_with_it_whom_they_let_in(dorm):
    binding = dorm.bind()
    dorm.bind(dorm.zhou)
    dorm.decide(dorm.li, dorm.ask(dorm.chen))
    with db.unit_of_work() as session:
        directory.release_bed(session, by=None, person_id=dorm.li.person_id)
    end_stays()
    assert rooms_of(dorm.li) == rooms_of(dorm.chen) == []
    assert rooms_of(dorm.zhou) == [("live", "512")]
    assert refusal(dorm.view, dorm.li, binding) == "electricity.binding_not_found"


def test_whom_the_manager_let_in_stays_when_a_roommate_goes(dorm):
    dorm.bind()
    dorm.decide(dorm.manager, dorm.ask(dorm.chen))
    leave(dorm.li.person_id)
    end_stays()
    assert rooms_of(dorm.chen) == [("live", "512")]


def test_a_graduate_reads_for_ninety_days_and_sees_nothing_newer(dorm):
    binding = dorm.bind()
    dorm.refresh()
    known = dorm.view(dorm.li, binding).meters[0].kwh
    leave(dorm.li.person_id)
    end_stays()
    clock.advance(timedelta(days=2))
    dorm.keep_time()
    dorm.refresh()
    view = dorm.view(dorm.li, binding)
    assert view.binding.status == BindingStatus.ENDED
    assert view.meters[0].kwh == known and not view.is_due
    assert refusal(dorm.start, binding) == "electricity.binding_not_found"
    clock.advance(timedelta(days=89))
    assert refusal(dorm.view, dorm.li, binding) == "electricity.binding_not_found"


def test_who_moves_binds_the_new_room(dorm):
    dorm.bind()
    with db.unit_of_work() as session:
        directory.release_bed(session, by=None, person_id=dorm.li.person_id)
        bed = directory.add_bed(session, by=None, room_id=dorm.ids.room_101, code="1")
        directory.assign_bed(
            session, by=None, person_id=dorm.li.person_id, bed_id=bed, starts_on=clock.today()
        )
        service.end_stays(session, person_id=dorm.li.person_id)
    dorm.bind()
    assert rooms_of(dorm.li) == [("live", "101")]


def test_wishes_are_kept_within_reason(dorm):
    binding = dorm.bind()

    def wish(low):
        with db.unit_of_work() as session:
            service.set_wishes(
                session,
                by=dorm.li,
                binding_id=binding,
                low_kwh=Decimal(low),
                tells_low=False,
                tells_top_ups=False,
            )

    wish("25")
    assert dorm.view(dorm.li, binding).binding.low_kwh == 25
    assert refusal(wish, "0") == "electricity.threshold_invalid"


def test_a_visitor_who_turns_out_to_be_somebody_brings_the_room_along(dorm):
    dorm.decide(dorm.manager, dorm.ask(dorm.chen))
    with db.unit_of_work() as session:
        service.merge_person(session, from_id=dorm.chen.person_id, into_id=dorm.zhou.person_id)
    assert rooms_of(dorm.zhou) == [("live", "512")] and rooms_of(dorm.chen) == []


def test_two_bindings_of_one_room_become_one(dorm):
    dorm.bind(dorm.zhou)
    dorm.decide(dorm.manager, dorm.ask(dorm.chen))
    with db.unit_of_work() as session:
        for _ in range(2):
            service.merge_person(session, from_id=dorm.chen.person_id, into_id=dorm.zhou.person_id)
    assert rooms_of(dorm.zhou) == [("live", "512")]


def test_erasing_and_exporting(dorm):
    dorm.bind()
    with db.unit_of_work() as session:
        assert len(service.export_person(session, person_id=dorm.li.person_id)["rooms"]) == 1
        service.erase_person(session, by=None, person_id=dorm.li.person_id)
    assert rooms_of(dorm.li) == []
