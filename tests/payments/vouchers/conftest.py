"""A ledger with a day of movements, and the sample rules and formats."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from app.kit import clock, db
from app.kit.caller import Caller
from app.payments.models import FeeItem
from app.payments.service import ledger, vouchers
from tests.conftest import ROOT
from tests.make import CampusOfTests
from tests.payments.closed_days import close_days
from tests.payments.conftest import add_fee_item
from tests.vendors import _vendor_server, vendors  # noqa: F401 - fixtures

SAMPLE = ROOT / "samples" / "vouchers.json"
MERCHANT = "1900000109"
WECHAT, REFUNDING = ledger.channel("wechat", MERCHANT), ledger.refunding("wechat", MERCHANT)
DUE, DELIVERED = ledger.due("electricity"), ledger.delivered("electricity")


@dataclass
class Books:
    """Short ways to post, to make and to look."""

    campus: CampusOfTests
    zhao: Caller
    at: datetime
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def post(self, kind: str, debit: str, credit: str, fen: int, at: datetime | None = None) -> int:
        with db.unit_of_work() as session:
            return ledger.post(
                session,
                kind=kind,
                reference=str(next(self.numbers)),
                debit=debit,
                credit=credit,
                fen=fen,
                happened_at=at or self.at,
            )

    def pay(self, fen: int, at: datetime | None = None) -> int:
        return self.post("payment", WECHAT, DUE, fen, at)

    def refund(self, fen: int) -> None:
        self.post("refund_reserved", DELIVERED, REFUNDING, fen)
        self.post("refund_paid", REFUNDING, WECHAT, fen)

    def close(self, period: str) -> None:
        """All days up to the end of the period; when that is not over, it is the morning after it now."""
        last = vouchers.Period.of(period).last
        if last >= clock.today():
            clock.travel(clock.start_of_day(last + timedelta(days=1)) + timedelta(hours=10))
        close_days(self.campus, last=last)

    def make(self, period: str) -> int:
        self.close(period)
        with db.unit_of_work() as session:
            return vouchers.make_vouchers(session, by=self.zhao, period=vouchers.Period.of(period))

    def export(self, period: str, key: str = "yonyou", no: int | None = None) -> vouchers.ExportFile:
        with db.unit_of_work() as session:
            return vouchers.export_period(
                session, by=self.zhao, period=vouchers.Period.of(period), format_key=key, no=no
            )

    def rows(self, sql: str) -> list[Any]:
        with db.unit_of_work() as session:
            return list(session.execute(text(sql)))

    def lines(self) -> list[tuple[str, str, int, int]]:
        found = self.rows(
            "SELECT v.kind, l.account, l.debit_fen, l.credit_fen FROM payments_voucher_lines l "
            "JOIN payments_vouchers v ON v.id = l.voucher_id ORDER BY v.number, l.no"
        )
        return [tuple(row) for row in found]

    def load(self, **given: Any) -> None:
        with db.unit_of_work() as session:
            vouchers.load_rules(session, [given])


def load_sample(path: Path = SAMPLE) -> None:
    given = json.loads(path.read_text("utf-8"))
    with db.unit_of_work() as session:
        vouchers.load_rules(session, given["rules"])
        vouchers.load_formats(session, given["formats"])


@pytest.fixture
def books(app: Any, campus: CampusOfTests) -> Books:
    """The electricity of 维修中心, on Monday the 16th; the rules are those of the sample."""
    add_fee_item()
    with db.unit_of_work() as session:
        session.execute(update(FeeItem).values(unit_id=campus.unit))
    load_sample()
    return Books(campus, Caller(campus.zhao, surface="desk"), clock.now())


@pytest.fixture
def next_day(books: Books) -> Callable[[int], None]:
    """So many days later; those that are over are closed."""

    def go(days: int = 1) -> None:
        clock.advance(timedelta(days=days))
        close_days(books.campus)

    return go
