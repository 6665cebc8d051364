"""Differences worked to their end by two persons, with the money following through the ledger."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from app.kit import clock, db
from app.kit.caller import Caller
from app.payments.errors import ActionImpossible, DifferenceEnded, DifferenceMovedOn, NoteMissing, SamePerson
from app.payments.models import Bill, BillLine, Difference, DifferenceNote, LedgerEntry, Order, Run
from app.payments.service import cases
from tests.payments.conftest import FRIEND, MCHID

NOTE = "已核对渠道后台"


def line_of(
    number, fen, *, sort="payment", source="wechat", kind="trade", account=MCHID, reference="4200000001"
):
    with db.unit_of_work() as session:
        bill = session.execute(
            insert(Bill)
            .values(
                public_id=f"bil_{reference}",
                source=source,
                kind=kind,
                account=account,
                day=clock.today(),
                version=1,
                status="current",
                origin="fetched",
                file_key=f"bills/{reference}",
                loaded_at=clock.now(),
            )
            .returning(Bill.id)
        ).scalar_one()
        return session.execute(
            insert(BillLine)
            .values(
                bill_id=bill, no=1, sort=sort, at=clock.now(), reference=reference, number=number, fen=fen,
                start=0, size=1,
            )
            .returning(BillLine.id)
        ).scalar_one()  # fmt: skip


def difference(kind, fen, *, bill_kind="trade", source="wechat", **given):
    with db.unit_of_work() as session:
        run = session.execute(
            insert(Run)
            .values(day=clock.today(), figures={}, started_at=clock.now(), ended_at=clock.now())
            .returning(Run.id)
        ).scalar_one()
        number = f"D-{run}"
        session.execute(
            insert(Difference).values(
                number=number, key=number, day=clock.today(), source=source, bill_kind=bill_kind, account=MCHID,
                kind=kind, fen=fen, facts={}, run_id=run, opened_at=clock.now(),
                **({"status": "open"} | given),
            )
        )  # fmt: skip
        return number


def found(number):
    with db.unit_of_work() as session:
        return session.execute(select(Difference.__table__).where(Difference.number == number)).one()


def act(school, number, action):
    """Proposed by one, approved by another."""
    with db.unit_of_work() as session:
        cases.propose(session, by=school.zhao, number=number, action=action, note=NOTE)
    with db.unit_of_work() as session:
        cases.approve(session, by=second(school), number=number)


def second(school):
    return Caller(school.ids.chen, surface="desk")


def lost_notice(school, fen=5000):
    charge = school.charge(fen=fen)
    school.start(charge)
    line = line_of(school.attempts(charge)[-1].number, fen)
    return charge, difference("surplus", fen, line_id=line, order_id=charge.order_id, bill_fen=fen)


def test_it_works(school):
    """补单: a payment of which no notice came is accepted from the bill, and delivered."""
    charge, number = lost_notice(school)
    act(school, number, "accept")
    assert school.order(charge).status == "paid"
    assert [(one.learned_by, one.transaction_id) for one in school.payments(charge)] == [
        ("bill", "4200000001")
    ]
    school.deliver()
    assert school.fulfilment(charge).status == "applied"
    assert found(number).status == "settled"
    school.check()


def test_one_person_can_not_do_both(school):
    _, number = lost_notice(school)
    with db.unit_of_work() as session:
        cases.propose(session, by=school.zhao, number=number, action="accept", note=NOTE)
    with pytest.raises(SamePerson), db.unit_of_work() as session:
        cases.approve(session, by=school.zhao, number=number)
    assert school.balances() == {}


def test_the_database_refuses_one_person_too(school):
    number = difference("surplus", 100)
    same = {"proposed_by_id": school.zhao.person_id, "decided_by_id": school.zhao.person_id}
    with pytest.raises(Exception, match="second_person"), db.unit_of_work() as session:
        session.execute(update(Difference).where(Difference.number == number).values(**same))


def test_an_approval_is_carried_out_once(school):
    _, number = lost_notice(school)
    act(school, number, "accept")
    with pytest.raises(DifferenceMovedOn), db.unit_of_work() as session:
        cases.approve(session, by=second(school), number=number)
    assert sum(school.balances().values()) == 10000


def test_money_that_settles_goes_back_when_refund_was_decided(school):
    charge, number = lost_notice(school)
    act(school, number, "refund")
    assert school.fulfilment(charge).status == "abandoned"
    assert [(one.fen, one.cause) for one in school.refunds(charge)] == [(5000, "unfulfilled")]
    school.deliver()
    assert school.vendor.credits == []
    school.check()


def test_a_second_payment_of_an_order_goes_back(school):
    charge = school.charge()
    school.start(charge)
    school.start(charge, by=school.chen, openid=FRIEND)
    school.pay(charge)
    line = line_of(school.attempts(charge)[0].number, 5000)
    number = difference("double", 5000, line_id=line, order_id=charge.order_id, bill_fen=5000)
    act(school, number, "refund")
    assert [(one.fen, one.cause) for one in school.refunds(charge)] == [(5000, "surplus")]
    school.check()


def test_an_unknown_order_can_not_be_accepted_but_suspended(school):
    number = difference("surplus", 700, line_id=line_of("NOBODY00000001", 700), bill_fen=700)
    with pytest.raises(ActionImpossible):
        act(school, number, "accept")
    with db.unit_of_work() as session:
        cases.withdraw(session, by=school.zhao, number=number)
    act(school, number, "suspend")
    assert school.balances() == {f"channel:wechat:{MCHID}": 700, "suspense_surplus:wechat": 700}
    assert (found(number).status, found(number).owner_id) == ("suspended", school.zhao.person_id)


def test_what_was_suspended_is_reversed_not_deleted(school):
    number = difference("surplus", 700, line_id=line_of("NOBODY00000001", 700), bill_fen=700)
    act(school, number, "suspend")
    with db.unit_of_work() as session:
        assert "suspend" not in cases.possible_actions(session, found(number))
    act(school, number, "reverse")
    assert school.balances() == {}
    assert found(number).status == "settled"
    with db.unit_of_work() as session:
        entries = session.execute(
            select(LedgerEntry.kind, LedgerEntry.reverses_id).order_by(LedgerEntry.id)
        ).all()
    assert [row.kind for row in entries] == ["suspense", "reversal"]


def test_a_shortage_is_claimed_and_adjusted_later(school):
    charge = school.paid()
    number = difference("shortage", -5000, our_fen=5000, order_id=charge.order_id)
    act(school, number, "suspend")
    assert school.balances() == {"due:electricity": 5000, "suspense_shortage:wechat": 5000}
    act(school, number, "adjust")
    assert school.balances() == {"due:electricity": 5000, "adjustments:wechat": -5000}


def test_a_wrong_fee_is_claimed_and_not_booked_a_second_time(school):
    school.paid()
    number = difference("fee", -30)
    with db.unit_of_work() as session:
        assert cases.possible_actions(session, found(number)) == ("suspend", "clear")
    act(school, number, "suspend")
    assert school.balances()[f"channel:wechat:{MCHID}"] == 5000


def test_a_delivery_that_only_the_vendor_knows_is_accepted(school):
    charge = school.paid()
    line = line_of(school.order(charge).number, 5000, sort="top_up", source="meters", kind="delivery")
    number = difference("fulfilment", 5000, bill_kind="delivery", source="meters", line_id=line)
    act(school, number, "accept")
    assert school.fulfilment(charge).status == "applied"
    school.check()


def test_a_delivery_that_the_vendor_does_not_know_is_refunded(school):
    charge = school.paid()
    school.deliver()
    number = difference(
        "fulfilment", -5000, bill_kind="delivery", source="meters", our_fen=5000, order_id=charge.order_id
    )
    act(school, number, "refund")
    assert [one.fen for one in school.refunds(charge)] == [5000]
    school.check()


def test_a_rejected_proposal_leaves_all_as_it_was(school):
    number = difference("cutoff", 700, status="waiting", heal_by=clock.today() + timedelta(days=1))
    with db.unit_of_work() as session:
        cases.propose(session, by=school.zhao, number=number, action="clear", note=NOTE)
        cases.reject(session, by=second(school), number=number, note="再等一天账单")
    row = found(number)
    assert (row.status, row.action, row.proposed_by_id) == ("waiting", None, None)


def test_only_who_proposed_takes_it_back(school):
    number = difference("surplus", 700)
    with db.unit_of_work() as session:
        cases.propose(session, by=school.zhao, number=number, action="clear", note=NOTE)
    with pytest.raises(DifferenceMovedOn), db.unit_of_work() as session:
        cases.withdraw(session, by=second(school), number=number)
    assert found(number).status == "proposed"


def test_no_ground_no_proposal(school):
    number = difference("surplus", 700)
    with pytest.raises(NoteMissing), db.unit_of_work() as session:
        cases.propose(session, by=school.zhao, number=number, action="clear", note=" ok ")
    assert found(number).status == "open"


def test_an_action_that_does_not_fit_is_refused(school):
    number = difference("settlement", 700, bill_kind="bank", source="bank")
    with pytest.raises(ActionImpossible), db.unit_of_work() as session:
        cases.propose(session, by=school.zhao, number=number, action="accept", note=NOTE)


def test_a_case_has_an_owner_and_notes(school):
    number = difference("surplus", 700)
    with db.unit_of_work() as session:
        cases.assign(session, by=school.zhao, number=number, owner_id=school.chen.person_id)
        cases.add_note(session, by=school.zhao, number=number, text="已电话联系")
    assert found(number).owner_id == school.chen.person_id
    with db.unit_of_work() as session:
        assert session.scalars(select(DifferenceNote.text)).all() == ["已电话联系"]


def test_an_ended_one_is_not_assigned(school):
    number = difference("surplus", 700)
    act(school, number, "clear")
    with pytest.raises(DifferenceEnded), db.unit_of_work() as session:
        cases.assign(session, by=school.zhao, number=number, owner_id=school.chen.person_id)
    with db.unit_of_work() as session:
        assert session.scalar(select(Order.id)) is None
