"""A school that collects money: WeChat Pay over real HTTP in both directions, and a vendor that delivers."""

import dataclasses
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import insert, select
from werkzeug.serving import make_server

from app.clients.opening import open_card_system, open_unipay, open_wxpay
from app.clients.vendor import NoSuchOrder
from app.config import Settings
from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.kit.module import Fulfiller, Module, Registry
from app.payments.flows import fulfilling, paying, refunding
from app.payments.models import Attempt, Channel, FeeItem, Fulfilment, Merchant, Order, Payment, Refund
from app.payments.queries import ledger
from app.payments.service import Outcome, Rules, request_charge
from sandbox import vendors
from sandbox.app import create_app
from sandbox.cast import BY_NUMBER
from sandbox.config import Config
from sandbox.server import Quiet, Server
from sandbox.wxpay.keys import MERCHANTS, load_or_make
from tests.make import CampusOfTests, make_campus

MCHID = next(iter(MERCHANTS))
OPENID, FRIEND = BY_NUMBER["2023010101"].openid, BY_NUMBER["T0001"].openid


@dataclass
class Vendor:
    """The outside system that credits rooms, with its books and its moods.

    `moods` says, call by call, what goes wrong: raise this error, before or after the order was carried out.
    """

    order_class: str = "C"
    can_ask: bool = True
    settle: timedelta = timedelta(minutes=2)
    credits: list[tuple[str, int]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    moods: list[tuple[str, Exception]] = field(default_factory=list)
    answer: str = "applied"
    late: list[tuple[str, int]] = field(default_factory=list)

    def send(self, task: Any, number: str, clients: Any) -> Outcome:
        self.calls.append(f"send {number}")
        when, error = self.moods.pop(0) if self.moods else ("", None)
        if when == "before":
            raise error
        if when == "late":
            self.late.append((number, task["fen"]))
            raise error
        self.credits.append((number, task["fen"]))
        if error is not None:
            raise error
        return Outcome(self.answer, vendor_ref=f"V{len(self.credits)}")

    def ask(self, task: Any, number: str, clients: Any) -> Outcome:
        self.calls.append(f"ask {number}")
        found = [fen for known, fen in self.credits if known == number]
        if not found:
            raise NoSuchOrder("60024")
        return Outcome("applied" if found[0] == task["fen"] else "mismatch")

    def apply_late(self) -> None:
        self.credits += self.late
        self.late = []


@dataclass
class School:
    """Short ways through paying; each call is its own unit of work."""

    app: Flask
    ids: CampusOfTests
    base: str
    sandbox: str
    vendor: Vendor
    li: Caller
    chen: Caller
    zhao: Caller

    @property
    def clients(self) -> Any:
        return self.app.extensions["clients"]

    def charge(self, subject: str = "room-512", fen: int = 5000, *, by: Caller | None = None) -> Any:
        with db.unit_of_work() as session:
            return request_charge(
                session,
                by=by or self.li,
                fee_item="electricity",
                subject=subject,
                fen=fen,
                title="电费 3号楼512",
                return_path="/m/",
                facts=[("房间", "3号楼 512")],
                masked_facts=[("房间", "3号楼 5**")],
            )

    def start(
        self, charge: Any, *, by: Caller | None = None, openid: str = OPENID, kind: str = "JSAPI"
    ) -> Any:
        return paying.start_payment(
            charge.order_id,
            payer_id=(by or self.li).person_id,
            payer_account=openid,
            channel=Channel.WECHAT,
            trade_type=kind,
            clients=self.clients,
        )

    def sim(self, path: str, **given: Any) -> Any:
        answer = requests.post(f"{self.sandbox}/_sim/wxpay/{path}", json=given, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def pay(self, charge: Any, *, wait: bool = True, **given: Any) -> Any:
        """The payer pays what was started last for this order; the notice has been answered."""
        return self.sim("pay", order_no=self.attempts(charge)[-1].number, wait=wait, **given)

    def paid(self, subject: str = "room-512", fen: int = 5000) -> Any:
        charge = self.charge(subject, fen)
        self.start(charge)
        self.pay(charge)
        return charge

    def deliver(self, times: int = 1) -> None:
        """The outbox and the schedules, as workers and sweeper would."""
        for _ in range(times):
            outbox.drain(clients=self.clients, seconds=10)
            fulfilling.deliver_due(clients=self.clients)

    def pass_time(self, **step: float) -> None:
        clock.advance(timedelta(**step))
        self.keep_time()

    def keep_time(self) -> None:
        offset = (clock.now() - datetime.now(UTC)).total_seconds()
        requests.post(
            f"{self.sandbox}/_sim/set", json={"clock_offset": offset}, timeout=10
        ).raise_for_status()

    def send_refunds(self, minutes: float = 2) -> None:
        """What is due goes to the channel, or is asked about, once."""
        self.pass_time(minutes=minutes)
        refunding.refund_due(clients=self.clients)

    def finish_refunds(self) -> None:
        """Until the channel, which takes its time, has told the end of each."""
        for _ in range(20):
            self.send_refunds()
            if not self._all(select(Refund.__table__).where(Refund.status.in_(("ready", "processing")))):
                return
            time.sleep(0.02)

    def order(self, charge: Any) -> Any:
        return self._one(select(Order.__table__).where(Order.id == charge.order_id))

    def fulfilment(self, charge: Any) -> Any:
        return self._one(select(Fulfilment.__table__).where(Fulfilment.order_id == charge.order_id))

    def attempts(self, charge: Any) -> list[Any]:
        return self._all(select(Attempt.__table__).where(Attempt.order_id == charge.order_id))

    def payments(self, charge: Any) -> list[Any]:
        return self._all(select(Payment.__table__).where(Payment.order_id == charge.order_id))

    def refunds(self, charge: Any) -> list[Any]:
        return self._all(select(Refund.__table__).where(Refund.order_id == charge.order_id))

    def balances(self) -> dict[str, int]:
        with db.unit_of_work() as session:
            return {one.code: one.fen for one in ledger.balances(session) if one.fen}

    def check(self) -> None:
        with db.unit_of_work() as session:
            assert ledger.violations(session) == {}

    def _one(self, stmt: Any) -> Any:
        with db.unit_of_work() as session:
            return session.execute(stmt).one()

    def _all(self, stmt: Any) -> list[Any]:
        with db.unit_of_work() as session:
            return list(session.execute(stmt.order_by("id")))


@pytest.fixture(scope="session")
def _acquirer(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> Iterator[tuple[Server, Any, Any]]:
    folder = tmp_path_factory.mktemp("acquirer")
    keys = load_or_make(folder)
    config = Config(data_dir=folder, port=0, appid=settings.wechat_appid, samples_dir=folder)
    server = Server(create_app(config), "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{server.port}"
    yield server, keys, {"unipay": vendors.unipay(folder, base), "card": vendors.card(folder, base)}
    server.stop()


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The application over HTTP, where channels deliver their notices."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def school(
    app: Flask, settings: Settings, served: str, _acquirer: tuple[Server, Any, Any]
) -> Iterator[School]:
    server, keys, others = _acquirer
    sandbox = f"http://127.0.0.1:{server.port}"
    requests.post(f"{sandbox}/_sim/reset", json={}, timeout=10).raise_for_status()
    told = {
        "wxpay": {mchid: {**keys.environment(mchid), "api_base": sandbox} for mchid in MERCHANTS},
        **others,
    }
    before = app.extensions["clients"]
    app.extensions["clients"] = dataclasses.replace(
        before,
        base_url=served,
        wxpay=open_wxpay(told, settings.wechat_appid),
        unipay=open_unipay(told),
        card=open_card_system(told),
    )
    vendor = Vendor()
    fulfiller = Fulfiller(
        prepare=lambda session, order_id: db.as_dict(
            session.execute(select(Order.fen, Order.subject).where(Order.id == order_id)).one()
        ),
        rules=lambda task, clients: Rules(vendor.order_class, vendor.can_ask, vendor.settle),
        send=vendor.send,
        ask=vendor.ask,
    )
    fulfilling.configure(Registry((Module("testing", "试", fulfiller=fulfiller),)))
    ids = make_campus()
    add_fee_item()
    world = School(
        app, ids, served, sandbox, vendor, Caller(ids.li), Caller(ids.chen), Caller(ids.zhao, surface="desk")
    )
    world.keep_time()
    yield world
    app.extensions["clients"] = before
    fulfilling.configure(app.extensions["registry"])


def add_fee_item(**given: Any) -> int:
    values = {
        "code": "electricity",
        "title": "学生宿舍电费",
        "service_key": "testing",
        "filing_number": "校财备〔2026〕1号",
        "price_basis": "政府定价",
        "price_text": "0.5483 元/度",
        "valid_from": date(2026, 1, 1),
        "channels": ["wechat", "card", "platform"],
        "order_minutes": 30,
        "takes_late": True,
        "refund_alone_fen": 5000,
    } | given
    with db.unit_of_work() as session:
        item = session.execute(insert(FeeItem).values(**values).returning(FeeItem.id)).scalar_one()
        for channel, merchant in (("wechat", MCHID), ("card", "CARD01"), ("platform", "UP01")):
            session.execute(insert(Merchant).values(fee_item_id=item, channel=channel, merchant_no=merchant))
        return int(item)
