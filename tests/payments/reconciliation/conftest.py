"""A day of money, and runs of it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from app.kit import db
from app.payments.service.reconciling import Report, reconcile
from tests.payments.reconciliation.plants import build, yesterday_of
from tests.payments.reconciliation.world import NORTH, SOUTH, World, found, places


class Books:
    """Short ways to a world in the database."""

    def __init__(self, owner: int) -> None:
        self.owner = owner

    def world(self, seed: int = 1) -> World:
        world = World(seed, self.owner)
        yesterday_of(world)
        return world

    def planted(self, seed: int, *, orders: int, wrong: int) -> World:
        world = self.world(seed)
        build(world, orders=orders, wrong=wrong)
        world.write()
        self.go_on()
        return world

    def go_on(self) -> None:
        """The world was written with ids of its own: what is posted now comes after them."""
        for table in ("accounts", "entries"):
            last = f"SELECT coalesce(max(id), 0) FROM payments_ledger_{table}"
            self.ask(
                f"SELECT nextval('payments_ledger_{table}_id_seq') FROM generate_series(1, least(({last}), 2000))"
            )

    def run(self, day: date) -> Report:
        with db.unit_of_work() as session:
            return reconcile(session, day=day, by_id=None, deliveries=(places,), meters=(NORTH, SOUTH))

    def found(self) -> dict[str, tuple[str, str, int]]:
        with db.unit_of_work() as session:
            return found(session)

    def forget_runs(self) -> None:
        """As if no run had ever been."""
        for table in ("matches", "settlement_parts", "differences", "runs", "days"):
            self.change(f"DELETE FROM payments_{table}")  # noqa: S608

    def state(self) -> tuple[Any, Any]:
        """Matches and live differences, in words that do not depend on the order of files or runs."""
        matches = self.ask(
            "SELECT b.day, l.sort, l.reference, e.kind, e.reference, m.rule FROM payments_matches m"
            " JOIN payments_bill_lines l ON l.id = m.line_id JOIN payments_bills b ON b.id = l.bill_id"
            " JOIN payments_ledger_entries e ON e.id = m.entry_id ORDER BY 1, 2, 3, 4, 5"
        )
        differences = self.ask(
            "SELECT d.key, d.day, d.kind, d.facts - 'bill', d.fen, d.bill_fen, d.our_fen, d.status, d.heal_by,"
            " l.reference, d.entry_id, d.order_id FROM payments_differences d"
            " LEFT JOIN payments_bill_lines l ON l.id = d.line_id WHERE d.status <> 'healed' ORDER BY d.key"
        )
        parts = self.ask(
            "SELECT coalesce(l.reference, concat(b.account, b.day)) AS part, k.reference FROM payments_settlement_parts p"
            " JOIN payments_bill_lines k ON k.id = p.bank_line_id LEFT JOIN payments_bill_lines l ON l.id = p.line_id"
            " LEFT JOIN payments_bills b ON b.id = p.bill_id ORDER BY 1"
        )
        return (matches, parts), differences

    def ask(self, sql: str, **values: Any) -> Any:
        with db.unit_of_work() as session:
            return session.execute(text(sql), values).all()

    def change(self, sql: str, **values: Any) -> None:
        with db.unit_of_work() as session:
            session.execute(text(sql), values)


@pytest.fixture
def books(campus) -> Books:
    return Books(campus.li)
