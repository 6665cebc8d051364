"""One top-up's life, drawn from a seed: what goes wrong outside, where we die inside, and what must be true after.

`Plan(seed)` is all there is to a history: the same seed lives the same life.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.kit import db, outbox
from app.kit.errors import DomainError
from app.payments.flows import checking, fulfilling, paying, refunding
from app.payments.models import Attempt, Channel, Fulfilment, Order, Payment, Refund
from app.payments.service import decide, request_charge, request_refund
from tests.chaos.money.world import FRIEND, LI, World

WEB = ("payments.booked", "payments.accepted")
WORK = (
    "outbox.claimed",
    "outbox.handled",
    "outbox.flow_handled",
    "payments.step_claimed",
    "payments.before_call",
    "payments.after_call",
    "payments.reported",
    "payments.step_done",
    "payments.refund_claimed",
    "payments.refund_called",
    "payments.refund_booked",
    "payments.attempt_closed",
    "payments.booked",
    "payments.accepted",
)
START = ("payments.attempt_begun", "payments.prepaid")
METER_FAULTS = (
    "timeout_before",
    "timeout_after",
    "reset_after",
    "http500_before",
    "http500_after",
    "http502_html",
    "empty_body_after",
    "truncated_json_after",
    "late_apply",
    "service_closed",
    "rate_limited",
    "gbk_plain_error",
    "auth_expired",
)
PAY_FAULTS = (
    ("api.timeout_after_commit", "prepay"),
    ("api.500", "prepay"),
    ("api.bad_resp_sig", "query"),
    ("api.500", "query"),
    ("api.partial_json", "refund"),
    ("api.timeout_after_commit", "refund"),
    ("api.500_after_commit", "refund"),
    ("refund.not_enough", ""),
    ("refund.closed", ""),
)
ROUNDS = 90


class Violation(AssertionError):
    """Something about money is not true."""


@dataclass
class Plan:
    seed: int
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        dice = self.dice = random.Random(self.seed)
        self.system = dice.choice(("isims", "synjones"))
        self.fen = 100 * dice.randint(1, 200)
        self.meter_faults = [dice.choice(METER_FAULTS) for _ in range(dice.choice((0, 0, 1, 1, 2, 3)))]
        self.query_fails = dice.random() < 0.2
        self.pay_faults = [dice.choice(PAY_FAULTS) for _ in range(dice.choice((0, 0, 1, 2)))]
        self.notice = dice.choice(("ok", "ok", "ok", "lost", "dup", "expired"))
        self.two_phones = dice.random() < 0.15
        self.refund = dice.random() < 0.2
        self.sleeps_over = dice.random() < 0.08
        deaths = dice.choice((0, 1, 1, 1, 2, 3))
        self.deaths = {kind: [] for kind in ("start", "web", "work")}
        for _ in range(deaths):
            kind, places = dice.choice((("start", START), ("web", WEB), ("work", WORK), ("work", WORK)))
            self.deaths[kind].append(dice.choice(places))


class History:
    def __init__(self, world: World, plan: Plan) -> None:
        self.world, self.plan, self.dice = world, plan, plan.dice
        self.order_id = 0
        self.paid: set[str] = set()

    def run(self) -> None:
        """Raises Violation when the books and the outside world disagree in the end."""
        self._charge()
        self._start(self.world.li, LI)
        self._arm_outside()
        if self.plan.sleeps_over:
            self.world.interrupt("payments.step_claimed", self._others_go_on)
        self._pay()
        if self.plan.two_phones:
            self._start(self.world.chen, FRIEND)
            self._pay()
        self._until_quiet()
        if self.plan.refund and self._status(Fulfilment) == "applied":
            self._refund()
            self._until_quiet()
        self._check()

    # what happens

    def _charge(self) -> None:
        plan = self.plan
        with db.unit_of_work() as session:
            charge = request_charge(
                session,
                by=self.world.li,
                fee_item="electricity",
                subject=f"{plan.system}:{plan.seed}",
                fen=plan.fen,
                title="电费",
                return_path="/m/",
            )
        self.order_id, self.public_id = charge.order_id, charge.public_id
        self.number = self._one(select(Order.number).where(Order.id == self.order_id))

    def _start(self, who: Any, openid: str) -> None:
        """Until the payer has something to pay, as one who presses again; not after it was paid."""

        def press() -> None:
            try:
                paying.start_payment(
                    self.order_id,
                    payer_id=who.person_id,
                    payer_account=openid,
                    channel=Channel.WECHAT,
                    trade_type="JSAPI",
                    clients=self.world.clients,
                )
            except DomainError:
                """Told to the payer, who presses again."""

        for _ in range(4):
            self.world.step(press, armed=self._next("start"))
            if self._pending():
                return

    def _arm_outside(self) -> None:
        plan, world = self.plan, self.world
        machine = {"isims": "meters", "synjones": "card"}[plan.system]
        for fault in plan.meter_faults:
            extra = {"seconds": 90} if fault == "late_apply" else {}
            extra |= {"delay": 0.6} if fault.startswith("timeout") else {}
            world.sim(
                f"/_sim/{machine}/fault",
                fault=fault,
                match={"order_no": self.number, "op": "top_up"},
                **extra,
            )
        if plan.query_fails:
            world.sim(
                f"/_sim/{machine}/fault", fault="query_unavailable", match={"order_no": self.number}, times=2
            )
        for name, op in plan.pay_faults:
            extra = {"seconds": 0.6} if "timeout" in name else {}
            world.sim("/_sim/wxpay/fault", name=name, op=op, **extra)

    def _pay(self) -> None:
        """The payer pays what is pending, and WeChat tells us, or does not."""
        pending = self._pending()
        if not pending:
            return
        number, notice = pending[-1], self.plan.notice
        if notice == "lost":
            self.world.sim("/_sim/wxpay/fault", name="notify.lost", order=number, times=None)
        elif notice == "dup":
            self.world.sim("/_sim/wxpay/fault", name="notify.dup", order=number, copies=2)
        elif notice == "expired":
            self.world.pass_time(31 * 60)
            self._work(checking.check_due)
        is_late = notice == "expired" and number not in self.paid  # WeChat takes one payment of a number
        self.world.door.RequestHandlerClass.armed = self._next("web")  # type: ignore[attr-defined]
        paid = self.world.http.post(
            f"{self.world.stage.sandbox_base}/_sim/wxpay/pay",
            json={"order_no": number, "wait": True, "force": is_late},
            timeout=30,
        )
        assert paid.status_code in (200, 409), paid.text
        self.paid.add(number)

    def _refund(self) -> None:
        with db.unit_of_work() as session:
            request_refund(
                session,
                by=self.world.zhao,
                order_public_id=self.public_id,
                fen=min(self.plan.fen, 5000),
                reason="抽样退款",
            )

    # time

    def _until_quiet(self) -> None:
        for turn in range(ROUNDS):
            self.world.pass_time(self.dice.uniform(5, 130) if turn < 25 else 1800)
            if self.paid:
                self.world.sim("/_sim/wxpay/notices/flush")
            for work in (self._drain, checking.check_due, fulfilling.deliver_due, refunding.refund_due):
                self._work(work)
            if self._status(Fulfilment) == "review":
                self._decide()
            if self._is_quiet() and self._ours() == self._at_wechat()[0]:
                return
        raise Violation(f"not quiet after {ROUNDS} rounds: {self._state()}")

    def _others_go_on(self) -> None:
        """While one who has claimed the delivery sleeps, the claim runs out and another one delivers."""
        self.world.pass_time(95)
        for _ in range(4):
            fulfilling.deliver_due(clients=self.world.clients)
            self.world.pass_time(60)

    def _drain(self, *, clients: Any) -> None:
        outbox.drain(clients=clients, seconds=5)

    def _work(self, work: Callable[..., None]) -> None:
        armed = self._next("work") if self.dice.random() < 0.5 else ""
        survived = self.world.step(lambda: work(clients=self.world.clients), armed=armed)
        if survived and armed:
            self.plan.deaths["work"].append(armed)  # not reached this time

    def _next(self, kind: str) -> str:
        return self.plan.deaths[kind].pop() if self.plan.deaths[kind] else ""

    def _decide(self) -> None:
        """What a person would see in the vendor's books."""
        with db.unit_of_work() as session:
            decide(
                session,
                by=self.world.zhao,
                order_public_id=self.public_id,
                decision="applied" if self._credits() else "abandon",
                note="查过厂家账目",
            )

    # looking

    def _one(self, stmt: Any) -> Any:
        with db.unit_of_work() as session:
            return session.scalar(stmt)

    def _all(self, stmt: Any) -> list[Any]:
        with db.unit_of_work() as session:
            return list(session.execute(stmt))

    def _status(self, model: Any) -> str | None:
        return self._one(select(model.status).where(model.order_id == self.order_id))

    def _pending(self) -> list[str]:
        return [
            row.number
            for row in self._all(
                select(Attempt.number)
                .where(Attempt.order_id == self.order_id, Attempt.status == "pending")
                .order_by(Attempt.id)
            )
        ]

    def _credits(self) -> list[dict[str, Any]]:
        return list(self.world.look("/_sim/meters/credits", order_no=self.number))

    def _is_quiet(self) -> bool:
        live = ("created", "pending", "unknown")
        ended = ("succeeded", "paid_offline", "rejected", "offline", "abnormal")
        return not (
            self._one(select(Order.id).where(Order.id == self.order_id, Order.status == "open"))
            or self._one(
                select(Attempt.id).where(Attempt.order_id == self.order_id, Attempt.status.in_(live)).limit(1)
            )
            or self._status(Fulfilment) in ("waiting", "sending", "unknown", "accepted", "review")
            or self._one(
                select(Refund.id)
                .where(Refund.order_id == self.order_id, Refund.status.not_in(ended))
                .limit(1)
            )
        )

    def _state(self) -> dict[str, Any]:
        return {
            "seed": self.plan.seed,
            "attempts": [
                row.status
                for row in self._all(select(Attempt.status).where(Attempt.order_id == self.order_id))
            ],
            "order": self._one(select(Order.status).where(Order.id == self.order_id)),
            "fulfilment": self._status(Fulfilment),
            "refunds": [
                row.status for row in self._all(select(Refund.status).where(Refund.order_id == self.order_id))
            ],
        }

    def _check(self) -> None:
        """Our books against WeChat's and the electricity system's."""
        credits, status = self._credits(), self._status(Fulfilment)
        state = self._state()
        wanted = [self.plan.fen] if status == "applied" else []
        if [credit["fen"] for credit in credits] != wanted:
            raise Violation(f"credited {credits}, {state}")
        paid, refunded = self._at_wechat()
        if self._ours() != paid:
            raise Violation(f"WeChat took {paid}, we know of {self._ours()}, {state}")
        clerk = min(self.plan.fen, 5000) if self.plan.refund and status == "applied" else 0
        kept = self.plan.fen - clerk if status == "applied" else 0
        if sum(fen for _, fen in paid) - refunded != kept:
            raise Violation(f"paid {paid}, refunded {refunded}, should keep {kept}, {state}")

    def _ours(self) -> list[tuple[str, int]]:
        rows = self._all(select(Payment.transaction_id, Payment.fen).where(Payment.order_id == self.order_id))
        return sorted((row.transaction_id, row.fen) for row in rows)

    def _at_wechat(self) -> tuple[list[tuple[str, int]], int]:
        paid: list[tuple[str, int]] = []
        refunded = 0
        for row in self._all(select(Attempt.number).where(Attempt.order_id == self.order_id)):
            answer = self.world.http.get(
                f"{self.world.stage.sandbox_base}/_sim/wxpay/orders",
                params={"order_no": row.number},
                timeout=30,
            )
            if answer.status_code == 404:
                continue
            book = answer.json()
            paid += [(one["transaction_id"], one["total"]) for one in book["payments"]]
            refunded += sum(one["fen"] for one in book["refunds"] if one["status"] == "SUCCESS")
        return sorted(paid), refunded
