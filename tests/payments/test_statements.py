"""A department's month: its figures, its yes, and receipts of the bank that found their fee item."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.payments import statements as papers
from app.payments.errors import (
    ClaimMovedOn,
    FeeItemUnknown,
    NoteMissing,
    PeriodNotOver,
    ReceiptLineTaken,
    SamePerson,
    StatementNotFound,
)
from app.payments.models import Bill, BillLine, FeeItem, SettlementPart
from app.payments.queries.statements import Statement, statements
from app.payments.service import claims, request_refund
from app.payments.service.statements import confirm_statement

MONTH = date(2026, 11, 1)


def read() -> list[Statement]:
    with db.unit_of_work() as session:
        return statements(session, MONTH)


def confirm(school: Any, by: Caller | None = None) -> None:
    grant = Grant("payments.confirm_statement", "unit", school.ids.unit)
    with db.unit_of_work() as session:
        confirm_statement(
            session, by=by or Caller(school.ids.he, (grant,)), month=MONTH, unit_id=school.ids.unit
        )


@pytest.fixture
def taken(school: Any) -> Any:
    """Two payments of 维修中心, a refund of one, and a surplus that is nobody's."""
    with db.unit_of_work() as session:
        session.execute(update(FeeItem).values(unit_id=school.ids.unit))
    one, _two = school.paid("a", 5000), school.paid("b", 3001)
    school.deliver()
    with db.unit_of_work() as session:
        request_refund(
            session, by=school.zhao, order_public_id=school.order(one).public_id, fen=1000, reason="多充了电"
        )
    school.finish_refunds()
    return school


def add_bank_line(
    fen: int = 88_800, sort: str = "other", reference: str = "B1", day: int = 16, version: int = 1
) -> int:
    at = datetime(2026, 11, day, 2, tzinfo=UTC)
    with db.unit_of_work() as session:
        bill = session.scalar(
            insert(Bill)
            .values(
                public_id=f"bil_{reference}_{version}",
                source="bank",
                kind="bank",
                account="基本户",
                day=date(2026, 11, day),
                version=version,
                status="current",
                origin="uploaded",
                file_key=f"k{reference}{version}",
                lines=1,
                loaded_at=at,
            )
            .returning(Bill.id)
        )
        line = insert(BillLine).values(
            bill_id=bill,
            no=1,
            sort=sort,
            at=at,
            reference=reference,
            fen=fen,
            start=0,
            size=1,
            note="某某公司 场租",
        )
        return int(session.scalar(line.returning(BillLine.id)) or 0)


def claim(
    school: Any, line: int, *, by: Caller | None = None, item: str = "electricity", note: str = "十一月场租"
) -> int:
    with db.unit_of_work() as session:
        return claims.claim_line(session, by=by or school.zhao, line_id=line, fee_item=item, note=note)


def agree(school: Any, number: int, by: Caller | None = None) -> None:
    with db.unit_of_work() as session:
        claims.agree_claim(session, by=by or school.chen, claim_id=number)


def test_it_works(taken: Any):
    agree(taken, claim(taken, add_bank_line()))
    [one] = read()
    [item] = one.items
    assert (one.unit_name, item.code) == ("维修中心", "electricity")
    assert (item.received_count, item.received_fen) == (2, 8001)
    assert (item.refunded_count, item.refunded_fen) == (1, 1000)
    assert (item.claimed_count, item.claimed_fen) == (1, 88_800)
    assert one.net_fen == 8001 - 1000 + 88_800
    assert taken.balances()["delivered:electricity"] == 7001 + 88_800
    taken.check()


def test_a_department_confirms_what_it_sees_and_a_later_change_shows(taken: Any):
    with pytest.raises(PeriodNotOver):
        confirm(taken)
    taken.pass_time(days=20)
    confirm(taken)
    [one] = read()
    assert (one.confirmed_by_id, one.is_changed) == (taken.ids.he, False)
    agree(taken, claim(taken, add_bank_line()))
    [one] = read()
    assert one.is_changed
    confirm(taken)
    assert not read()[0].is_changed


def test_another_department_can_not_confirm_it(taken: Any):
    taken.pass_time(days=20)
    stranger = Caller(taken.ids.he, (Grant("payments.confirm_statement", "unit", taken.ids.team_east),))
    for by in (stranger, Caller(taken.ids.he)):
        with pytest.raises(StatementNotFound):
            confirm(taken, by)


def test_the_papers_agree_with_the_figures(taken: Any):
    [one] = read()
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(papers.statement_book(one)))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert rows[1][2:6] == [2.0, 80.01, 1.0, 10.0]
    assert rows[-1][0] == "合计" and rows[-1][-1] == 70.01
    pdf = papers.statement_pdf(one, school_name="微生活大学", printed_by="赵敏华", printed_at=clock.now())
    assert pdf.startswith(b"%PDF")


def test_a_claim_takes_two_persons_and_happens_once(school: Any):
    line = add_bank_line()
    number = claim(school, line)
    with pytest.raises(SamePerson):
        agree(school, number, school.zhao)
    with pytest.raises(ReceiptLineTaken):
        claim(school, line, by=school.chen)
    agree(school, number)
    with pytest.raises(ClaimMovedOn):
        agree(school, number)
    assert school.balances() == {"bank": 88_800, "delivered:electricity": 88_800}


def test_what_was_rejected_may_be_claimed_anew(school: Any):
    line = add_bank_line()
    with db.unit_of_work() as session:
        claims.reject_claim(session, by=school.chen, claim_id=claim(school, line))
    assert school.balances() == {}
    agree(school, claim(school, line))


def test_settlements_and_payments_of_ours_are_not_to_be_claimed(school: Any):
    part = add_bank_line(reference="B2", day=14)
    settled = add_bank_line(sort="settlement", reference="B3", day=15)
    with db.unit_of_work() as session:
        session.execute(insert(SettlementPart).values(line_id=settled, bank_line_id=part, fen=1))
    for line in (part, settled, add_bank_line(fen=-5, reference="B4"), 999_999):
        with pytest.raises(ReceiptLineTaken):
            claim(school, line)
    with db.unit_of_work() as session:
        assert claims.unclaimed(session) == []


def test_a_claimed_line_that_comes_again_in_a_new_version_stays_claimed(school: Any):
    agree(school, claim(school, add_bank_line()))
    with db.unit_of_work() as session:
        session.execute(update(Bill).values(status="replaced"))
    again = add_bank_line(version=2)
    with pytest.raises(ReceiptLineTaken):
        claim(school, again)


def test_a_claim_says_what_for_and_why(school: Any):
    line = add_bank_line()
    with pytest.raises(FeeItemUnknown):
        claim(school, line, item="none")
    with pytest.raises(NoteMissing):
        claim(school, line, note=" 啊 ")


def test_the_database_wants_a_second_person_too(school: Any):
    number = claim(school, add_bank_line())
    with pytest.raises(IntegrityError), db.unit_of_work() as session:
        claims._decide(session, school.zhao, number, "rejected", None)
