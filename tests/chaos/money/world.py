"""A school, WeChat Pay and two electricity systems in which every step of the application may be its last.

The sandbox is a process of its own. The application's steps run here and "die" by an exception that nothing
catches, or run in a forked child that kills itself (SIGKILL). Notices of WeChat Pay come over real HTTP to a
small door that hands each to such a step.
"""

import dataclasses
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.clients import Clients
from app.clients.meters import open_meters
from app.clients.meters.protocol import RoomRef, TopUpRequest
from app.clients.wxpay.client import WxPay
from app.clients.wxpay.settings import WxPaySettings
from app.config import read_settings
from app.factory import create_app
from app.kit import clock, db, failpoint
from app.kit.caller import Caller
from app.kit.failpoint import Crashed
from app.kit.module import Fulfiller, Module, Registry
from app.payments.flows import fulfilling
from app.payments.models import FeeItem, Merchant, Order
from app.payments.service import Outcome, Rules
from dev.vendors import vendors_of
from sandbox.cast import BY_NUMBER
from tests.chaos.stage import Stage, free_port
from tests.make import make_campus

ROOMS = {
    "isims": (RoomRef("isims", ("EAST", "E03", "E03-5", "E03512"), "E03512"), "E035121"),
    "synjones": (RoomRef("synjones", ("2", "21", "305"), "21-305"), "1"),
}
QUICK = {
    "connect_seconds": 1.0,
    "read_seconds": 0.4,
    "write_seconds": 0.4,
    "calls_per_second": 5000.0,
    "burst": 5000,
    "failures": 10_000,
}
PATIENCE = (1.0, 0.4)
LI, FRIEND = BY_NUMBER["2023010101"].openid, BY_NUMBER["T0001"].openid


@dataclass
class World:
    """`mode` is crash or kill. Use as a context manager."""

    mode: str = "crash"
    stage: Stage = field(default_factory=Stage)
    deaths: Counter[str] = field(default_factory=Counter)
    interruption: tuple[str, Callable[[], object]] | None = None
    watch: AbstractContextManager[Any] = field(default_factory=nullcontext)

    def __enter__(self) -> "World":
        self.stage.__enter__()
        self.door = _open_door(self)
        self.stage.sandbox()
        settings = read_settings(self.stage.environment)
        self.app = create_app(settings)
        self.app.extensions["doorbell"].ring = lambda: None  # nobody listens here
        self.base = f"http://127.0.0.1:{self.door.server_port}"
        self.clients = self._clients(settings.wechat_appid)
        self.app.extensions["clients"] = self.clients
        fulfilling.configure(Registry((Module("chaos", "试", fulfiller=fulfiller()),)))
        self.http = requests.Session()
        ids = make_campus()
        self.li, self.chen = Caller(ids.li), Caller(ids.chen)
        self.zhao, self.zheng = Caller(ids.zhao, surface="desk"), Caller(ids.zheng, surface="desk")
        add_fee_item()
        self.sim("/_sim/set", wxpay_refund_delay=0, wxpay_refund_spacing=0)
        self.plain_hit, failpoint.hit = failpoint.hit, self._hit
        return self

    def __exit__(self, *_: object) -> None:
        failpoint.hit = self.plain_hit
        self.door.shutdown()
        self.door.server_close()
        db.engine().dispose()
        self.stage.__exit__()

    def _clients(self, appid: str) -> Clients:
        told = vendors_of(self.stage.folder / "sandbox", self.stage.sandbox_base)
        return dataclasses.replace(
            self.app.extensions["clients"],
            base_url=self.base,
            wxpay={
                mchid: WxPay(WxPaySettings(appid=appid, **given, timeout=PATIENCE))
                for mchid, given in told["wxpay"].items()
            },
            meters={
                name: open_meters({**given, "line": QUICK, "rules": {"settle_seconds": 120}})
                for name, given in told["meters"].items()
            },
        )

    # steps

    def step(self, work: Callable[[], object], *, armed: str = "") -> bool:
        """Run one step of the application; False when it died on the way."""
        return self._forked(work, armed) if armed and self.mode == "kill" else self._here(work, armed)

    def _here(self, work: Callable[[], object], armed: str) -> bool:
        failpoint.configure(f"{armed}=crash" if armed else "")
        try:
            with self.app.app_context(), self.watch:
                work()
        except Crashed as death:
            self.deaths[str(death)] += 1
            return False
        finally:
            failpoint.configure("")
        return True

    def _forked(self, work: Callable[[], object], armed: str) -> bool:
        """In a child of its own. It reports a failure by its exit code."""
        child = os.fork()
        if child == 0:
            code = 1
            try:
                failpoint.configure(f"{armed}=kill" if armed else "")
                with self.app.app_context():
                    work()
                code = 0
            except BaseException as error:
                print(f"a step failed: {error!r}", file=sys.stderr, flush=True)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL, status
            self.deaths[armed] += 1
            return False
        assert os.WEXITSTATUS(status) == 0, "a step failed: see above"
        return True

    def interrupt(self, place: str, work: Callable[[], object]) -> None:
        """Next time somebody passes this place they fall asleep, and wake up when `work` is done."""
        self.interruption = (place, work)

    def _hit(self, name: str) -> None:
        if self.interruption and self.interruption[0] == name:
            (_, work), self.interruption = self.interruption, None
            work()
        self.plain_hit(name)

    def pass_time(self, seconds: float) -> None:
        self.stage.pass_time(seconds)
        clock.configure(self.stage.environment["CLOCK_OFFSET_FILE"])

    # the sandbox

    def sim(self, path: str, **given: Any) -> Any:
        answer = self.http.post(f"{self.stage.sandbox_base}{path}", json=given, timeout=30)
        assert answer.ok, f"{path} {given}: {answer.text}"
        return answer.json()

    def look(self, path: str, **query: Any) -> Any:
        answer = self.http.get(f"{self.stage.sandbox_base}{path}", params=query, timeout=30)
        assert answer.ok, answer.text
        return answer.json()


def _open_door(world: World) -> ThreadingHTTPServer:
    """Where the sandbox delivers notices. A step that dies breaks the connection."""

    class Door(BaseHTTPRequestHandler):
        armed = ""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            read, write = os.pipe()

            def receive() -> None:
                answer = world.app.test_client().post(self.path, data=body, headers=dict(self.headers))
                os.write(write, f"{answer.status_code:03d}".encode())

            armed, Door.armed = Door.armed, ""
            survived = world.step(receive, armed=armed)
            os.close(write)
            told = os.read(read, 3)
            os.close(read)
            if survived or told:
                self.send_response(int(told))
                self.end_headers()
            else:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Door)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def fulfiller() -> Fulfiller:
    """As a micro-app's: the order's subject says where to, `system:number`."""
    return Fulfiller(prepare=_prepare, rules=_rules, send=_send, ask=_ask)


def _prepare(session: Session, order_id: int) -> dict[str, Any]:
    row = session.execute(select(Order.fen, Order.subject).where(Order.id == order_id)).one()
    return {"fen": row.fen, "system": row.subject.partition(":")[0]}


def _rules(task: dict[str, Any], clients: Clients) -> Rules:
    able = clients.meters[task["system"]].capabilities
    return Rules(able.order_class, able.can_query_order, timedelta(seconds=able.settle_seconds))


def _request(task: dict[str, Any], number: str) -> TopUpRequest:
    room, meter = ROOMS[task["system"]]
    return TopUpRequest(number, room, meter, task["fen"], "2023010101", clock.now())


def _send(task: dict[str, Any], number: str, clients: Clients) -> Outcome:
    state = clients.meters[task["system"]].top_up(_request(task, number))
    return Outcome(state.status, state.vendor_ref or "")


def _ask(task: dict[str, Any], number: str, clients: Clients) -> Outcome:
    request = _request(task, number)
    state = clients.meters[task["system"]].query_top_up(request)
    if not state.agrees_with(request):
        return Outcome("mismatch")
    return Outcome(state.status, state.vendor_ref or "")


def add_fee_item(service_key: str = "chaos") -> None:
    with db.unit_of_work() as session:
        item = session.execute(
            insert(FeeItem)
            .values(
                code="electricity",
                title="学生宿舍电费",
                service_key=service_key,
                filing_number="校财备〔2026〕1号",
                price_basis="政府定价",
                price_text="0.5483 元/度",
                valid_from=date(2020, 1, 1),
                channels=["wechat"],
                order_minutes=30,
                takes_late=True,
                refund_alone_fen=5000,
            )
            .returning(FeeItem.id)
        ).scalar_one()
        session.execute(insert(Merchant).values(fee_item_id=item, channel="wechat", merchant_no="1699900001"))
