"""Accounts, debits and refunds against every fault on the menu: what the adapter says, and what is true."""

import pytest

from app.clients.card.protocol import ELECTRONIC, PURSE, NoSuchAccount
from app.clients.vendor import (
    AuthProblem,
    BadReply,
    DuplicateOrder,
    NoSuchOrder,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from tests.vendors import HANG, STUDENT, patience, today

DEBIT, REFUND = "P26112200001A", "R26112200001A"
UNKNOWN = {
    "timeout_before": 0,
    "timeout_after": 1,
    "reset_after": 1,
    "http500_before": 0,
    "http500_after": 1,
    "http502_html": 0,
    "http200_html": 0,
    "empty_body_after": 1,
    "truncated_json_after": 1,
    "gbk_plain_error": 1,
    "forged_reply": 1,
    "late_apply": 1,
}
"""How many movements there are behind an unknown outcome."""


class Desk:
    """One card, its account, and a debit to refund."""

    def __init__(self, vendors, **changes):
        self.vendors, self.card = vendors, vendors.card(**changes)
        self.sender = self.card
        self.account_no = self.card.account(STUDENT).account_no

    def meets(self, op: str, fault: str):
        """The next call of this kind fails, and who sends it knows when to give up."""
        self.sender = self.vendors.card(**patience(fault))
        self.vendors.fault("card", fault, op=op, delay=HANG)
        return self.sender

    def purse(self) -> int:
        return self.card.account(STUDENT).balances[PURSE]

    def debit(self, order_no: str = DEBIT, fen: int = 1_000):
        return self.sender.debit(order_no, self.account_no, fen, "电费 3号楼512 龘𠮷")

    def refund(self, refund_no: str = REFUND, fen: int = 1_000, order_no: str = DEBIT):
        ref = self.card.query(order_no).vendor_ref or "000000000000"
        return self.sender.refund(refund_no, order_no, ref, self.account_no, fen)

    def moves(self, kind: str) -> list:
        return [each for each in self.vendors.debits(DEBIT) if each["kind"] == kind]


@pytest.fixture
def desk(vendors) -> Desk:
    return Desk(vendors)


def test_it_works(desk):
    before = desk.purse()
    assert desk.debit().status == "applied"
    state = desk.card.query(DEBIT)
    assert state.status == "applied" and state.agrees_with(desk.account_no, 1_000)
    assert desk.purse() == before - 1_000
    assert desk.refund(fen=400).status == "applied"
    given_back = desk.card.query_refund(REFUND, DEBIT)
    assert given_back.status == "applied" and given_back.agrees_with(desk.account_no, 400)
    assert desk.purse() == before - 600


def test_the_account_by_student_number(vendors):
    account = vendors.card().account(STUDENT)
    assert account.account_no.isdecimal() and account.account_no != STUDENT
    assert account.status == "normal"
    assert account.balances[PURSE] > 0 and ELECTRONIC in account.balances
    assert (account.single_limit_fen, account.day_limit_fen, account.day_spent_fen) == (50_000, 100_000, 0)
    assert "balances" not in repr(account)


def test_over_the_page_it_is_the_same_account(vendors):
    page = vendors.card(page_url=f"{vendors.base}/card")
    assert page.account(STUDENT) == vendors.card().account(STUDENT)


@pytest.mark.parametrize("status", ["lost", "frozen", "closed", "expired"])
def test_a_card_that_may_not_pay(desk, status):
    desk.vendors.post("/_sim/card/account", {"student": STUDENT, "status": status})
    assert desk.card.account(STUDENT).status == status
    with pytest.raises(Refused):
        desk.debit()
    assert desk.moves("DEBIT") == []


def test_a_stranger_has_no_account(vendors):
    with pytest.raises(NoSuchAccount):
        vendors.card().account("?")


@pytest.mark.parametrize("account", [{"purse": 999}, {"single_limit": 999}, {"day_limit": 999}])
def test_too_much_is_refused(desk, account):
    desk.vendors.post("/_sim/card/account", {"student": STUDENT, **account})
    with pytest.raises(Refused) as caught:
        desk.debit()
    assert caught.value.code in ("60010", "60017", "60031")
    assert desk.moves("DEBIT") == []


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_debit_without_a_clear_answer_is_unknown(desk, fault):
    desk.meets("debit", fault)
    with pytest.raises(OutcomeUnknown):
        desk.debit()
    assert len(desk.moves("DEBIT")) == UNKNOWN[fault]
    told = UNKNOWN[fault] and fault != "late_apply"
    assert desk.card.query(DEBIT).status == ("applied" if told else "not_found")


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_refund_without_a_clear_answer_is_unknown(desk, fault):
    desk.debit()
    desk.meets("refund", fault)
    with pytest.raises(OutcomeUnknown):
        desk.refund()
    assert len(desk.moves("REFUND")) == UNKNOWN[fault]
    told = UNKNOWN[fault] and fault != "late_apply"
    assert desk.card.query_refund(REFUND, DEBIT).status == ("applied" if told else "not_found")


@pytest.mark.parametrize("fault", ["rate_limited", "service_closed"])
def test_not_now_is_unavailable_and_nothing_happened(desk, fault):
    desk.vendors.fault("card", fault, op="debit")
    with pytest.raises(Unavailable):
        desk.debit()
    desk.debit()
    desk.vendors.fault("card", fault, op="refund")
    with pytest.raises(Unavailable):
        desk.refund()
    assert len(desk.moves("DEBIT")) == 1 and desk.moves("REFUND") == []


@pytest.mark.parametrize("fault", [*UNKNOWN, "query_unavailable", "rate_limited"])
def test_a_question_that_fails_says_nothing(desk, fault):
    desk.debit()
    with pytest.raises((Unavailable, BadReply)):
        desk.meets("query", fault).query(DEBIT)
    assert desk.card.query(DEBIT).status == "applied"


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_balance_that_fails_is_never_a_number(desk, fault):
    with pytest.raises((Unavailable, BadReply)):
        desk.meets("account", fault).account(STUDENT)


def test_a_closed_house_says_so(desk):
    desk.vendors.set("card", service_hours="03:00-03:00")
    with pytest.raises(Unavailable) as caught:
        desk.debit()
    assert caught.value.code == "60041"


@pytest.mark.parametrize(("policy", "moves"), [("refuse", 1), ("replay", 1), ("accept", 2)])
def test_a_repeated_number_by_the_class_of_the_system(desk, policy, moves):
    desk.vendors.set("card", duplicates=policy)
    desk.debit()
    if policy == "refuse":
        with pytest.raises(DuplicateOrder):
            desk.debit()
    else:
        desk.debit()
    assert len(desk.moves("DEBIT")) == moves
    assert desk.card.query(DEBIT).agrees_with(desk.account_no, 1_000)


def test_a_late_debit_is_not_found_at_first(desk):
    before = desk.purse()
    desk.vendors.fault("card", "late_apply", op="debit", seconds=90)
    with pytest.raises(OutcomeUnknown):
        desk.debit()
    assert desk.card.query(DEBIT).status == "not_found"
    assert desk.purse() == before
    desk.vendors.ahead(91)
    assert desk.card.query(DEBIT).status == "applied"
    assert desk.purse() == before - 1_000


def test_a_debit_is_given_back_once_at_most(desk):
    desk.debit()
    desk.refund(fen=600)
    with pytest.raises(Refused):
        desk.refund("R26112200002A", fen=500)
    with pytest.raises(DuplicateOrder):
        desk.refund(fen=100)
    assert sum(each["fen"] for each in desk.moves("REFUND")) == 600


def test_there_is_nothing_to_give_back_of_a_debit_that_is_not_there(desk):
    with pytest.raises(Refused) as caught:
        desk.refund()
    assert not isinstance(caught.value, NoSuchOrder | OutcomeUnknown)


@pytest.mark.parametrize(("number", "fen"), [("P1", 0), ("P1", -5), ("p1", 100), ("", 100), ("P1", 50_001)])
def test_what_can_never_go_through_is_never_sent(desk, number, fen):
    with pytest.raises(Refused):
        desk.debit(number, fen)
    assert "debit" not in desk.vendors.calls("card")


def test_a_rounded_debit_does_not_agree(desk):
    desk.vendors.fault("card", "amount_rounding", op="debit")
    desk.debit()
    assert not desk.card.query(DEBIT).agrees_with(desk.account_no, 1_000)


def test_transactions_page_by_page(desk):
    for number in range(60):
        desk.debit(f"P{number:05d}", 100)
    first = desk.card.transactions(desk.account_no, today(), today())
    second = desk.card.transactions(desk.account_no, today(), today(), first.next_cursor)
    assert (len(first.transactions), len(second.transactions), second.next_cursor) == (50, 10, None)
    newest = first.transactions[0]
    assert newest.fen == -100 and newest.place == "电费 3号楼512 龘𠮷"
    assert newest.balance_fen == desk.purse()
    assert len({each.vendor_ref for each in first.transactions + second.transactions}) == 60


def test_one_token_serves_many_calls(desk):
    for number in range(5):
        desk.debit(f"P{number:05d}", 100)
    assert desk.vendors.calls("card")["token"] == 1


def test_a_token_that_ran_out_is_renewed(desk):
    desk.debit("P00001", 100)
    desk.vendors.ahead(7_300)
    desk.debit("P00002", 100)
    assert desk.vendors.calls("card")["token"] == 2


def test_a_token_that_is_used_up_is_not_now(vendors):
    vendors.set("card", token_quota=2)
    desk = Desk(vendors)
    desk.debit("P00001", 100)
    with pytest.raises(Unavailable) as caught:
        desk.debit("P00002", 100)
    assert caught.value.code == "60048" and not isinstance(caught.value, AuthProblem)


@pytest.mark.parametrize("fault", ["http500_before", "truncated_json_after", "gbk_plain_error", "flap"])
def test_without_a_token_nothing_was_sent(desk, fault):
    card = desk.vendors.card()
    desk.vendors.fault("card", fault, op="token", times=None, p=1.0)
    with pytest.raises(Unavailable):
        card.debit(DEBIT, desk.account_no, 100, "")
    assert desk.moves("DEBIT") == []


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_it_speaks_with_either_charset(vendors, charset):
    vendors.set("card", charset=charset)
    desk = Desk(vendors)
    desk.debit()
    assert desk.card.transactions(desk.account_no, today(), today()).transactions[0].place.startswith("电费")
