"""Console: the school's rules on leave, changed from a day on, and tried out for a student."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Invalid
from app.kit.forms import checked, told
from app.kit.http import caller, permit, sentence
from app.kit.i18n import N_
from app.kit.idempotency import Answer as Reply
from app.miniapps.leave import service
from app.miniapps.leave.definitions import DEFAULT
from app.miniapps.leave.errors import PolicyWrong
from app.miniapps.leave.labels import (
    COUNT_LABELS,
    DAY_LABELS,
    EVIDENCE_LABELS,
    KIND_LABELS,
    PARENTS_LABELS,
    PARENTS_WHEN,
)
from app.miniapps.leave.models import LeaveKind, Policy
from app.miniapps.leave.queries.policies import all_policies, policy_for, simulate_policy
from app.miniapps.leave.queries.students import find_student
from app.miniapps.leave.schemas import RulesIn, TryIn
from app.miniapps.leave.service import Rules
from app.platform.approvals import queries as flows
from app.platform.approvals import service as approvals
from app.platform.approvals.errors import DefinitionMissing
from app.platform.directory import queries as directory

policies = Blueprint("leave_policies", __name__, url_prefix="/desk/leave/policies")
EDIT = "leave.edit_policies"
SPAN_MARK = "~"


@policies.get("/")
@permit(EDIT)
def index() -> Any:
    """Those in force or still to come; with `past` all."""
    with unit_of_work() as session:
        found = all_policies(session, past=bool(request.args.get("past")))
        return render_template(
            "leave/desk/policies.html",
            policies=found,
            units=directory.org_units(session, {one.scope_id for one in found if one.scope_id}),
            flows=flows.published(session),
            past=bool(request.args.get("past")),
            today=clock.today(),
            **_words(),
        )


@policies.get("/try")
@permit(EDIT)
def simulate() -> Any:
    """For this student, kind and span: which policy, how many days, and who would see it. Writes nothing."""
    with unit_of_work() as session:
        found, student, problem = None, None, None
        if request.args.get("number"):
            try:
                asked = checked(TryIn(), request.args)
                person = directory.find_person_by_number(session, asked.pop("number"))
                student = find_student(session, person.id) if person else None
                if student is not None and asked["starts_at"] < asked["ends_at"]:
                    found = simulate_policy(session, student, form=_FLAGS, **asked)
            except (Invalid, DefinitionMissing) as error:
                problem = error
        return render_template(
            "leave/desk/policy_try.html",
            found=found,
            student=student,
            person=directory.person(session, student.person_id) if student else None,
            is_asked=bool(request.args.get("number")) and problem is None,
            typed=request.args,
            told=sentence(problem) if problem else "",
            errors=told(problem),
            **_words(),
        )


_FLAGS = {"misses_class": True, "leaves_campus": True, "leaves_dorm": True}


@policies.get("/new")
@permit(EDIT)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session, None, {"definition": DEFAULT, "starts_on": clock.today()}, None)


@policies.post("/new")
@permit(EDIT)
def add() -> Any:
    return _save(None)


@policies.get("/<policy_id>")
@permit(EDIT)
def edit(policy_id: str) -> Any:
    with unit_of_work() as session:
        policy = policy_for(session, policy_id)
        return _form(session, policy, _values(policy), None)


@policies.post("/<policy_id>")
@permit(EDIT)
def change(policy_id: str) -> Any:
    return _save(policy_id)


@policies.post("/<policy_id>/end")
@permit(EDIT)
def end(policy_id: str) -> Any:
    """From a day on it holds no more."""
    try:
        with unit_of_work() as session:
            policy = policy_for(session, policy_id)
            on = _effective(_day(request.form.get("on", "")), policy)
            service.end_policy(session, by=caller(), policy_id=policy.id, on=on)
    except PolicyWrong as error:
        with unit_of_work() as session:
            policy = policy_for(session, policy_id)
            return _form(session, policy, _values(policy), error), error.status
    return redirect(url_for("leave_policies.index"), 303)


@policies.get("/<policy_id>/end")
@permit(EDIT)
def ended(policy_id: str) -> Any:
    """A page that answered a form, loaded again."""
    return redirect(url_for("leave_policies.edit", policy_id=policy_id))


def _save(policy_id: str | None) -> Any:
    try:

        def work() -> Reply:
            policy = policy_for(session, policy_id) if policy_id else None
            rules, on = _typed(session, policy)
            if policy is None:
                service.add_policy(session, by=caller(), rules=rules, starts_on=on)
            else:
                service.change_policy(session, by=caller(), policy_id=policy.id, rules=rules, on=on)
            return Reply(303, "", {"Location": url_for("leave_policies.index")})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            policy = policy_for(session, policy_id) if policy_id else None
            return _form(session, policy, dict(request.form), error), error.status


def _typed(session: Session, policy: Policy | None) -> tuple[Rules, date]:
    """The rules and the day from which they hold. Raises Invalid, PolicyWrong."""
    values = checked(RulesIn(), request.form)
    on = _effective(values.pop("starts_on"), policy)
    unit_id = values.get("unit_id")
    if unit_id is not None and unit_id not in directory.org_units(session, [unit_id]):
        raise PolicyWrong(details={"unit_id": [N_("请选择适用范围。")]})
    rules = Rules(**{**values, "blackout": _blackout(values["blackout"])})
    _check_definition(session, rules)
    return rules, on


def _effective(day: date, policy: Policy | None) -> date:
    """What was decided until yesterday stays explained by what held then."""
    if day < clock.today() or (policy is not None and day <= policy.starts_on):
        raise PolicyWrong(details={"starts_on": [N_("生效日要在今天或以后，并晚于原来的生效日。")]})
    return day


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PolicyWrong(details={"starts_on": [N_("请选择日期。")]}) from None


def _check_definition(session: Session, rules: Rules) -> None:
    form = {"days": float(rules.up_to_days), "kind": KIND_LABELS[rules.kind or LeaveKind.CASUAL], **_FLAGS}
    try:
        approvals.simulate(session, code=rules.definition, starter_id=caller().person_id, form=form)
    except DefinitionMissing:
        raise PolicyWrong(details={"definition": [N_("没有这个已发布的审批流程，请重新选择。")]}) from None


def _blackout(text: str) -> list[dict[str, Any]]:
    """One span a line: 2026-12-31~2027-01-03 元旦. What is none is refused by the service."""
    spans = []
    for line in filter(None, map(str.strip, text.splitlines())):
        days, _, title = line.partition(" ")
        first, _, last = days.replace("～", SPAN_MARK).partition(SPAN_MARK)
        spans.append({"from": first, "to": last or first, "title": title.strip()})
    return spans


def _values(policy: Policy) -> dict[str, Any]:
    """As the form has them; a change holds from tomorrow, if nobody says another day."""
    spans = (f"{one['from']}{SPAN_MARK}{one['to']} {one['title']}" for one in policy.blackout)
    names = (
        "title kind over_days up_to_days count_mode day_count definition lead_hours evidence"
        " parental_over_days parents_told parents_when exams grace_hours out_by most_extensions"
    )
    tomorrow = clock.today() + clock.timedelta(days=1)
    return {
        **{name: getattr(policy, name) for name in names.split()},
        "unit_id": policy.scope_id,
        "may_return_self": "1" if policy.may_return_self else "",
        "blackout": "\n".join(spans),
        "starts_on": max(tomorrow, policy.starts_on + clock.timedelta(days=1)),
    }


def _form(
    session: Session, policy: Policy | None, values: dict[str, Any], problem: DomainError | None
) -> str:
    return render_template(
        "leave/desk/policy.html",
        policy=policy,
        values=values,
        is_new=policy is None and problem is None,
        flows=flows.published(session),
        units=directory.org_units_of_kind(session, "college", "class"),
        tomorrow=clock.today() + clock.timedelta(days=1),
        told=sentence(problem) if problem else "",
        errors=told(problem),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "kinds": KIND_LABELS,
        "counts": COUNT_LABELS,
        "day_counts": DAY_LABELS,
        "evidences": EVIDENCE_LABELS,
        "parents": PARENTS_LABELS,
        "parents_whens": PARENTS_WHEN,
    }
