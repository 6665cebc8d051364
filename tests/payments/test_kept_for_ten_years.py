"""Bills are accounting evidence: whatever is tidied up, their files stay, for ten years at least."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.kit import clock, db
from app.payments.models import Bill, BillStatus
from tests.payments.bill_files import MCHID, Move, fund_file, payment, whole
from tests.payments.test_bill_pages import load
from tests.payments.test_card_flow import Till
from tests.payments.test_desk import at_the_desk, get

NINE_YEARS = timedelta(days=9 * 366)
KEPT = (
    "bills",
    "bill_lines",
    "bill_uploads",
    "card_flows",
    "card_flow_lines",
    "runs",
    "matches",
    "differences",
)
WHO_TIDIES = {"apply_retention", "delete_old_exports", "tidy", "forget_old", "forget_lists"}


def bills() -> list[Any]:
    with db.unit_of_work() as session:
        return list(session.execute(select(Bill.__table__).order_by(Bill.id)))


def counts() -> dict[str, int]:
    with db.unit_of_work() as session:
        return {
            name: session.scalar(text(f"SELECT count(*) FROM payments_{name}"))  # noqa: S608 - named above
            for name in KEPT
        }


def bytes_of(school) -> dict[str, bytes]:
    found = {}
    for bill in bills():
        with school.clients.storage.open(bill.file_key) as stored:
            found[bill.public_id] = stored.read()
    return found


def tidy_up(school) -> set[str]:
    """Every schedule that comes once an hour or more seldom, and every module's retention, which may not fail."""
    registry = school.app.extensions["registry"]
    schedules = [schedule for module in registry.modules for schedule in module.schedules]
    seldom = [one for one in schedules if one.every is None or one.every >= timedelta(hours=1)]
    for one in seldom:
        one.handler(clients=school.clients)
    for module in registry.modules:
        if module.retain is not None:
            with db.unit_of_work() as session:
                module.retain(session)
    return {one.key for one in seldom}


@pytest.fixture
def archive(school) -> dict[str, bytes]:
    """A bill that counts, the one that it replaced, one that was refused, a fund flow; and lines of the card's flow."""
    clerk = at_the_desk(school, school.ids.zhao, "payments.cashier")
    load(school, clerk, whole().encode())
    load(school, clerk, whole(rows=[payment(1), payment(2, 2500)]).encode())
    load(school, clerk, whole().encode()[:-40])
    load(school, clerk, fund_file([Move("08:00:00", "交易", 500)]), what=f"wechat|fund|{MCHID}")
    assert {bill.status for bill in bills()} == set(BillStatus)
    till = Till(school)
    till.sim("reset")
    till.sim("account", student="2023010101", purse=30_000)
    assert till.read() == "end"
    till.sell(2)
    till.read()
    return bytes_of(school)


def test_it_works(school, archive):
    before = counts()
    assert len(archive) == 4 and before["card_flow_lines"] == 2
    clock.advance(NINE_YEARS)
    assert tidy_up(school) >= WHO_TIDIES
    assert bytes_of(school) == archive
    assert counts() == before
    auditor = at_the_desk(school, school.ids.he, "payments.auditor")
    for public_id, content in archive.items():
        assert get(auditor, f"bills/{public_id}/file").data == content


def test_the_database_knows_no_other_way_to_lose_them(school, archive):
    """Lines hold their bill, uploads too; nothing is deleted along with something else."""
    with db.unit_of_work() as session:
        cascading = session.execute(
            text("SELECT conname FROM pg_constraint WHERE contype = 'f' AND confdeltype <> 'a' AND"
                 " conrelid::regclass::text IN ('payments_bills', 'payments_bill_lines', 'payments_card_flow_lines')")
        ).all()  # fmt: skip
    assert cascading == []
