"""Top-ups: limits before money, money once, the room credited once, and the way of it told."""

import dataclasses
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.serving import make_server

from app.clients.opening import open_wxpay
from app.kit import clock, db
from app.kit.errors import DomainError
from app.miniapps.electricity import service
from app.miniapps.electricity.flows import opening
from app.miniapps.electricity.models import Purchase
from app.miniapps.electricity.queries import desk, home, rooms, top_ups
from app.miniapps.electricity.service import readings
from app.payments.flows import fulfilling, paying, refunding
from app.payments.service import expire_orders
from sandbox.config import DEFAULT_APPID
from sandbox.server import Quiet
from sandbox.wxpay.keys import MERCHANTS, load_or_make
from tests import visit
from tests.miniapps.electricity.conftest import Dorm
from tests.payments.conftest import OPENID, add_fee_item


@dataclasses.dataclass
class Till:
    """A dormitory whose students can pay by WeChat."""

    dorm: Dorm

    def pay(self, started: Any) -> None:
        """At the cashier and in WeChat, until the notice is answered."""
        order = self.order(started)
        paying.start_payment(
            order.id,
            payer_id=order.owner_id,
            payer_account=OPENID,
            channel="wechat",
            trade_type="JSAPI",
            clients=self.dorm.clients,
        )
        number = _one(
            "SELECT number FROM payments_attempts WHERE order_id = :id ORDER BY id DESC", id=order.id
        )
        self.dorm.vendors.post("/_sim/wxpay/pay", {"order_no": number.number, "wait": True})

    def topped_up(self, binding: str, fen: int = 2_000) -> Any:
        started = self.dorm.start(binding, fen)
        self.pay(started)
        self.dorm.deliver()
        return started

    def order(self, started: Any) -> Any:
        return _one("SELECT * FROM payments_orders WHERE public_id = :id", id=started.url.rsplit("/", 1)[1])

    def credits(self, started: Any) -> list[dict[str, Any]]:
        number = _one(
            "SELECT number FROM payments_fulfilments WHERE order_id = :id", id=self.order(started).id
        )
        return self.dorm.vendors.credits(number.number)

    def settle(self, times: int = 12, minutes: float = 2) -> None:
        for _ in range(times):
            self.dorm.pass_time(minutes=minutes)
            self.dorm.deliver()
            refunding.refund_due(clients=self.dorm.clients)
        self.dorm.deliver()


def _one(statement: str, **given: Any) -> Any:
    with db.unit_of_work() as session:
        return session.execute(text(statement), given).first()


@pytest.fixture
def till(dorm: Dorm, app: Flask) -> Iterator[Till]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    keys, base = load_or_make(dorm.vendors.data_dir), dorm.vendors.base
    told = {
        mchid: {**keys.environment(mchid), "api_base": base, "appid": DEFAULT_APPID} for mchid in MERCHANTS
    }
    app.extensions["clients"] = dataclasses.replace(
        app.extensions["clients"],
        base_url=f"http://127.0.0.1:{server.server_port}",
        wxpay=open_wxpay({"wxpay": told}, DEFAULT_APPID),
    )
    fulfilling.configure(app.extensions["registry"])
    add_fee_item(service_key="electricity")
    yield Till(dorm)
    server.shutdown()
    server.server_close()


def refusal(work: Any, *args: Any, **given: Any) -> str:
    with pytest.raises(DomainError) as refused:
        work(*args, **given)
    return refused.value.code


def view(till: Till, started: Any, by: Any = None) -> Any:
    with db.unit_of_work() as session:
        who = by or till.dorm.li
        return top_ups.top_up_for(session, who.person_id, started.top_up_id)


def told(person_id: int) -> list[str]:
    with db.unit_of_work() as session:
        stmt = text("SELECT kind FROM notifications_messages WHERE person_id = :p ORDER BY id")
        return [row.kind for row in session.execute(stmt, {"p": person_id})]


@pytest.fixture
def binding(till: Till) -> str:
    made = till.dorm.bind()
    till.dorm.refresh()
    return made


def test_it_works(till, binding):
    dorm = till.dorm
    before = dorm.view(dorm.li, binding).meters[0].fen
    started = till.topped_up(binding)
    assert [(row["room"], row["fen"]) for row in till.credits(started)] == [("E03512", 2_000)]
    seen = view(till, started)
    assert seen.top_up.status == "applied" and seen.order.delivery == "applied"
    assert dorm.refresh() == "fresh"
    assert dorm.view(dorm.li, binding).meters[0].fen >= before + 1_900


def test_the_payer_and_the_roommates_are_told(till, binding):
    till.dorm.bind(till.dorm.zhou)
    till.topped_up(binding)
    till.dorm.deliver()
    assert told(till.dorm.li.person_id) == ["electricity.applied"]
    assert told(till.dorm.zhou.person_id) == ["electricity.roommate_topped_up"]


def test_what_was_bought_at_a_counter_is_in_the_history_and_ours_not_twice(till, binding):
    dorm = till.dorm
    till.topped_up(binding)
    today = clock.today()
    meter = dorm.meter("E035121")
    dorm.pass_time(hours=7)
    dorm.refresh()
    room_id, since = meter.room_id, clock.now() - timedelta(days=1)
    with db.unit_of_work() as session:
        listed = session.scalars(
            select(Purchase.kind).where(Purchase.meter_id == meter.id, Purchase.day == today)
        )
        assert list(listed) == ["微信充值"], "the vendor lists ours"
        assert top_ups.bought_elsewhere(session, room_id=room_id, since=since) == []
        told = [(today, 2_000, "微信充值"), (today, 2_000, "窗口充值"), (today, 3_000, "自助机")]
        readings.note_purchases(session, room_id=room_id, code="E035121", since=today, told=told)
        readings.note_purchases(session, room_id=room_id, code="E035121", since=today, told=told)
        found = top_ups.bought_elsewhere(session, room_id=room_id, since=since)
    assert sorted(row.fen for row in found) == [2_000, 3_000], "told twice it is there once"
    page = visit.phone(dorm.app, dorm.ids.li).get(f"/m/electricity/history?room={binding}").text
    assert "在窗口或自助机充的" in page and "自助机" in page


def test_a_stay_shows_no_purchases_from_before_it(till, binding):
    meter = till.dorm.meter("E035121")
    long_ago = clock.today() - timedelta(days=20)
    with db.unit_of_work() as session:
        told = [(long_ago, 3_000, "窗口充值")]
        readings.note_purchases(session, room_id=meter.room_id, code=meter.code, since=long_ago, told=told)
    page = visit.phone(till.dorm.app, till.dorm.ids.li).get(f"/m/electricity/history?room={binding}").text
    assert "在窗口或自助机充的" not in page


def test_at_night_the_payer_is_told_at_once_and_the_roommate_sleeps(till, binding):
    dorm = till.dorm
    dorm.bind(dorm.zhou)
    tonight = clock.start_of_day(clock.today()) + timedelta(days=1, hours=22, minutes=30)
    dorm.pass_time(seconds=(tonight - clock.now()).total_seconds())
    till.topped_up(binding)
    dorm.deliver(2)
    assert pushes("electricity.applied") == ["started"]
    assert pushes("electricity.roommate_topped_up") == ["queued"]


def pushes(kind: str) -> list[str]:
    with db.unit_of_work() as session:
        stmt = text("SELECT push FROM notifications_messages WHERE kind = :k")
        return [row.push for row in session.execute(stmt, {"k": kind})]


def test_the_limits_hold_before_any_money(till, binding):
    dorm = till.dorm
    for fen in (0, 50, 150, 20_100, -100):
        assert refusal(dorm.start, binding, fen) == "electricity.amount_out_of_range"
    assert refusal(dorm.start, binding, 1_000, meter="E035111") == "electricity.meter_unknown"
    assert refusal(dorm.start, binding, by=dorm.chen) == "electricity.binding_not_found"
    assert _one("SELECT count(*) AS n FROM payments_orders").n == 0


def test_a_day_has_a_limit_per_person(till, binding):
    dorm = till.dorm
    for _ in range(2):
        till.pay(dorm.start(binding, 20_000))
        dorm.deliver()
    assert refusal(dorm.start, binding, 20_000) == "electricity.day_limit_reached"
    dorm.start(binding, 10_000)
    clock.advance(timedelta(days=1))
    dorm.start(binding, 20_000)


def test_the_same_amount_again_is_the_same_order_and_another_closes_it(till, binding):
    first, same = till.dorm.start(binding), till.dorm.start(binding)
    assert first == same
    other = till.dorm.start(binding, 5_000)
    assert other.top_up_id != first.top_up_id
    till.dorm.deliver()
    assert till.dorm.top_up(first.top_up_id).status == "closed"
    assert till.order(first).status == "closed"


def test_an_unpaid_order_that_expires_closes_the_top_up(till, binding):
    started = till.dorm.start(binding)
    clock.advance(timedelta(minutes=31))
    with db.unit_of_work() as session:
        expire_orders(session)
    till.dorm.deliver()
    assert till.dorm.top_up(started.top_up_id).status == "closed"


def test_a_vendor_that_is_away_takes_no_money(till, binding):
    dorm = till.dorm
    clock.advance(timedelta(minutes=2))
    dorm.vendors.fault("meters", "http502_html", times=None)
    with db.unit_of_work() as session:
        room = rooms.facts(session, dorm.room("E03512").id)
    assert refusal(opening.check_open, room, clients=dorm.clients) == "electricity.vendor_away"


def test_outside_service_hours_no_money_is_taken(till, binding):
    dorm = till.dorm
    hours = {"rules": {"service_hours": "06:00-08:30"}}
    dorm.clients.meters["isims"] = dorm.vendors.meters("isims", **hours)
    with db.unit_of_work() as session:
        room = rooms.facts(session, dorm.room("E03512").id)
    assert refusal(opening.check_open, room, clients=dorm.clients) == "electricity.out_of_hours"


@pytest.mark.parametrize(
    "fault", ["timeout_after", "http500_after", "empty_body_after", "truncated_json_after", "reset_after"]
)
def test_an_answer_that_is_lost_credits_once(till, binding, fault):
    dorm = till.dorm
    dorm.clients.meters["isims"] = dorm.vendors.meters("isims", line={"write_seconds": 0.4})
    dorm.vendors.fault("meters", fault, op="top_up", delay=0.8)
    started = till.topped_up(binding)
    till.settle(4)
    assert len(till.credits(started)) == 1
    assert dorm.top_up(started.top_up_id).status == "applied"


def test_late_apply_credits_once(till, binding):
    dorm = till.dorm
    dorm.clients.meters["isims"] = dorm.vendors.meters("isims", line={"write_seconds": 0.4})
    dorm.vendors.fault("meters", "late_apply", op="top_up", seconds=200)
    started = till.topped_up(binding)
    till.settle(10)
    assert len(till.credits(started)) == 1
    assert dorm.top_up(started.top_up_id).status == "applied"


def test_a_batch_is_accepted_first_and_applied_later(till, binding):
    dorm = till.dorm
    dorm.vendors.set("meters", delivery="batch")
    dorm.clients.meters["isims"] = dorm.vendors.meters("isims", delivery="batch")
    started = till.topped_up(binding)
    seen = view(till, started)
    assert seen.top_up.status == "accepted"
    assert seen.due_at == seen.top_up.accepted_at + timedelta(seconds=600)
    till.settle(6, minutes=40)
    assert dorm.top_up(started.top_up_id).status == "applied"


def test_a_refused_top_up_comes_back_once(till, binding):
    dorm = till.dorm
    dorm.vendors.post("/_sim/meters/room", {"system": "isims", "key": "E03512", "closed": True})
    started = till.topped_up(binding)
    assert dorm.top_up(started.top_up_id).status == "abandoned"
    till.settle(4)
    seen = view(till, started)
    assert seen.top_up.refunded_at is not None and len(seen.order.refunds) == 1
    assert told(dorm.li.person_id) == ["electricity.abandoned"]
    assert till.credits(started) == []


def test_money_in_the_wrong_room_is_for_a_person(till, binding):
    """The vendor's record is only read when the answer was lost; then it does not agree."""
    dorm = till.dorm
    dorm.clients.meters["isims"] = dorm.vendors.meters("isims", delivery="batch")
    dorm.vendors.fault("meters", "wrong_room", op="top_up")
    started = till.topped_up(binding)
    till.settle(6, minutes=40)
    assert view(till, started).order.delivery == "review"


def test_nobody_but_the_payer_sees_a_top_up(till, binding):
    started = till.topped_up(binding)
    till.dorm.bind(till.dorm.zhou)
    assert refusal(view, till, started, till.dorm.zhou) == "electricity.top_up_not_found"


def test_the_room_sees_top_ups_with_masked_names(till, binding):
    dorm = till.dorm
    dorm.bind(dorm.zhou)
    till.topped_up(binding)
    with db.unit_of_work() as session:
        room = home.binding_for(session, dorm.zhou.person_id, dorm.bind(dorm.zhou)).room_id
        since = datetime(2026, 1, 1, tzinfo=UTC)
        ((row, who),) = top_ups.of_room(session, room_id=room, me=dorm.zhou.person_id, since=since)
    assert (row.fen, who) == (2_000, "李**")


def open_case(till, started, kind="not_arrived", note="电表上没有增加", by=None):
    with db.unit_of_work() as session:
        return service.open_case(
            session, by=by or till.dorm.li, top_up_id=started.top_up_id, kind=kind, note=note
        )


def test_a_case_waits_for_the_settle_time_then_carries_the_evidence(till, binding):
    dorm = till.dorm
    started = till.topped_up(binding)
    assert refusal(open_case, till, started) == "electricity.case_too_early"
    clock.advance(timedelta(minutes=11))
    assert set(view(till, started).may_open) == {"not_arrived", "wrong_room"}
    case_id = open_case(till, started)
    assert refusal(open_case, till, started) == "electricity.case_open_already"
    with db.unit_of_work() as session:
        case = desk.case_view(session, case_id)
    evidence = case.case.evidence
    assert evidence["order"] == case.order.number and evidence["transactions"]
    assert any("send applied" in line for line in evidence["calls"])
    with db.unit_of_work() as session:
        service.take_case(session, by=dorm.clerk, case_id=case_id)
        service.answer_case(session, by=dorm.clerk, case_id=case_id, answer="电费系统已到账，请刷新。")
    dorm.deliver()
    assert "electricity.case_answered" in told(dorm.li.person_id)
    assert view(till, started).case.answer == "电费系统已到账，请刷新。"


def test_a_wrong_room_can_be_told_for_a_day(till, binding):
    started = till.topped_up(binding)
    clock.advance(timedelta(hours=25))
    assert refusal(open_case, till, started, "wrong_room") == "electricity.case_too_late"
    assert view(till, started).may_open == ("not_arrived",)


def test_a_case_about_anothers_or_an_unpaid_top_up_is_refused(till, binding):
    started = till.dorm.start(binding)
    assert refusal(open_case, till, started) == "electricity.case_impossible"
    assert refusal(open_case, till, started, by=till.dorm.chen) == "electricity.top_up_not_found"


def test_a_case_is_answered_by_one(till, binding):
    started = till.topped_up(binding)
    case_id = open_case(till, started, "wrong_room", "应该充 101")
    for expected in ("", "electricity.case_moved_on"):
        with db.unit_of_work() as session:
            if expected:
                assert refusal(
                    service.answer_case, session, by=till.dorm.clerk, case_id=case_id, answer="已核对"
                ) in (expected, "electricity.note_missing")
            else:
                service.answer_case(session, by=till.dorm.clerk, case_id=case_id, answer="已经核对过了")


def test_roommates_share_evenly_and_no_money_moves(till, binding):
    dorm = till.dorm
    dorm.bind(dorm.zhou)
    started = till.topped_up(binding, 2_100)
    orders = _one("SELECT count(*) AS n FROM payments_orders").n
    with db.unit_of_work() as session:
        assert service.share_top_up(session, by=dorm.li, top_up_id=started.top_up_id) == 1
        ((share, who),) = top_ups.my_shares(session, dorm.zhou.person_id)
    assert (share.fen, who) == (1_050, "李**")
    with db.unit_of_work() as session:
        service.settle_share(session, by=dorm.li, share_id=share.id)
        assert top_ups.my_shares(session, dorm.zhou.person_id) == []
    assert _one("SELECT count(*) AS n FROM payments_orders").n == orders


def test_volumes_count_what_arrived(till, binding):
    till.topped_up(binding)
    with db.unit_of_work() as session:
        assert [(v.count, v.fen) for v in desk.volumes(session)][-1] == (1, 2_000)
        (system,) = desk.systems(session)
    assert system.waiting == 0
