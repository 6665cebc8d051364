"""Readings: fresh for a minute, old ones marked, nothing made up, one asker at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from app.kit import clock, db
from app.miniapps.electricity import service
from app.miniapps.electricity.flows import reading, sweeping
from app.miniapps.electricity.queries import desk
from app.miniapps.electricity.service import readings
from tests.vendors import HANG


def value(kwh, *, code="E035121", kind="light", fen=None, **given):
    values = {
        "name": "照明用电",
        "subsidy_kwh": None,
        "is_powered": True,
        "as_of": None,
        "fetched_at": clock.now(),
    } | given
    return service.MeterValue(
        code=code, kind=kind, kwh=None if kwh is None else Decimal(kwh), fen=fen, **values
    )


def note(dorm, *values):
    with db.unit_of_work() as session:
        service.note_readings(session, room_id=dorm.room("E03512").id, values=values)


def test_it_works(dorm):
    binding = dorm.bind()
    assert dorm.refresh() == reading.Answer.FRESH
    light, air, water = dorm.view(dorm.li, binding).meters
    assert [meter.name for meter in (light, air, water)] == ["照明用电", "空调用电", "热水"]
    assert light.kwh is not None and light.subsidy_kwh is not None and light.is_powered is True
    assert light.per_day and light.days_left is not None
    assert light.left == light.kwh + light.subsidy_kwh
    assert water.per_day is None and not water.is_electric


def test_within_a_minute_the_vendor_is_asked_once(dorm):
    dorm.refresh()
    calls = dorm.vendors.calls("meters")["reading"]
    assert dorm.refresh() == reading.Answer.FRESH
    assert dorm.vendors.calls("meters")["reading"] == calls
    clock.advance(timedelta(seconds=61))
    dorm.refresh()
    assert dorm.vendors.calls("meters")["reading"] == calls + 1


def test_many_at_once_ask_once(dorm):
    before = dorm.vendors.calls("meters").get("reading", 0)
    room_id = dorm.room("E03512").id
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: reading.refresh(room_id, clients=dorm.clients), range(8)))
    assert reading.Answer.AWAY not in answers
    asked = dorm.vendors.calls("meters")["reading"] - before
    assert asked <= 1 + 2  # the balance, and one more for the list of uses of each electric meter


def test_a_vendor_that_is_away_leaves_the_last_known_value(dorm):
    binding = dorm.bind()
    dorm.refresh()
    known = dorm.view(dorm.li, binding).meters[0]
    clock.advance(timedelta(minutes=20))
    dorm.vendors.fault("meters", "http502_html", times=None)
    assert dorm.refresh() == reading.Answer.AWAY
    view = dorm.view(dorm.li, binding)
    assert view.problem == "away" and view.meters[0].kwh == known.kwh and view.meters[0].is_stale
    dorm.vendors.post("/_sim/meters/reset")
    assert dorm.refresh() == reading.Answer.FRESH
    assert dorm.view(dorm.li, binding).problem is None


def test_a_silent_vendor_keeps_few_threads(dorm):
    dorm.app.extensions["clients"].meters["isims"] = dorm.vendors.meters(
        "isims", line={"read_seconds": 0.45, "calls_per_second": 1000.0}
    )
    dorm.vendors.fault("meters", "timeout_before", times=None, delay=HANG)
    ids = [dorm.room(key).id for key in ("E03512", "E03101", "E03511", "E03510")]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda room: reading.refresh(room, clients=dorm.clients), ids))
    assert sorted(answers) == ["away", "away", "busy", "busy"]


def test_what_nobody_told_is_not_zero(dorm):
    binding = dorm.bind()
    note(dorm, value(None))
    (meter,) = dorm.view(dorm.li, binding).meters
    assert meter.kwh is meter.fen is meter.left is meter.days_left is None
    assert not meter.is_known


def test_an_unreadable_answer_is_noted_and_no_value_lost(dorm):
    binding = dorm.bind()
    dorm.refresh()
    clock.advance(timedelta(minutes=2))
    dorm.vendors.fault("meters", "http200_html", times=None)
    assert dorm.refresh() == reading.Answer.UNREADABLE
    view = dorm.view(dorm.li, binding)
    assert view.problem == "unreadable" and view.meters[0].kwh is not None


def test_money_is_turned_into_kwh_only_for_the_days_left(dorm):
    binding = dorm.bind()
    note(dorm, value(None, fen=5483))
    (meter,) = dorm.view(dorm.li, binding).meters
    assert (meter.kwh, meter.fen, meter.left) == (None, 5483, Decimal("100.00"))


def test_use_is_worked_out_from_readings_and_a_rise_is_no_use(dorm):
    binding = dorm.bind()
    note(dorm, value("50"))
    clock.advance(timedelta(days=2))
    note(dorm, value("40"))
    clock.advance(timedelta(hours=1))
    note(dorm, value("90"))
    clock.advance(timedelta(days=1))
    note(dorm, value("87"))
    clock.advance(timedelta(days=1))
    (meter,) = dorm.view(dorm.li, binding).meters
    assert [kwh for _, kwh in meter.uses][-3:] == [Decimal(5), Decimal(5), Decimal(3)]
    assert meter.per_day == Decimal("4.33")


def test_what_the_vendor_tells_replaces_what_was_worked_out(dorm):
    binding = dorm.bind()
    note(dorm, value("50"))
    clock.advance(timedelta(days=1))
    note(dorm, value("45"))
    with db.unit_of_work() as session:
        uses = [(clock.today(), Decimal("4.2"))]
        readings.note_uses(session, room_id=dorm.room("E03512").id, code="E035121", uses=uses)
    note(dorm, value("40"))
    clock.advance(timedelta(days=1))
    (meter,) = dorm.view(dorm.li, binding).meters
    assert meter.uses[-1][1] == Decimal("4.2")


def test_the_sweep_reads_bound_rooms_oldest_first_and_comes_to_an_end(dorm):
    dorm.bind()
    assert sweeping.sweep(clients=dorm.clients) == 1
    assert sweeping.sweep(clients=dorm.clients) == 0
    clock.advance(timedelta(hours=13))
    assert sweeping.sweep(clients=dorm.clients) == 1


def test_the_sweep_stops_at_a_vendor_that_is_away(dorm):
    dorm.bind()
    dorm.vendors.fault("meters", "http500_before", times=None)
    assert sweeping.sweep(clients=dorm.clients) == 0
    with db.unit_of_work() as session:
        (system,) = desk.systems(session)
    assert system.system.failures == 1 and system.unread == 1


@pytest.mark.parametrize(("left", "told"), [("9", 1), ("11", 0)])
def test_a_low_balance_is_told_once(dorm, left, told):
    dorm.bind()
    for _ in range(3):
        note(dorm, value(left))
    assert len(messages(dorm.ids.li, "electricity.low")) == told


def test_a_low_balance_is_told_again_only_after_it_recovered(dorm):
    dorm.bind()
    for kwh, hours in (("9", 25), ("8", 25), ("12", 1), ("9", 25), ("60", 1), ("9", 1)):
        note(dorm, value(kwh))
        clock.advance(timedelta(hours=hours))
    assert len(messages(dorm.ids.li, "electricity.low")) == 2


def test_an_unknown_balance_is_not_low(dorm):
    dorm.bind()
    note(dorm, value(None))
    assert messages(dorm.ids.li, "electricity.low") == []


def messages(person_id, kind):
    with db.unit_of_work() as session:
        return session.execute(
            text("SELECT * FROM notifications_messages WHERE person_id = :p AND kind = :k"),
            {"p": person_id, "k": kind},
        ).all()
