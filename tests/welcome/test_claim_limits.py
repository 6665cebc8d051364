"""Five tries an hour for a claim and for a person, a pause for a busy network, and alarms within 200 tries."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.kit import clock, db, outbox
from app.platform.identity import service as identity
from app.platform.notifications.models import Message
from app.welcome import service
from app.welcome.models import ClaimAlarm, ClaimTry
from app.welcome.service import Attempt, Gate, alarms, proofs, tries
from tests import visit
from tests.welcome.claiming import given, handset, typed

LATE = timedelta(minutes=1)


def attempt(number: str = "26430100000003", *, network: str = "n", ago: timedelta = LATE) -> Attempt:
    index = proofs.number_index("undergraduate", number)
    return Attempt("claim", index, network, clock.now() - ago)


def reserve(phone, one: Attempt):
    with db.unit_of_work() as session:
        return service.reserve_try(session, by=phone.caller, attempt=one)


def fail(phone, *, number: str = "26430100000003", network: str = "n"):
    """One try that does not succeed; what came of it."""
    gate = reserve(phone, attempt(number, network=network))
    if isinstance(gate, Gate):
        return gate
    with db.unit_of_work() as session:
        wrong = given(number=number, letter="L0")
        return service.claim(session, by=phone.caller, given=wrong, network=network)


def looked_at() -> int:
    with db.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(ClaimTry).where(~ClaimTry.is_refused))


def open_alarms() -> list[str]:
    with db.unit_of_work() as session:
        return list(session.scalars(select(ClaimAlarm.kind).order_by(ClaimAlarm.id)))


def test_it_works(app, intake):
    phone = handset(app)
    answers = [phone.claim(letter="L0").status_code for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2
    clock.advance(timedelta(hours=1, seconds=1))
    assert handset(app).claim().status_code == 200


@pytest.mark.parametrize("number", ["26430100000003", "26430100000008"])
def test_a_claim_bears_five_tries_an_hour_by_whomever_and_whether_it_is_there_or_not(app, intake, number):
    answers = []
    for place in range(8):
        phone = handset(app, f"o-{place}")
        answers.append(phone.claim(number=number, letter="L0").status_code)
    assert answers == [422] * 5 + [429] * 3
    assert looked_at() == 5


def test_the_right_person_waits_like_everybody(app, intake):
    for place in range(5):
        handset(app, f"o-{place}").claim(letter="L0")
    assert handset(app).claim().status_code == 429


def test_tries_at_the_same_instant_count_one_after_the_other(app, intake):
    phones = [handset(app, f"o-{place}") for place in range(12)]
    gates, start = [], threading.Barrier(len(phones[:6]))

    def go(phone):
        start.wait()
        gates.append(reserve(phone, attempt()))

    for part in (phones[:6], phones[6:]):
        threads = [threading.Thread(target=go, args=(phone,)) for phone in part]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    assert sum(isinstance(gate, int) for gate in gates) == 5
    assert gates.count(Gate.LIMIT) == 7


def test_asking_for_codes_counts_too(app, intake):
    phone = handset(app)
    answers = [phone.claim(way="phone", step="code").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_a_hall_of_freshmen_is_slowed_and_never_locked_out(app, intake):
    """From one address: after forty failures a form must have been open for ten seconds, and that is all."""
    for place in range(tries.BUSY_NETWORK):
        fail(handset(app, f"o-{place}"), number=f"264301999{place:05d}", network="hall")
    newcomer = handset(app, "o-newcomer")
    assert reserve(newcomer, attempt(network="hall", ago=timedelta(seconds=3))) is Gate.TOO_FAST
    assert isinstance(reserve(newcomer, attempt(network="hall", ago=timedelta(seconds=10))), int)
    assert isinstance(reserve(handset(app, "o-home"), attempt(network="home", ago=timedelta())), int)


def test_the_moment_a_form_was_opened_can_not_be_made_up(app, intake):
    network = service_network()
    for place in range(tries.BUSY_NETWORK):
        fail(handset(app, f"o-{place}"), number=f"264301999{place:05d}", network=network)
    phone = handset(app)
    page = phone.client.get("/m/welcome/claim/").text
    opened = page.partition('name="opened" value="')[2].partition('"')[0]
    assert phone.claim(opened=opened).status_code == 422
    old = int((clock.now() - LATE).timestamp())
    assert phone.claim(opened=f"{old}.{'0' * 32}").status_code == 422
    clock.advance(timedelta(seconds=11))
    assert phone.claim(opened=opened).status_code == 200


def service_network() -> str:
    """What the door makes of the address that all test clients have."""
    from app.kit import crypto  # noqa: PLC0415

    return crypto.blind_index("127.0.0.1", "network")


def test_one_wechat_trips_the_alarm_with_ten(app, intake):
    phone = handset(app)
    for place in range(10):
        fail(phone, number=f"264301999{place:05d}")
    assert open_alarms() == ["person"]
    assert looked_at() == 5, "what is over the limit is counted, and not looked at"


def test_many_wechats_of_one_network_trip_the_alarm(app, intake):
    for place in range(alarms.OF_NETWORK):
        fail(handset(app, f"o-{place}"), number=f"264301999{place:05d}", network="flat")
    assert open_alarms() == ["network"]


def test_many_wechats_of_many_networks_trip_the_alarm_within_two_hundred(app, intake):
    """The attacker of the rush: a new WeChat and a new address every five tries, a new claim each time."""
    tripped_at = None
    for place in range(200):
        phone = handset(app, f"o-{place // 5}")
        fail(phone, number=f"264301999{place:05d}", network=f"n-{place // 5}")
        if open_alarms():
            tripped_at = place + 1
            break
    assert tripped_at == alarms.OF_ALL


def test_the_morning_of_the_opening_is_no_attack(app, intake):
    """As many who succeed as fail, from one hall: nothing rings."""
    with db.unit_of_work() as session:
        person_id = handset(app, "o-crowd").caller.person_id
        rows = [
            {
                "kind": "claim",
                "number_index": f"{place:032d}",
                "person_id": person_id,
                "network": "hall",
                "tried_at": clock.now(),
                "succeeded": True,
                "is_refused": False,
            }
            for place in range(400)
        ]
        session.execute(ClaimTry.__table__.insert(), rows)
    for place in range(160):
        fail(handset(app, f"o-{place}"), number=f"264301999{place:05d}", network="hall")
    assert open_alarms() == []


def test_the_alarm_reaches_administrators_once_and_is_closed_by_one(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.administrator")
    phone = handset(app)
    for place in range(14):
        fail(phone, number=f"264301999{place:05d}")
    with app.app_context():
        outbox.drain(clients=app.extensions["clients"], seconds=20)
    with db.unit_of_work() as session:
        told = session.scalars(select(Message.text).where(Message.kind == "welcome.claims_attacked")).all()
        alarm = session.scalars(select(ClaimAlarm)).one()
        assert (len(told), alarm.tries) == (1, 14)
    zheng = visit.desk(app, intake.campus.zheng)
    page = zheng.get("/desk/welcome/claims/")
    assert page.status_code == 200 and "同一个微信" in page.text
    headers = visit.csrf(zheng, "desk")
    assert zheng.post(f"/desk/welcome/claims/{alarm.id}/close", headers=headers).status_code == 303
    assert zheng.post(f"/desk/welcome/claims/{alarm.id}/close", headers=headers).status_code == 409
    assert "已核查" in zheng.get("/desk/welcome/claims/?view=closed").text


def test_what_was_typed_before_the_success_counts_no_more(app, intake):
    phone = handset(app)
    phone.claim(letter="L0")
    assert phone.claim().status_code == 200
    with db.unit_of_work() as session:
        assert session.scalars(select(ClaimTry.succeeded)).all() == [True, True]
    assert typed()["letter"] == "L000003"
