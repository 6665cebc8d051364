"""Console: campaigns from the opening to the last answer."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import checked, told
from app.kit.http import caller, permit, sentence
from app.kit.idempotency import Answer as Reply
from app.miniapps.leave import service
from app.miniapps.leave.errors import RemindedToday
from app.miniapps.leave.labels import (
    CAMPAIGN_LABELS,
    STAY_COLOURS,
    STAY_REASONS,
    STAY_STATES,
    WHERETO_LABELS,
)
from app.miniapps.leave.models import Campaign, CampaignKind, StayState
from app.miniapps.leave.pages.answer_lists import answers_xlsx, shown_answers
from app.miniapps.leave.queries import campaigns as queries
from app.miniapps.leave.queries.answers import is_open
from app.miniapps.leave.queries.units import college_of, units_of, with_parents
from app.miniapps.leave.schemas import PlanIn
from app.miniapps.leave.service import Plan
from app.platform.directory import queries as directory

campaigns = Blueprint("leave_campaigns", __name__, url_prefix="/desk/leave/campaigns")
CAMPAIGN = queries.CAMPAIGN
OFFERED = ("college", "class")
MOST_DECIDED = 100


@campaigns.get("/")
@permit(CAMPAIGN)
def index() -> Any:
    with unit_of_work() as session:
        return render_template(
            "leave/desk/campaigns.html",
            page=queries.campaigns_for(session, caller(), cursor=request.args.get("cursor")),
            titles=CAMPAIGN_LABELS,
            is_open=is_open,
        )


@campaigns.get("/new")
@permit(CAMPAIGN)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session, None)


@campaigns.post("/new")
@permit(CAMPAIGN)
def add() -> Any:
    try:

        def work() -> Reply:
            plan = Plan(**checked(PlanIn(), _typed()))
            made = service.open_campaign(session, by=caller(), plan=plan)
            return Reply(303, "", {"Location": url_for("leave_campaigns.show", campaign_id=made.public_id)})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, error), error.status


def _typed() -> dict[str, Any]:
    """The form as the schema reads it: `unit_ids` stays a list."""
    return {**request.form, "unit_ids": request.form.getlist("unit_ids")}


def _form(session: Session, problem: DomainError | None) -> str:
    mine = units_of(session, caller(), CAMPAIGN)
    offered = [
        one for one in directory.org_units_of_kind(session, *OFFERED) if mine is None or one.id in mine
    ]
    known = with_parents(session, {one.id for one in offered})
    groups: dict[str, list[directory.OrgBrief]] = {}
    for one in offered:
        college = college_of(one.id, known)
        groups.setdefault(college.name if college else "", []).append(one)
    return render_template(
        "leave/desk/campaign_new.html",
        groups=sorted(groups.items()),
        may_ask_all=mine is None,
        titles=CAMPAIGN_LABELS,
        typed=request.form,
        chosen=request.form.getlist("unit_ids"),
        told=sentence(problem) if problem else "",
        errors=told(problem),
    )


@campaigns.get("/<campaign_id>")
@permit(CAMPAIGN)
def show(campaign_id: str) -> Any:
    """How many have answered, by college and class."""
    with unit_of_work() as session:
        campaign, units = _found(session, campaign_id)
        found = queries.counts(session, campaign, units)
        college_id = request.args.get("college", type=int)
        shown = [one for one in found if college_id in (None, one.college.id if one.college else 0)]
        colleges = queries.by_college(found)
        return render_template(
            "leave/desk/campaign.html",
            **_frame(session, campaign),
            total=queries.total(shown),
            colleges=colleges,
            college_id=college_id,
            classes=shown if college_id or len(colleges) == 1 else [],
        )


@campaigns.get("/<campaign_id>/chase")
@permit(CAMPAIGN)
def chase(campaign_id: str) -> Any:
    """Who has not answered: names alone, to be copied into the chat of a class."""
    with unit_of_work() as session:
        campaign, units = _found(session, campaign_id)
        wanted = request.args.get("unit", type=int)
        if wanted is not None:
            below = frozenset(directory.ids_below(session, wanted))
            units = below if units is None else units & below
        missing = queries.chase_list(session, campaign, units)
        stays = campaign.kind == CampaignKind.STAY
        return render_template(
            "leave/desk/campaign_chase.html",
            **_frame(session, campaign),
            missing=missing,
            waiting=queries.stays_in(session, campaign, units, [StayState.WAITING]) if stays else [],
            declined=queries.stays_in(session, campaign, units, queries.NOT_GRANTED) if stays else [],
            people=sum(len(one.names) for one in missing),
            most=60,
        )


@campaigns.get("/<campaign_id>/answers")
@permit(CAMPAIGN)
def listed(campaign_id: str) -> Any:
    return _listed(campaign_id)


def _listed(campaign_id: str, missed: Mapping[str, int] | None = None) -> str:
    """`missed`: what went wrong, and how often."""
    with unit_of_work() as session:
        campaign, units = _found(session, campaign_id)
        return render_template(
            "leave/desk/campaign_answers.html",
            **_frame(session, campaign),
            **shown_answers(session, campaign, units),
            done=request.args.get("done", type=int),
            missed=missed or {},
            typed=request.form,
        )


@campaigns.get("/<campaign_id>/answers.xlsx")
@permit(CAMPAIGN)
def export(campaign_id: str) -> Response:
    with unit_of_work() as session:
        campaign, units = _found(session, campaign_id)
        return answers_xlsx(session, campaign, units)


@campaigns.post("/<campaign_id>/answers")
@permit(CAMPAIGN)
def decide(campaign_id: str) -> Any:
    """Yes or no to those who are ticked."""
    is_granted = request.form.get("say") == "yes"
    return _each(campaign_id, "waiting", partial(service.decide_stay, is_granted=is_granted))


@campaigns.post("/<campaign_id>/answers/revoke")
@permit(CAMPAIGN)
def revoke(campaign_id: str) -> Any:
    """Take back what was granted to those who are ticked."""
    return _each(campaign_id, "confirmed", service.revoke_stay)


def _each(campaign_id: str, state: str, use_case: Callable[..., None]) -> Any:
    """Each in a transaction of its own: one that can't be keeps no other back. What went wrong is said, all of it."""
    with unit_of_work() as session:
        _found(session, campaign_id)
    done, missed, problem = 0, Counter[str](), None
    for answer_id in request.form.getlist("ids")[:MOST_DECIDED]:
        try:
            with unit_of_work() as session:
                reason = request.form.get("reason", "")
                use_case(session, by=caller(), campaign_id=campaign_id, answer_id=answer_id, reason=reason)
            done += 1
        except DomainError as error:
            missed[sentence(error)] += 1
            problem = error
    if problem is not None:
        return _listed(campaign_id, missed), problem.status
    return redirect(url_for("leave_campaigns.listed", campaign_id=campaign_id, state=state, done=done), 303)


@campaigns.post("/<campaign_id>/remind")
@permit(CAMPAIGN)
def remind(campaign_id: str) -> Any:
    """Twice is once: what happened today is shown."""
    try:
        with unit_of_work() as session:
            service.remind(session, by=caller(), campaign_id=campaign_id)
    except RemindedToday:
        pass
    return redirect(url_for("leave_campaigns.chase", campaign_id=campaign_id), 303)


@campaigns.post("/<campaign_id>/close")
@permit(CAMPAIGN)
def close(campaign_id: str) -> Any:
    with unit_of_work() as session:
        service.close_campaign(session, by=caller(), campaign_id=campaign_id)
    return redirect(url_for("leave_campaigns.show", campaign_id=campaign_id), 303)


def _found(session: Session, campaign_id: str) -> tuple[Campaign, frozenset[int] | None]:
    """The campaign, and the caller's units."""
    campaign = queries.campaign_for(session, caller(), campaign_id)
    return campaign, units_of(session, caller(), CAMPAIGN)


def _frame(session: Session, campaign: Campaign) -> dict[str, Any]:
    """What stands on each page of a campaign."""
    return {
        "campaign": campaign,
        "is_open": is_open(campaign),
        "may_close": is_open(campaign) and service.may_close(caller(), campaign),
        "reminded": queries.reminded_today(session, campaign, caller().person_id),
        "titles": CAMPAIGN_LABELS,
        "wheretos": WHERETO_LABELS,
        "reasons": STAY_REASONS,
        "states": STAY_STATES,
        "colours": STAY_COLOURS,
    }
