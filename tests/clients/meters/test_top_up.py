"""Top-ups against every fault on the menu, in each dialect: what the adapter says, and what is true."""

import pytest

from app.clients.vendor import AuthProblem, BadReply, DuplicateOrder, OutcomeUnknown, Refused, Unavailable
from tests.vendors import HANG, MACHINES, ROOMS, order, patience

SYSTEMS = ("isims", "synjones")
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
    "late_apply": 1,
}
"""How many credits there are behind an unknown outcome."""
FINE = ("wrong_charset", "bom", "slow", "duplicate_refused", "duplicate_accepted")
NOT_NOW = ("rate_limited", "service_closed")

each_system = pytest.mark.parametrize("system", SYSTEMS)


@each_system
def test_it_works(vendors, system):
    meters, request = vendors.meters(system), order(system)
    before = meters.reading(request.room)[0]
    assert meters.top_up(request).status == "applied"
    state = meters.query_top_up(request)
    assert state.status == "applied" and state.agrees_with(request)
    assert (state.fen, state.room_key) == (5_000, ROOMS[system].key)
    (credit,) = vendors.credits(request.order_no)
    assert (credit["fen"], credit["room"], credit["status"]) == (5_000, ROOMS[system].key, "applied")
    after = meters.reading(request.room)[0]
    assert 92 <= after.kwh - before.kwh <= 93  # 50 yuan at 0.54


@each_system
@pytest.mark.parametrize("fault", UNKNOWN)
def test_no_clear_answer_leaves_the_outcome_unknown(vendors, system, fault):
    meters, request = vendors.meters(system), order(system)
    vendors.fault(MACHINES[system], fault, op="top_up", delay=HANG)
    with pytest.raises(OutcomeUnknown):
        vendors.meters(system, **patience(fault)).top_up(request)
    assert len(vendors.credits(request.order_no)) == UNKNOWN[fault]
    found = meters.query_top_up(request)
    told = UNKNOWN[fault] and fault != "late_apply"
    assert found.status == ("applied" if told else "not_found")


def test_an_answer_that_somebody_else_signed_is_no_answer(vendors):
    vendors.fault("card", "forged_reply", op="top_up")
    with pytest.raises(OutcomeUnknown):
        vendors.meters("synjones").top_up(order("synjones"))


@each_system
@pytest.mark.parametrize("fault", FINE)
def test_odd_looking_answers_are_read(vendors, system, fault):
    request = order(system)
    vendors.fault(MACHINES[system], fault, op="top_up", delay=0.05)
    assert vendors.meters(system).top_up(request).status == "applied"
    assert len(vendors.credits(request.order_no)) == 1


@each_system
@pytest.mark.parametrize("fault", NOT_NOW)
def test_not_now_is_unavailable_and_nothing_happened(vendors, system, fault):
    vendors.fault(MACHINES[system], fault, op="top_up")
    with pytest.raises(Unavailable):
        vendors.meters(system).top_up(order(system))
    assert vendors.credits(order(system).order_no) == []


@each_system
def test_a_connection_that_drops_before_is_unknown_too(vendors, system):
    vendors.fault(MACHINES[system], "flap", op="top_up", p=1.0)
    with pytest.raises(OutcomeUnknown):
        vendors.meters(system).top_up(order(system))
    assert vendors.credits(order(system).order_no) == []


def test_an_expired_token_is_renewed_once(vendors):
    meters = vendors.meters("synjones")
    vendors.fault("card", "auth_expired", op="top_up")
    assert meters.top_up(order("synjones")).status == "applied"
    vendors.fault("card", "auth_expired", op="top_up", times=None)
    with pytest.raises(AuthProblem):
        meters.top_up(order("synjones", "E26112200002A"))
    assert vendors.calls("card")["top_up"] == 4
    assert vendors.credits("E26112200002A") == []


def test_a_wrong_key_is_an_auth_problem(vendors):
    meters = vendors.meters("isims", signkey="of somebody else")
    with pytest.raises(AuthProblem):
        meters.top_up(order("isims"))
    assert vendors.credits(order("isims").order_no) == []


@each_system
def test_a_closed_room_is_refused(vendors, system):
    vendors.post("/_sim/meters/room", {"system": system, "key": ROOMS[system].key, "closed": True})
    with pytest.raises(Refused) as caught:
        vendors.meters(system).top_up(order(system))
    assert not isinstance(caught.value, DuplicateOrder)
    assert vendors.credits(order(system).order_no) == []


@each_system
@pytest.mark.parametrize("fen", [0, -100, 99, 150, 20_100])
def test_an_amount_against_the_rules_is_never_sent(vendors, system, fen):
    with pytest.raises(Refused):
        vendors.meters(system).top_up(order(system, fen=fen))
    assert "top_up" not in vendors.calls(MACHINES[system])


@each_system
@pytest.mark.parametrize("number", ["", "e2611", "E26 1", "电费1", "E" * 33])
def test_an_order_number_that_is_none_is_never_sent(vendors, system, number):
    with pytest.raises(Refused):
        vendors.meters(system).top_up(order(system, number))
    assert "top_up" not in vendors.calls(MACHINES[system])


@each_system
def test_class_b_refuses_a_repeated_number(vendors, system):
    vendors.set(MACHINES[system], duplicates="refuse")
    meters, request = vendors.meters(system), order(system)
    meters.top_up(request)
    with pytest.raises(DuplicateOrder):
        meters.top_up(request)
    assert meters.query_top_up(request).agrees_with(request)
    assert len(vendors.credits(request.order_no)) == 1


@each_system
def test_class_a_answers_a_repeated_number_again(vendors, system):
    vendors.set(MACHINES[system], duplicates="replay")
    meters, request = vendors.meters(system), order(system)
    assert meters.top_up(request) == meters.top_up(request)
    assert len(vendors.credits(request.order_no)) == 1


@each_system
def test_class_c_does_it_again(vendors, system):
    """The trap that the rules for resending are there for."""
    vendors.set(MACHINES[system], duplicates="accept")
    meters, request = vendors.meters(system), order(system)
    meters.top_up(request)
    meters.top_up(request)
    assert len(vendors.credits(request.order_no)) == 2


@each_system
def test_a_late_top_up_is_not_found_at_first(vendors, system):
    meters, request = vendors.meters(system), order(system)
    vendors.fault(MACHINES[system], "late_apply", op="top_up", seconds=90)
    with pytest.raises(OutcomeUnknown):
        meters.top_up(request)
    assert meters.query_top_up(request).status == "not_found"
    assert [each["status"] for each in vendors.credits(request.order_no)] == ["accepted"]
    vendors.ahead(91)
    assert meters.query_top_up(request).agrees_with(request)
    assert [each["status"] for each in vendors.credits(request.order_no)] == ["applied"]


@pytest.mark.parametrize(("duplicates", "credits"), [("accept", 2), ("refuse", 1), ("replay", 1)])
def test_resending_what_was_late_doubles_it_in_class_c_alone(vendors, duplicates, credits):
    vendors.set("meters", duplicates=duplicates)
    meters, request = vendors.meters("isims"), order("isims")
    vendors.fault("meters", "late_apply", op="top_up", seconds=90)
    with pytest.raises(OutcomeUnknown):
        meters.top_up(request)
    meters.top_up(request)
    vendors.ahead(91)
    assert sum(each["status"] == "applied" for each in vendors.credits(request.order_no)) == credits


@each_system
def test_a_batch_delivery_is_accepted_first_and_applied_at_the_odd_hour(vendors, system):
    vendors.set("meters", delivery="batch")
    vendors.set("card", elec_delivery="batch")
    settings = {"delivery": "batch"} if system == "isims" else {}
    meters, request = vendors.meters(system, **settings), order(system)
    before = meters.reading(request.room)[0].kwh
    assert meters.top_up(request).status == "accepted"
    assert meters.query_top_up(request).status == "accepted"
    assert meters.reading(request.room)[0].kwh <= before
    vendors.ahead(2 * 3600)
    assert meters.query_top_up(request).status == "applied"
    assert meters.reading(request.room)[0].kwh > before + 80


@each_system
@pytest.mark.parametrize("fault", ["amount_rounding", "wrong_room"])
def test_the_vendors_record_tells_when_it_did_something_else(vendors, system, fault):
    meters, request = vendors.meters(system), order(system)
    vendors.fault(MACHINES[system], fault, op="top_up")
    meters.top_up(request)
    assert not meters.query_top_up(request).agrees_with(request)


@each_system
def test_a_question_that_fails_says_nothing_about_the_order(vendors, system):
    meters, request = vendors.meters(system), order(system)
    meters.top_up(request)
    for fault in ({*UNKNOWN} - {"timeout_before"}) | {"query_unavailable", "rate_limited"}:
        vendors.fault(MACHINES[system], fault, op="query_top_up", delay=HANG)
        with pytest.raises((Unavailable, BadReply)):
            vendors.meters(system, **patience(fault)).query_top_up(request)
    assert meters.query_top_up(request).status == "applied"


def test_a_refused_question_is_not_a_refused_order(vendors):
    meters = vendors.meters("isims", codes={"参数错误": "R"})
    vendors.set("meters", query_order=False)
    with pytest.raises(BadReply):
        meters.query_top_up(order("isims"))


def test_without_a_query_the_class_is_d(vendors):
    meters = vendors.meters("isims", can_query_order=False)
    assert meters.capabilities.order_class == "D"
    with pytest.raises(Unavailable):
        meters.query_top_up(order("isims"))
    assert "query_top_up" not in vendors.calls("meters")


def test_a_school_may_overrule_a_letter(vendors):
    vendors.set("card", duplicates="refuse")
    meters = vendors.meters("synjones", codes={"60045": "U", "签名检验失败": "A"})
    meters.top_up(order("synjones"))
    with pytest.raises(OutcomeUnknown):
        meters.top_up(order("synjones"))


def test_ten_thousand_orders_are_told_apart_by_the_truth(vendors):
    meters = vendors.meters("isims")
    for number in range(20):
        meters.top_up(order("isims", f"E{number:013d}"))
    asked = [f"E{number:013d}" for number in range(10_000)]
    truth = vendors.post("/_sim/meters/credits", {"order_nos": asked})
    assert len(truth) == 10_000
    assert [number for number, credits in truth.items() if len(credits) == 1] == asked[:20]
    assert sum(len(credits) for credits in truth.values()) == len(vendors.get("/_sim/meters/credits")) == 20
