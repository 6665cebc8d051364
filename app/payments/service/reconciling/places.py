"""Where a micro-app delivered what was paid for, as vendors' statements name it."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, Select, Table, Text, insert, select, text
from sqlalchemy.orm import Session

Deliveries = Sequence[Callable[[Select[Any]], Select[*tuple[Any, ...]]]]
"""`Module.deliveries` of each micro-app that has one."""

_known = MetaData()
_places = Table(
    "delivery_places",
    _known,
    Column("order_id", BigInteger),
    Column("account", Text),
    Column("key", Text),
    Column("meter", Text),
)
_left = Table("left_entries", _known, Column("order_id", BigInteger), Column("kind", Text))


def find(session: Session, deliveries: Deliveries) -> None:
    """Fill `delivery_places` for the deliveries in `left_entries`."""
    session.execute(
        text(
            "CREATE TEMPORARY TABLE delivery_places (order_id bigint, account text, key text, meter text)"
            " ON COMMIT DROP"
        )
    )
    wanted = select(_left.c.order_id).where(_left.c.kind == "delivery")
    for of_orders in deliveries:
        session.execute(insert(_places).from_select([c.name for c in _places.c], of_orders(wanted)))
    session.execute(text("ANALYZE delivery_places"))
