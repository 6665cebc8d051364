"""The last days of money: top-ups paid and delivered by the sandbox, its bills, days reconciled and closed.

No machine is up yet when the seed runs, so the sandbox is opened here, on the books that it will keep, with its clock
moved like ours. Everything else is what people and schedules do. Yesterday's bills are left to the schedule.
"""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from sqlalchemy import select

from app.clients import Clients
from app.clients.opening import open_card_system, open_meter_systems, open_unipay, open_wxpay
from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.miniapps.electricity import service as electricity
from app.miniapps.electricity.flows import reading
from app.miniapps.electricity.models import TopUp
from app.miniapps.electricity.queries import home
from app.payments.flows import checking, closing, fetching, fulfilling, paying, reconciling
from app.payments.models import Channel
from app.payments.service import attempts
from app.platform.notifications import service as notifications
from dev.problem import Problem
from dev.seed.electricity import MERCHANTS, RESIDENTS
from dev.seed.postman import insist_on_delivery
from dev.seed.setup import SAMPLES, Say, person_id
from dev.vendors import vendors_of
from sandbox.app import create_app
from sandbox.cast import BY_NUMBER
from sandbox.config import from_env
from sandbox.server import Server

DAYS = 4
OPEN_DAY = 2
"""Days ago: the day that is left with differences to try."""
FEN = (5_000, 3_000, 10_000, 2_000)
FIRST_PAID, APART, BILLS_COME = time(11, 20), timedelta(minutes=47), time(10, 5)
STRANGER, BY_HAND = "TSGFY000000001", "SHOUGONG000001"


@dataclass
class Money:
    """The sandbox, and what our flows speak to it with."""

    server: Server
    clients: Clients
    told: dict[str, Any]

    def begin_day(self) -> None:
        """Tokens of the vendors' end by a clock that does not leap with ours: those of yesterday are left behind."""
        self.clients = dataclasses.replace(
            self.clients, card=open_card_system(self.told), meters=open_meter_systems(self.told)
        )

    def at(self, moment: datetime) -> None:
        """One clock in both worlds."""
        clock.travel(moment)
        self.tell("set", clock_offset=(moment - datetime.now(moment.tzinfo)).total_seconds())

    def tell(self, path: str, **given: Any) -> None:
        with requests.Session() as session:
            session.trust_env = False  # no proxy stands between us
            url = f"http://127.0.0.1:{self.server.port}/_sim/{path}"
            session.post(url, json=given, timeout=10).raise_for_status()

    @property
    def merchant(self) -> Any:
        return self.clients.wxpay[MERCHANTS["wechat"]]


def live_money(app: Flask, folder: Path, *, now: datetime, say: Say) -> None:
    """Into a database that has people and rooms. The books of an interrupted seed are thrown away."""
    today = clock.local(now).date()
    try:
        with notifications.already_sent(), _sandbox(app, folder) as money:
            for back in range(DAYS, 0, -1):
                _a_day(money, today - timedelta(days=back), is_open_day=back == OPEN_DAY)
                if back > 1:
                    _the_morning_after(money, today - timedelta(days=back), is_open_day=back == OPEN_DAY)
    finally:
        clock.travel(None)
    insist_on_delivery()
    say(f"{DAYS * len(RESIDENTS)} top-ups, {DAYS - 2} days closed")


@contextmanager
def _sandbox(app: Flask, folder: Path) -> Iterator[Money]:
    for name in ("sandbox.db", "sandbox.db-wal", "sandbox.db-shm"):
        (folder / name).unlink(missing_ok=True)
    made = create_app(from_env(data_dir=folder, samples_dir=SAMPLES, app_url=app.config["BASE_URL"]))
    server = Server(made, "127.0.0.1", 0).start()
    told = vendors_of(folder, f"http://127.0.0.1:{server.port}")
    clients = dataclasses.replace(
        app.extensions["clients"],
        wxpay=open_wxpay(told, app.config["WECHAT_APPID"]),
        unipay=open_unipay(told),
    )
    try:
        money = Money(server, clients, told)
        money.tell("wxpay/fault", name="notify.lost", times=None)  # we are not up yet
        yield money
        for path in ("wxpay/notices/drop", "wxpay/faults/clear"):
            money.tell(path)
        money.tell("set", clock_offset=None)
    finally:
        server.stop()


def _a_day(money: Money, day: date, *, is_open_day: bool) -> None:
    """Everybody tops up once; on the day that stays open others do things of which we know nothing."""
    money.begin_day()
    moment = datetime.combine(day, FIRST_PAID, clock.SHANGHAI)
    paid = []
    for place, (number, fen) in enumerate(zip(RESIDENTS, FEN, strict=True)):
        money.at(moment + place * APART)
        paid.append(_top_up(money, number, fen))
    if is_open_day:
        _surprises(money, paid[0], FEN[0])


def _top_up(money: Money, number: str, fen: int) -> str:
    """Paid by WeChat Pay and delivered; the number of the attempt."""
    with db.unit_of_work() as session:
        by = Caller(person_id(session, number), surface="phone")
        binding = home.bindings_of(session, by.person_id)[0][0]
        room = home.binding_for(session, by.person_id, binding.public_id)
    reading.refresh(room.room_id, clients=money.clients)
    with db.unit_of_work() as session:
        meter = next(one for one in home.room_view(session, room).meters if one.is_electric)
        started = electricity.start_top_up(
            session,
            by=by,
            binding_id=binding.public_id,
            meter=meter.code,
            fen=fen,
            settle_seconds=60,
            shown=electricity.Shown(),
        )
        order_id = session.scalars(select(TopUp.order_id).where(TopUp.public_id == started.top_up_id)).one()
    assert order_id is not None
    attempt = _pay(money, order_id, by, number)
    outbox.drain(clients=money.clients, seconds=30)
    fulfilling.deliver_due(clients=money.clients)
    outbox.drain(clients=money.clients, seconds=30)
    return attempt


def _pay(money: Money, order_id: int, by: Caller, number: str) -> str:
    """On the sheet of WeChat Pay. Its notice is not needed: we ask, as we do when one is late."""
    paying.start_payment(
        order_id,
        payer_id=by.person_id,
        payer_account=BY_NUMBER[number].openid,
        channel=Channel.WECHAT,
        trade_type="JSAPI",
        clients=money.clients,
    )
    with db.unit_of_work() as session:
        [task] = attempts.live_attempts(session, order_id)
    money.tell("wxpay/pay", order_no=task.number)
    checking.check_order(order_id, clients=money.clients)
    return task.number


def _surprises(money: Money, attempt: str, fen: int) -> None:
    """The library's copiers collect under our merchant number, and somebody refunds by hand on WeChat's site."""
    money.merchant.prepay_jsapi(
        order_no=STRANGER,
        description="图书馆复印",
        fen=1_230,
        openid=BY_NUMBER["2023010102"].openid,
        expires_at=clock.now() + timedelta(hours=1),
        notify_url=f"{money.clients.base_url}/elsewhere",
    )
    money.tell("wxpay/pay", order_no=STRANGER)
    money.merchant.refund(
        refund_no=BY_HAND,
        order_no=attempt,
        fen=1_000,
        total_fen=fen,
        reason="窗口手工退款",
        notify_url=f"{money.clients.base_url}/elsewhere",
    )
    money.tell("wxpay/refunds/finish", refund_no=BY_HAND)


def _the_morning_after(money: Money, day: date, *, is_open_day: bool) -> None:
    """What the schedules do. On the open day the vendor's file lacks its last line."""
    money.begin_day()
    money.at(datetime.combine(day + timedelta(days=1), BILLS_COME, clock.SHANGHAI))
    if is_open_day:
        money.tell("meters/fault", fault="statement_missing_row", times=1)
    with db.unit_of_work() as session:
        matters = [one.on(day) for one in fetching.accounts(session, money.clients)]
    for matter in matters:
        if isinstance(answer := fetching.fetch(matter, clients=money.clients), str) and answer != "empty":
            raise Problem(f"The sandbox gave no bill: {matter}, {answer}.")
    reconciling.reconcile_day(day, by_id=None, clients=money.clients)
    closing.close_quiet_days(clients=money.clients)
