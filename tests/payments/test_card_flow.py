"""The card centre's flow: read by the clock, kept with its cursor, loud where it breaks, compared with the day file."""

import dataclasses
import threading
from datetime import date, timedelta

import pytest
import requests
from sqlalchemy import select

from app.kit import clock, db, failpoint
from app.payments import jobs
from app.payments.flows import card_flows as flows
from app.payments.flows import fetching, reconciling
from app.payments.models import CardFlow, CardFlowLine, Difference
from app.payments.queries.reconciliation import days_due, explain
from app.payments.service.bills import Matter
from app.platform.directory import queries as directory
from app.platform.identity import service as identity
from app.platform.notifications.models import Message

ACCOUNT = "CARD01"
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


class Till:
    """The card system, where others sell too."""

    def __init__(self, school) -> None:
        self.school, self.card = school, school.clients.card
        self.student = self.card.account("2023010101").account_no
        self.sold = 0

    def sim(self, path: str, **given):
        answer = requests.post(f"{self.school.sandbox}/_sim/card/{path}", json=given, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def sell(self, times: int = 1, fen: int = 100) -> None:
        for _ in range(times):
            self.sold += 1
            self.card.debit(f"P{self.sold:06d}", self.student, fen, "电费")

    def fault(self, name: str, **given) -> None:
        self.sim("fault", fault=name, match={"op": "flow"}, **given)

    def read(self) -> str:
        return flows.read_on(ACCOUNT, clients=self.school.clients)

    def file(self, day: date, **fault) -> None:
        if fault:
            self.sim("fault", match={"op": "statement"}, **fault)
        fetching.fetch(Matter("card", "trade", ACCOUNT, day), clients=self.school.clients)

    def run(self, day: date):
        return reconciling.reconcile_day(day, by_id=None, clients=self.school.clients)

    def row(self, day: date):
        return next(one for one in self.run(day).accounts if (one.source, one.kind) == ("card", "flow"))


@pytest.fixture
def till(school) -> Till:
    """Monday, 9:00. The flow has been begun."""
    made = Till(school)
    made.sim("reset")
    made.sim("set", duplicates="refuse")
    made.sim("account", student="2023010101", purse=1_000_000, single_limit=100_000, day_limit=1_000_000)
    made.sim("flow", meals=3)
    assert made.read() == "end"
    return made


def flow():
    with db.unit_of_work() as session:
        return session.execute(select(CardFlow.__table__).where(CardFlow.ended_at.is_(None))).one()


def lines():
    with db.unit_of_work() as session:
        return session.execute(select(CardFlowLine.__table__).order_by(CardFlowLine.id)).all()


def differences():
    with db.unit_of_work() as session:
        return session.scalars(select(Difference).where(Difference.key.like("card:%:flow:%"))).all()


def messages(kind: str):
    with db.unit_of_work() as session:
        return session.execute(select(Message.__table__).where(Message.kind == kind)).all()


def hire(school) -> None:
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=school.ids.zhao, role="payments.cashier")
        identity.grant_role(session, by=None, person_id=school.ids.chen, role="payments.reviewer")


def tuesday_sold(till: Till, times: int = 3) -> None:
    """A whole day of the flow; it is Wednesday, 1:00."""
    till.school.pass_time(hours=24)
    till.sell(times)
    till.school.pass_time(hours=16)
    assert till.read() == "end"


def test_it_works(till):
    till.sell(3)
    till.sim("flow", meals=2)
    till.sell(2, fen=70)
    jobs.read_card_flow(clients=till.school.clients)
    assert flow().cursor == flow().starts_after + 7
    assert [(line.number, line.fen, line.sort, line.day) for line in lines()][-1] == (
        "P000005", 70, "payment", MONDAY)  # fmt: skip
    assert len(lines()) == 5, "of the canteens nothing is kept"
    assert flow().reached_at == clock.now()
    jobs.read_card_flow(clients=till.school.clients)
    assert len(lines()) == 5


def test_what_was_before_the_beginning_is_for_the_day_files(till):
    assert (flow().cursor, flow().reached_at, lines()) == (3, None, [])


def test_many_pages_are_read_in_one_turn(till, monkeypatch):
    monkeypatch.setattr(flows, "PAGE", 4)
    till.sell(11)
    assert till.read() == "end"
    assert [line.no for line in lines()] == list(range(4, 15))


def test_a_long_way_is_gone_in_several_turns(till, monkeypatch):
    monkeypatch.setattr(flows, "PAGE", 4)
    monkeypatch.setattr(flows, "TURN", 2)
    till.sell(11)
    assert (till.read(), flow().reached_at) == ("more", None)
    assert (till.read(), len(lines())) == ("end", 11)


@pytest.mark.parametrize("fault", ["flow_repeat", "flow_reorder"])
def test_repeated_and_reordered_lines_do_no_harm(till, fault):
    till.sell(6)
    till.fault(fault)
    assert till.read() == "end"
    assert till.read() == "end"
    assert [line.number for line in lines()] == [f"P{nth:06d}" for nth in range(1, 7)]


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("flow_skip", "gap"),
        ("flow_changed", "changed"),
        ("flow_truncated", "unavailable"),
        ("truncated_json_after", "unavailable"),
        ("http500_before", "unavailable"),
        ("reset_after", "unavailable"),
        ("forged_reply", "unavailable"),
    ],
)
def test_of_a_bad_page_nothing_is_kept_and_the_next_turn_has_it_all(till, fault, answer):
    till.sell(2)
    till.read()
    till.sell(4)
    till.fault(fault)
    before = flow()
    assert till.read() == answer
    assert (flow().cursor, flow().reached_at, len(lines())) == (before.cursor, before.reached_at, 2)
    assert till.read() == "end"
    assert len(lines()) == 6
    assert flow().problem is None


def test_a_death_before_the_commit_moves_neither_lines_nor_cursor(till):
    till.sell(3)
    failpoint.configure("payments.card_flow_taken=crash")
    with pytest.raises(failpoint.Crashed):
        till.read()
    assert (flow().cursor, lines()) == (3, [])
    failpoint.configure("")
    till.read()
    assert (flow().cursor, len(lines())) == (6, 3)


def test_two_at_once_keep_each_line_once(till, monkeypatch):
    monkeypatch.setattr(flows, "PAGE", 5)
    till.sell(20)
    threads = [threading.Thread(target=till.read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line.no for line in lines()] == list(range(4, 24))


def test_a_number_that_never_comes_is_told_when_it_is_no_longer_a_moment(till):
    hire(till.school)
    till.sell(3)
    till.sim("flow", forget=till.card.query("P000002").vendor_ref)
    assert till.read() == "gap"
    assert messages("payments.card_flow_broken") == [], "another booking may be a moment late"
    till.school.pass_time(minutes=11)
    for _ in range(3):
        assert till.read() == "gap"
    (told,) = messages("payments.card_flow_broken")
    assert told.params["cursor"] == "3" and "缺号" in told.params["problem"]
    assert lines() == []


@pytest.mark.parametrize(("meals", "problem"), [(1, "reset"), (4, "changed"), (9, "changed")])
def test_a_flow_that_counts_anew_is_told_at_once(till, meals, problem):
    """Also when it has come as far as we were, or further."""
    hire(till.school)
    till.sell(1)
    till.read()
    till.sim("flow", restart=True, meals=meals)
    assert till.read() == problem
    assert flow().problem == problem
    assert len(messages("payments.card_flow_broken")) == 1
    assert len(lines()) == 1


def test_an_empty_system_that_counts_anew_before_we_kept_a_line(till):
    till.sim("flow", restart=True)
    till.sell(8)
    assert till.read() == "changed"


def test_a_day_is_whole_when_the_end_was_reached_after_it(till):
    tuesday_sold(till)
    till.file(TUESDAY)
    found = till.row(TUESDAY)
    assert (found.is_missing, found.lines, found.fen) == (False, 3, 300)
    assert differences() == []


def test_before_the_flow_has_the_day_it_is_not_balanced(till):
    """The day file is here and fits; the flow is not, because the vendor is away."""
    till.school.pass_time(hours=24)
    till.sell(3)
    till.read()
    till.school.pass_time(hours=16)
    till.file(TUESDAY)
    till.fault("http500_before", times=None)
    till.read()
    report = till.run(TUESDAY)
    assert till.row(TUESDAY).is_missing and not report.is_explained
    hire(till.school)
    jobs.tell_missing_bills(clients=till.school.clients)
    assert messages("payments.bills_missing") != []


def test_a_broken_flow_keeps_its_days_open(till):
    till.school.pass_time(hours=24)
    till.sell(3)
    till.sim("flow", restart=True, meals=1)
    till.school.pass_time(hours=16)
    assert till.read() == "reset"
    till.file(TUESDAY)
    assert till.row(TUESDAY).is_missing


def test_the_day_that_it_was_begun_on_and_those_before_are_not_asked_of_it(till):
    till.sell(1)
    till.school.pass_time(hours=16)
    till.read()
    assert [one for one in till.run(MONDAY).accounts if one.kind == "flow"] == []


@pytest.mark.parametrize(("fault", "fen"), [("statement_missing_row", -100), ("statement_extra_row", 100)])
def test_file_and_flow_that_differ_are_one_difference(till, fault, fen):
    tuesday_sold(till)
    till.file(TUESDAY, fault=fault)
    assert not till.run(TUESDAY).is_explained
    (found,) = differences()
    assert (found.kind, found.fen, found.facts["lines"], found.status) == ("settlement", fen, 1, "waiting")
    assert found.heal_by == TUESDAY + timedelta(days=2)
    said = explain(found)
    assert f"有 1 笔不一致（{found.facts['reference']}）" in said.msgid % said.params


def test_a_difference_heals_with_a_new_day_file(till):
    tuesday_sold(till)
    till.file(TUESDAY, fault="statement_missing_row")
    till.run(TUESDAY)
    till.file(TUESDAY)
    till.run(TUESDAY)
    assert [one.status for one in differences()] == ["healed"]


def test_another_sum_of_the_same_movement_is_seen_though_nothing_is_missing(till):
    tuesday_sold(till)
    till.file(TUESDAY)
    with db.unit_of_work() as session:
        session.execute(CardFlowLine.__table__.update().where(CardFlowLine.no == 5).values(fen=90))
    till.run(TUESDAY)
    (found,) = differences()
    assert (found.fen, found.bill_fen, found.our_fen, found.facts["lines"]) == (10, 100, 90, 1)


def test_a_movement_that_the_file_has_on_the_next_day_is_no_difference_then(till):
    tuesday_sold(till)
    till.file(TUESDAY, fault="statement_span_day")
    till.run(TUESDAY)
    assert [one.status for one in differences()] == ["waiting"]
    till.school.pass_time(hours=24)
    till.read()
    till.file(TUESDAY + timedelta(days=1))
    for day in (TUESDAY, TUESDAY + timedelta(days=1)):
        till.run(day)
    assert [one.status for one in differences()] == ["healed"]


def test_the_end_of_the_flow_is_news_of_the_day(till):
    """A day that was run without it is run again, and not every five minutes after."""
    till.school.pass_time(hours=24)
    till.sell(1)
    till.read()
    till.school.pass_time(hours=16)
    till.file(TUESDAY)
    till.run(TUESDAY)

    def is_due() -> bool:
        with db.unit_of_work() as session:
            return TUESDAY in days_due(session, today=clock.today())

    till.school.pass_time(minutes=5)
    assert not is_due()
    till.read()
    assert is_due()
    till.school.pass_time(minutes=1)
    till.run(TUESDAY)
    till.school.pass_time(minutes=5)
    till.read()
    assert not is_due()


def test_the_command_reads_on_and_begins_anew_in_somebodys_name(till):
    hire(till.school)
    invoke = till.school.app.test_cli_runner().invoke
    till.sell(2)
    done = invoke(args=["payments", "card-flow"])
    assert (done.exit_code, "读到第 5 号，已到末尾" in done.output) == (0, True), done.output
    till.sim("flow", restart=True, meals=2)
    broken = invoke(args=["payments", "card-flow"])
    assert broken.exit_code == 1 and "编号从头开始了" in broken.output
    assert "--by" in invoke(args=["payments", "card-flow", "--restart"]).output
    with db.unit_of_work() as session:
        number = directory.person(session, till.school.ids.chen).number
    again = invoke(args=["payments", "card-flow", "--restart", "--by", number])
    assert again.exit_code == 0 and "读到第 2 号" in again.output, again.output
    assert (flow().starts_after, len(lines())) == (2, 2)


def test_a_flow_that_the_vendor_stops_is_ended_and_the_days_wait_no_more(till):
    hire(till.school)
    with db.unit_of_work() as session:
        number = directory.person(session, till.school.ids.chen).number
    tuesday_sold(till)
    till.school.pass_time(hours=48)
    thursday = TUESDAY + timedelta(days=2)
    assert till.row(thursday).is_missing
    stop(till)
    invoke = till.school.app.test_cli_runner().invoke
    done = invoke(args=["payments", "card-flow", "--restart", "--by", number])
    assert done.exit_code == 0 and "不再往下读" in done.output
    assert [one for one in till.run(thursday).accounts if one.kind == "flow"] == []
    assert not till.row(TUESDAY).is_missing, "what it has whole stays compared"


def stop(till) -> None:
    till.card.capabilities = dataclasses.replace(till.card.capabilities, has_flow=False)


def test_a_school_without_a_flow_is_not_asked(till):
    clients = till.school.clients
    stop(till)
    assert flows.accounts(clients) == [] == flows.accounts(dataclasses.replace(clients, card=None))
