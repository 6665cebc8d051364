"""Phone: a student says where he goes, in a few taps."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import checked, told
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.miniapps.leave import service
from app.miniapps.leave.labels import (
    CAMPAIGN_LABELS,
    STAY_COLOURS,
    STAY_REASONS,
    STAY_STATES,
    WHERETO_LABELS,
)
from app.miniapps.leave.models import Answer, Campaign, CampaignKind
from app.miniapps.leave.queries.answers import (
    answer_of,
    answered_by,
    campaign_of,
    first_day,
    is_open,
    last_city,
    may_answer,
)
from app.miniapps.leave.schemas import AnswerIn
from app.miniapps.leave.service import Given
from app.platform.approvals.queries.progress import progress_of
from app.platform.directory import queries as directory

answers = Blueprint("leave_answers", __name__, url_prefix="/m/leave/campaigns")
ICONS = {"home": "home", "away": "trip", "stay": "bed"}
OUT_HOUR, BACK_HOUR = 9, 18  # what the times are filled in with


@answers.get("/<campaign_id>")
@permit(SIGNED_IN)
def show(campaign_id: str) -> Any:
    with unit_of_work() as session:
        return _page(session, campaign_id, None)


@answers.post("/<campaign_id>")
@permit(SIGNED_IN)
def answer(campaign_id: str) -> Any:
    try:
        with unit_of_work() as session:
            given = Given(**checked(AnswerIn(), request.form))
            service.answer(session, by=caller(), campaign_id=campaign_id, given=given)
    except DomainError as error:
        with unit_of_work() as session:
            return _page(session, campaign_id, error), error.status
    return redirect(url_for("leave_answers.show", campaign_id=campaign_id, did="saved"), 303)


def _page(session: Session, campaign_id: str, problem: DomainError | None) -> str:
    me = caller()
    campaign = campaign_of(session, me.person_id, campaign_id)
    known = answer_of(session, campaign.id, me.person_id)
    home = directory.room_of(session, me.person_id)
    return render_template(
        "leave/phone/campaign.html",
        campaign=campaign,
        answer=known,
        values=request.form if problem else _filled(session, campaign, known),
        is_open=is_open(campaign),
        may_answer=may_answer(campaign, known),
        answered_by=answered_by(campaign),
        is_vacation=campaign.kind == CampaignKind.STAY,
        place=home,
        problem=problem,
        told=sentence(problem) if problem else "",
        errors=told(problem),
        did=request.args.get("did", ""),
        choices=[(key.value, label, ICONS[key]) for key, label in WHERETO_LABELS.items()],
        wheretos=WHERETO_LABELS,
        reasons=STAY_REASONS,
        states=STAY_STATES,
        colours=STAY_COLOURS,
        titles=CAMPAIGN_LABELS,
        progress=progress_of(session, known.case_id) if known and known.case_id else None,
    )


def _filled(session: Session, campaign: Campaign, known: Answer | None) -> dict[str, Any]:
    """What was said, or what is likely: then it is one tap and the button."""
    first = clock.start_of_day(campaign.starts_on) + clock.timedelta(hours=OUT_HOUR)
    last = clock.start_of_day(campaign.ends_on) + clock.timedelta(hours=BACK_HOUR)
    soonest = first_day(campaign, known)
    leaves_at = (known.leaves_at if known else None) or first
    returns_at = (known.returns_at if known else None) or last
    return {
        "whereto": known.whereto if known else "",
        "city": (known.city if known else "") or last_city(session, caller().person_id),
        "leaves_at": f"{clock.local(leaves_at):%Y-%m-%dT%H:%M}",
        "returns_at": f"{clock.local(returns_at):%Y-%m-%dT%H:%M}",
        "stay_from": max((known.stay_from if known else None) or soonest, soonest),
        "stay_until": (known.stay_until if known else None) or campaign.ends_on,
        "stay_note": known.stay_note if known else "",
        "stay_reason": known.stay_reason if known else "",
    }
