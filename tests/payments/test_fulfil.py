"""Delivering once: every class of vendor, every missing answer, every late one."""

import pytest

from app.clients.vendor import AuthProblem, BadReply, DuplicateOrder, OutcomeUnknown, Refused, Unavailable
from app.kit import db
from app.kit.module import Fulfiller, Module, Registry
from app.payments.errors import FulfilmentMovedOn, NoteMissing
from app.payments.flows import fulfilling
from app.payments.service import Outcome, Rules, decide, fulfilments, outcomes

UNKNOWN = OutcomeUnknown("timeout")


def settle(school, rounds: int = 12) -> None:
    """Time passes until nothing more is due."""
    for _ in range(rounds):
        school.pass_time(minutes=2)
        school.deliver()


def test_it_works(school):
    charge = school.paid()
    school.deliver()
    assert school.fulfilment(charge).status == "applied"
    assert len(school.vendor.calls) == 1


def test_the_event_twice_is_one_delivery(school):
    charge = school.paid()
    school.deliver()
    fulfilling.drive(school.fulfilment(charge).id, "testing", clients=school.clients)
    school.deliver(2)
    assert len(school.vendor.credits) == 1


@pytest.mark.parametrize("order_class", ["A", "B", "C"])
def test_an_answer_lost_after_applying_is_asked_for(school, order_class):
    school.vendor.order_class = order_class
    school.vendor.moods = [("after", UNKNOWN)]
    charge = school.paid()
    school.deliver()
    assert school.fulfilment(charge).status == "unknown"
    settle(school, 2)
    assert school.fulfilment(charge).status == "applied"
    assert len(school.vendor.credits) == 1
    assert [call.split()[0] for call in school.vendor.calls] == ["send", "ask"]
    school.check()


@pytest.mark.parametrize("order_class", ["A", "B"])
def test_a_call_lost_before_applying_is_sent_again_where_a_repeat_is_harmless(school, order_class):
    school.vendor.order_class = order_class
    school.vendor.moods = [("before", UNKNOWN)]
    charge = school.paid()
    school.deliver()
    school.pass_time(seconds=20)
    school.deliver()
    assert school.fulfilment(charge).status == "applied"
    assert [call.split()[0] for call in school.vendor.calls] == ["send", "ask", "send"]
    assert len({call.split()[1] for call in school.vendor.calls}) == 1, "always the same number"


def test_class_c_is_sent_again_only_when_the_vendor_has_settled(school):
    school.vendor.moods = [("before", UNKNOWN)]
    charge = school.paid()
    school.deliver()
    school.pass_time(seconds=20)
    school.deliver()
    assert school.vendor.calls[-1].startswith("ask")
    school.pass_time(seconds=61)
    school.deliver()
    assert [call.split()[0] for call in school.vendor.calls] == ["send", "ask", "ask"], "81 s of 120"
    settle(school, 2)
    assert school.fulfilment(charge).status == "applied"
    assert len(school.vendor.credits) == 1
    school.check()


def test_an_order_applied_late_is_not_sent_again(school):
    """`late_apply`: the vendor says no such order, and carries it out a minute and a half later."""
    school.vendor.moods = [("late", UNKNOWN)]
    charge = school.paid()
    school.deliver()
    school.pass_time(seconds=20)
    school.deliver()
    school.pass_time(seconds=70)
    school.vendor.apply_late()
    settle(school, 3)
    assert school.fulfilment(charge).status == "applied"
    assert len(school.vendor.credits) == 1


def test_class_d_ends_with_a_person(school):
    school.vendor.order_class, school.vendor.can_ask = "D", False
    school.vendor.moods = [("after", UNKNOWN)]
    charge = school.paid()
    school.deliver()
    settle(school, 3)
    assert school.fulfilment(charge).status == "review"
    assert len(school.vendor.calls) == 1


def test_a_duplicate_is_asked_about_and_not_failed(school):
    school.vendor.order_class = "B"
    school.vendor.moods = [("after", DuplicateOrder("60045"))]
    charge = school.paid()
    school.deliver()
    assert school.fulfilment(charge).status == "applied"
    assert [call.split()[0] for call in school.vendor.calls] == ["send", "ask"]


def test_a_definite_refusal_sends_the_money_back_once(school):
    school.vendor.moods = [("before", Refused("60003"))]
    charge = school.paid()
    school.deliver()
    assert school.fulfilment(charge).status == "abandoned"
    assert [(one.cause, one.fen) for one in school.refunds(charge)] == [("unfulfilled", 5000)]
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "succeeded"
    assert school.vendor.credits == []
    assert school.balances() == {}
    school.check()


def test_a_refusal_after_a_lost_call_refunds_only_when_nothing_can_come_of_it(school):
    """The first sending may still be on its way: the no of the second speaks of the second."""
    school.vendor.order_class = "B"
    school.vendor.moods = [("late", UNKNOWN), ("before", Refused("60041"))]
    charge = school.paid()
    school.deliver()
    school.pass_time(seconds=20)
    school.deliver()
    assert school.fulfilment(charge).status == "unknown"
    assert school.refunds(charge) == []
    school.vendor.apply_late()
    settle(school, 2)
    assert school.fulfilment(charge).status == "applied"
    assert school.refunds(charge) == []
    school.check()


def test_a_refusal_after_a_lost_call_refunds_in_the_end(school):
    school.vendor.order_class = "B"
    school.vendor.moods = [("before", UNKNOWN), ("before", Refused("60041"))]
    charge = school.paid()
    school.deliver()
    settle(school, 8)
    assert school.fulfilment(charge).status == "abandoned"
    assert len(school.refunds(charge)) == 1
    school.check()


@pytest.mark.parametrize("error", [Unavailable("busy"), AuthProblem("40017")])
def test_a_vendor_that_is_away_is_tried_again(school, error):
    school.vendor.moods = [("before", error)] * 3
    charge = school.paid()
    school.deliver()
    settle(school, 4)
    assert school.fulfilment(charge).status == "applied"
    assert len(school.vendor.credits) == 1


def test_after_an_outage_the_oldest_go_first(school):
    school.vendor.moods = [("before", Unavailable("away"))] * 50
    charges = [school.paid(f"room-{n}") for n in range(5)]
    school.deliver()
    school.pass_time(minutes=1)
    school.deliver()
    assert len(school.vendor.calls) <= 8, "one try stops the rest"
    school.vendor.moods = []
    newest = school.paid("room-new")
    settle(school, 2)
    numbers = [school.order(charge).number for charge in [*charges, newest]]
    assert [number for number, _ in school.vendor.credits] == numbers


def test_an_unreadable_answer_is_unknown_and_a_bug_too(school):
    school.vendor.moods = [("after", BadReply("html")), ("after", ValueError("ours"))]
    first, second = school.paid("room-1"), school.paid("room-2")
    school.deliver()
    assert school.fulfilment(first).status == "unknown"
    assert school.fulfilment(second).status == "unknown"
    settle(school, 2)
    assert len(school.vendor.credits) == 2
    school.check()


def test_accepted_and_applied_are_two_things(school):
    school.vendor.answer = "accepted"
    charge = school.paid()
    school.deliver()
    fulfilment = school.fulfilment(charge)
    assert (fulfilment.status, fulfilment.applied_at) == ("accepted", None)
    assert fulfilment.accepted_at is not None
    settle(school, 1)
    assert school.fulfilment(charge).status == "applied"
    assert len(school.vendor.credits) == 1


def test_another_amount_at_the_vendor_goes_to_a_person(school):
    school.vendor.moods = [("after", UNKNOWN)]
    charge = school.paid()
    school.deliver()
    school.vendor.credits = [(school.order(charge).number, 4999)]
    settle(school, 1)
    assert school.fulfilment(charge).status == "review"


def test_a_process_that_died_while_sending_is_followed_by_a_question(school):
    """Claimed, sent, applied, and never heard of again: the next one asks."""
    charge = school.paid()
    rules = Rules("C", True, school.vendor.settle)
    with db.unit_of_work() as session:
        ident = fulfilments.fulfilment_of(session, charge.order_id)
        step = fulfilments.claim_step(session, ident, rules)
    assert step.action == "send"
    school.vendor.credits.append((step.number, 5000))
    school.deliver()
    assert school.vendor.calls == [], "the claim still holds"
    school.pass_time(seconds=95)
    school.deliver()
    settle(school, 1)
    assert school.fulfilment(charge).status == "applied"
    assert [call.split()[0] for call in school.vendor.calls] == ["ask"]
    with db.unit_of_work() as session:
        assert not fulfilments.may_still_call(session, step)
        outcomes.report(session, step, Outcome("refused", code="late"), rules)
    assert school.fulfilment(charge).status == "applied", "a zombie's word changes nothing"
    school.check()


def test_a_process_that_slept_over_its_claim_does_not_send(school):
    charge = school.paid()
    with db.unit_of_work() as session:
        ident = fulfilments.fulfilment_of(session, charge.order_id)
        step = fulfilments.claim_step(session, ident, Rules("C", True, school.vendor.settle))
    school.pass_time(seconds=70)
    with db.unit_of_work() as session:
        assert not fulfilments.may_still_call(session, step)


def review(school):
    school.vendor.order_class, school.vendor.can_ask = "D", False
    school.vendor.moods = [("after", UNKNOWN)]
    charge = school.paid()
    school.deliver()
    settle(school, 2)
    assert school.fulfilment(charge).status == "review"
    return charge


def say(school, charge, decision, note="查过电表，见购电记录"):
    with db.unit_of_work() as session:
        decide(session, by=school.zhao, order_public_id=charge.public_id, decision=decision, note=note)


def test_a_person_may_say_that_it_was_delivered(school):
    charge = review(school)
    with pytest.raises(NoteMissing):
        say(school, charge, "applied", note=" ")
    say(school, charge, "applied")
    assert school.fulfilment(charge).status == "applied"
    assert school.fulfilment(charge).decided_by_id == school.zhao.person_id
    with pytest.raises(FulfilmentMovedOn):
        say(school, charge, "abandon")
    school.check()


def test_a_person_may_give_it_up_and_the_money_goes_back(school):
    charge = review(school)
    say(school, charge, "abandon")
    assert school.fulfilment(charge).status == "abandoned"
    school.finish_refunds()
    assert school.refunds(charge)[0].status == "succeeded"
    school.check()


def test_a_service_that_is_suspended_waits(school):
    charge = school.paid()
    fulfilling.configure(Registry((Module("other", "别的"),)))
    school.deliver()
    assert school.fulfilment(charge).status == "waiting"
    fulfiller = Fulfiller(
        prepare=lambda session, order_id: {"fen": 5000},
        rules=lambda task, clients: Rules("C", True, school.vendor.settle),
        send=school.vendor.send,
        ask=school.vendor.ask,
    )
    fulfilling.configure(Registry((Module("testing", "试", fulfiller=fulfiller),)))
    school.deliver()
    assert school.fulfilment(charge).status == "applied"
