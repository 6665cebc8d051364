"""`python -m tests.chaos.money.queue COUNT NAME`: that many paid orders, without a word to WeChat; numbers as JSON."""

import json
import sys

from sqlalchemy import select

from app.kit import clock, db
from app.kit.caller import Caller
from app.payments.models import Channel, FeeItem, Order
from app.payments.service import Arrival, accept_payment, attempts, request_charge
from app.platform.directory import queries as directory
from tests.chaos.money.served import application
from tests.chaos.money.world import add_fee_item
from tests.make import make_campus


def main(count: int, name: str) -> list[str]:
    with db.unit_of_work() as session:
        is_new = session.scalar(select(FeeItem.id).limit(1)) is None
    if is_new:
        make_campus()
        add_fee_item()
    with db.unit_of_work() as session:
        person = directory.find_person_by_number(session, "2023010101")
    assert person is not None
    return [pay(Caller(person.id), f"{name}-{n}", 100 * (1 + n % 50)) for n in range(count)]


def pay(by: Caller, name: str, fen: int) -> str:
    with db.unit_of_work() as session:
        charge = request_charge(
            session,
            by=by,
            fee_item="electricity",
            subject=f"synjones:{name}",
            fen=fen,
            title="电费",
            return_path="/m/",
        )
        attempt = attempts.begin_attempt(
            session,
            order_id=charge.order_id,
            payer_id=by.person_id,
            payer_account="o",
            channel=Channel.WECHAT,
            trade_type="JSAPI",
        )
        number = attempt.number
        arrival = Arrival(number, "wechat", "1699900001", f"4200{number}", fen, clock.now(), "notify")
        accept_payment(session, arrival)
        return session.scalars(select(Order.number).where(Order.id == charge.order_id)).one()


if __name__ == "__main__":
    with application.app_context():
        print(json.dumps(main(int(sys.argv[1]), sys.argv[2])))
