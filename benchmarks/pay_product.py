"""One top-up by the product's own use-cases; `python -m benchmarks.pay_product` makes the people and the fee item."""

import json
from datetime import timedelta
from itertools import count
from typing import Any

from app.factory import create_app
from app.kit import db
from app.kit.caller import Caller
from app.payments.models import Channel
from app.payments.service import (
    Arrival,
    Outcome,
    Rules,
    attempts,
    fulfilments,
    notices,
    outcomes,
    request_charge,
)
from tests.chaos.money.world import add_fee_item
from tests.make import make_campus

MERCHANT = "1699900001"
RULES = Rules("C", True, timedelta(minutes=2))


class Cycle:
    def __init__(self, people: dict[str, int]) -> None:
        self.app = create_app()
        self.app.extensions["doorbell"].ring = lambda: None
        self.merchant = self.app.extensions["clients"].wxpay[MERCHANT]
        self.by = Caller(people["li"])
        self.numbers = count()
        self.order_id = 0

    def order(self, fen: int) -> str:
        """Charged and attempted; the attempt's number."""
        with db.unit_of_work() as session:
            charge = request_charge(
                session,
                by=self.by,
                fee_item="electricity",
                subject=f"product:{next(self.numbers)}",
                fen=fen,
                title="电费 3号楼512",
                return_path="/m/",
                facts=[("房间", "3号楼 512")],
            )
        self.order_id = charge.order_id
        with db.unit_of_work() as session:
            task = attempts.begin_attempt(
                session,
                order_id=charge.order_id,
                payer_id=self.by.person_id,
                payer_account="o",
                channel=Channel.WECHAT,
                trade_type="JSAPI",
            )
        return task.number

    def notice(self, headers: dict[str, str], body: bytes) -> None:
        trade = self.merchant.read_notice(headers, body).trade
        arrival = Arrival(
            trade.order_no, "wechat", MERCHANT, trade.transaction_id, trade.fen, trade.paid_at, "notify"
        )
        with db.unit_of_work() as session:
            assert notices.note_payment(
                session,
                source="wxpay",
                external_id=f"TRANSACTION.SUCCESS:{trade.transaction_id}:{trade.state}",
                arrival=arrival,
                evidence={"number": trade.order_no, "fen": trade.fen},
            )

    def deliver(self) -> None:
        with db.unit_of_work() as session:
            ident = fulfilments.fulfilment_of(session, self.order_id)
            assert ident is not None
            step = fulfilments.claim_step(session, ident, RULES)
            assert step is not None
        with db.unit_of_work() as session:
            assert fulfilments.may_still_call(session, step)
        with db.unit_of_work() as session:
            outcomes.report(session, step, Outcome("applied", "V1"), RULES)


def main() -> dict[str, Any]:
    create_app()
    ids = make_campus()
    add_fee_item("electricity")
    return {"li": ids.li}


if __name__ == "__main__":
    print(json.dumps(main()))
