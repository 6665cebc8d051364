"""`python -m tests.chaos.money.orders COUNT NAME`: orders that wait for payers, as JSON [[number, attempt, fen]]."""

import json
import sys

from sqlalchemy import select

from app.kit import db
from app.kit.caller import Caller
from app.payments.flows import paying
from app.payments.models import Attempt, Channel, FeeItem, Order
from app.payments.service import request_charge
from app.platform.directory import queries as directory
from tests.chaos.money.served import application
from tests.chaos.money.world import LI, add_fee_item
from tests.make import make_campus


def main(count: int, name: str) -> list[list[object]]:
    with db.unit_of_work() as session:
        is_new = session.scalar(select(FeeItem.id).limit(1)) is None
    if is_new:
        make_campus()
        add_fee_item()
    with db.unit_of_work() as session:
        person = directory.find_person_by_number(session, "2023010101")
    assert person is not None
    return [order(Caller(person.id), f"{name}-{n}", 100 * (1 + n % 50)) for n in range(count)]


def order(by: Caller, name: str, fen: int) -> list[object]:
    system = "isims" if hash(name) % 2 else "synjones"
    with db.unit_of_work() as session:
        charge = request_charge(
            session,
            by=by,
            fee_item="electricity",
            subject=f"{system}:{name}",
            fen=fen,
            title="电费",
            return_path="/m/",
        )
    paying.start_payment(
        charge.order_id,
        payer_id=by.person_id,
        payer_account=LI,
        channel=Channel.WECHAT,
        trade_type="JSAPI",
        clients=application.extensions["clients"],
    )
    with db.unit_of_work() as session:
        row = session.execute(
            select(Order.number, Attempt.number)
            .join(Attempt, Attempt.order_id == Order.id)
            .where(Order.id == charge.order_id)
        ).one()
    return [row[0], row[1], fen]


if __name__ == "__main__":
    with application.app_context():
        print(json.dumps(main(int(sys.argv[1]), sys.argv[2])))
