"""Asking for leave: what is checked, and who decides."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.errors import (
    Blackout,
    ConsentMissing,
    ExamsHit,
    FlagMissing,
    LeadTimeMissed,
    NoPolicy,
    NotAStudent,
    Overlaps,
    SpanWrong,
    TooLateToAsk,
)
from app.miniapps.leave.models import CountMode, Exam, LeaveKind
from app.miniapps.leave.queries import find_student, simulate_policy
from app.miniapps.leave.service import Rules
from app.platform.approvals.definition import parse
from app.platform.approvals.models import Case, Definition, Task
from app.platform.approvals.queries import nodes_seen_by, visible_form
from tests.make import SINCE
from tests.miniapps.leave.school import asked, day, granted, say_yes, say_yes_to, status, submit


def add_policy(rules, starts_on=SINCE):
    with unit_of_work() as session:
        return service.add_policy(session, by=None, rules=rules, starts_on=starts_on)


def test_it_works(school):
    request = submit(school, asked(days=1))
    assert status(request.id) == "approving"
    say_yes(school.sun)
    assert status(request.id) == "approved"


def test_the_chain_grows_with_the_days(school):
    short, long, longest = (
        submit(school, asked(days=length, after=after)) for length, after in ((2, 24), (5, 240), (10, 600))
    )
    say_yes_to(short, school.sun)
    assert status(short.id) == "approved"
    say_yes_to(long, school.sun)
    assert status(long.id) == "approving"
    say_yes_to(long, school.meng)
    assert status(long.id) == "approved"
    for person in (school.sun, school.meng, school.office):
        assert status(longest.id) == "approving"
        say_yes_to(longest, person)
    assert status(longest.id) == "approved"


def test_the_dorm_gets_a_copy_when_he_sleeps_elsewhere(school):
    granted(school, asked())
    with unit_of_work() as session:
        copies = session.scalars(select(Task.person_id).where(Task.kind == "cc")).all()
    assert copies == [school.wu]


def test_what_the_dorm_sees_has_no_reason(school):
    granted(school, asked(kind=LeaveKind.SICK))
    with unit_of_work() as session:
        case = session.scalars(select(Case)).one()
        definition = parse(session.get(Definition, case.definition_id).body)
        for person, sees in ((school.sun, True), (school.wu, False)):
            nodes = nodes_seen_by(session, Caller(person), case.id, case.code)
            form = visible_form(definition, case.form, is_starter=False, nodes=nodes)
            assert ("reason" in form) is sees
            assert "days" in form


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"misses_class": False, "leaves_campus": False, "leaves_dorm": False}, FlagMissing),
        ({"ends_at": day("2026-11-17", 9), "starts_at": day("2026-11-17", 10)}, SpanWrong),
        ({"starts_at": day("2026-11-15"), "ends_at": day("2026-11-18")}, TooLateToAsk),
    ],
)
def test_nonsense_is_refused(school, change, error):
    with pytest.raises(error):
        submit(school, asked(**change))


def test_an_emergency_may_have_begun(school):
    request = submit(school, asked(starts_at=day("2026-11-15"), ends_at=day("2026-11-17"), is_emergency=True))
    say_yes(school.sun)
    assert status(request.id) == "approved"


def test_only_students_ask(school):
    with pytest.raises(NotAStudent):
        submit(school, asked(), person=school.sun)


def test_two_at_once_are_one_too_many(school):
    submit(school, asked(days=3))
    with pytest.raises(Overlaps):
        submit(school, asked(days=1, after=48))
    submit(school, asked(days=1, after=200))


def test_without_a_policy_nobody_is_asked(school):
    with pytest.raises(NoPolicy):
        submit(school, asked(days=40))


def test_lead_time_and_blackout(school):
    rules = Rules(
        "国庆前后",
        Decimal(0),
        Decimal(30),
        kind=LeaveKind.FAMILY,
        lead_hours=72,
        blackout=[{"from": "2026-12-24", "to": "2027-01-02", "title": "期末周"}],
    )
    add_policy(rules)
    with pytest.raises(LeadTimeMissed):
        submit(school, asked(kind=LeaveKind.FAMILY))
    with pytest.raises(Blackout):
        submit(
            school,
            asked(kind=LeaveKind.FAMILY, starts_at=day("2026-12-23"), ends_at=day("2026-12-25")),
        )
    submit(school, asked(kind=LeaveKind.FAMILY, after=100))


def test_parents_know_of_long_ones(school):
    add_policy(
        Rules("实习", Decimal(0), Decimal(30), kind=LeaveKind.INTERNSHIP, parental_over_days=Decimal(3))
    )
    with pytest.raises(ConsentMissing):
        submit(school, asked(days=5, kind=LeaveKind.INTERNSHIP))
    submit(school, asked(days=5, kind=LeaveKind.INTERNSHIP, has_consent=True))


def test_an_exam_blocks_where_the_policy_says_so(school):
    add_policy(Rules("事假", Decimal(0), Decimal(30), kind=LeaveKind.CASUAL, exams="block"))
    with unit_of_work() as session:
        session.add(
            Exam(
                class_id=school.class_id,
                course="高等数学",
                starts_at=day("2026-11-17", 14),
                ends_at=day("2026-11-17", 16),
            )
        )
    with pytest.raises(ExamsHit):
        submit(school, asked())


def test_a_nearer_rule_wins_and_one_for_the_kind_over_one_for_all(school):
    add_policy(Rules("学院", Decimal(0), Decimal(30), unit_id=school.college_id, lead_hours=1))
    add_policy(Rules("班级事假", Decimal(0), Decimal(30), unit_id=school.class_id, kind=LeaveKind.CASUAL))
    with unit_of_work() as session:
        student = find_student(session, school.li)
        title = {
            kind: simulate_policy(
                session, student, kind=kind, starts_at=day("2026-11-17"), ends_at=day("2026-11-18")
            )[0].policy.title
            for kind in (LeaveKind.CASUAL, LeaveKind.FAMILY)
        }
    assert title == {LeaveKind.CASUAL: "班级事假", LeaveKind.FAMILY: "学院"}


def test_earlier_days_count_where_the_policy_says_so(school):
    for over, up_to, lead in ((0, 3, 0), (3, 10, 48)):
        add_policy(
            Rules(
                f"累计 {up_to}",
                Decimal(over),
                Decimal(up_to),
                kind=LeaveKind.FAMILY,
                count_mode=CountMode.SAME_KIND,
                lead_hours=lead,
            )
        )
    granted(school, asked(days=1.9, after=24 * 2, kind=LeaveKind.FAMILY))
    with pytest.raises(LeadTimeMissed):  # the third and fourth day fall under the stricter rule
        submit(
            school,
            asked(kind=LeaveKind.FAMILY, starts_at=day("2026-11-16", 12), ends_at=day("2026-11-17", 8)),
        )
    request = submit(school, asked(days=2, after=24 * 5, kind=LeaveKind.FAMILY))
    assert request.measured_days > 3
    with pytest.raises(NoPolicy):  # and beyond the last rule there is none
        submit(school, asked(days=8, after=24 * 20, kind=LeaveKind.FAMILY))


def test_a_policy_changes_from_a_day_on(school):
    first = add_policy(Rules("旧", Decimal(0), Decimal(30), kind=LeaveKind.NIGHT))
    editor = Caller(school.office, grants=(Grant("leave.edit_policies"),))
    with unit_of_work() as session:
        service.change_policy(
            session,
            by=editor,
            policy_id=first.id,
            rules=Rules("新", Decimal(0), Decimal(30), kind=LeaveKind.NIGHT),
            on=date(2026, 11, 20),
        )
        student = find_student(session, school.li)
        titles = [
            simulate_policy(session, student, kind=LeaveKind.NIGHT, starts_at=day(on), ends_at=day(on, 20))[
                0
            ].policy.title
            for on in ("2026-11-19", "2026-11-20")
        ]
    assert titles == ["旧", "新"]
