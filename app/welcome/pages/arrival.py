"""Phone: when and where a freshman arrives, and who fetches them."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.welcome.models import ARRIVAL_LABELS, STATION_KINDS, ArrivalStatus, Season
from app.welcome.queries import arrivals as queries
from app.welcome.queries.admissions import admission_of
from app.welcome.service import arrivals as service

phone = Blueprint("welcome_arrival", __name__, url_prefix="/m/welcome/arrival")
OWN = "own"


@phone.get("")
@permit(SIGNED_IN)
def index() -> Any:
    with unit_of_work() as session:
        return _page(session)


def _page(session: Session, problem: DomainError | None = None) -> str:
    admission = admission_of(session, caller().person_id)
    season = session.get_one(Season, admission.season_id)
    booked = queries.find_arrival(session, admission.id)
    days, stations = queries.days_of(season), queries.stations(session)
    day = _day(days, booked)
    station = _station(stations, booked)
    slots = (
        [] if station == OWN else queries.slots_on(session, season_id=season.id, station_id=station, day=day)
    )
    stands = booked is not None and booked.status != ArrivalStatus.CANCELLED
    return render_template(
        "welcome/phone/arrival.html",
        season=season,
        booked=booked if stands else None,
        labels=ARRIVAL_LABELS,
        kinds=STATION_KINDS,
        days=days,
        day=day,
        stations=stations,
        station=station,
        slots=slots,
        given=_given(booked),
        changes=bool(request.values.get("change") or problem) or not stands,
        did=request.args.get("did", ""),
        problem=problem,
        told=sentence(problem) if problem else "",
        may_change=admission.status in ("admitted", "excused"),
    )


@phone.post("")
@permit(SIGNED_IN)
def plan() -> Any:
    return _do(
        "planned", lambda session: service.plan_arrival(session, by=caller(), way=_way(), version=_version())
    )


@phone.post("/cancel")
@permit(SIGNED_IN)
def cancel() -> Any:
    return _do(
        "cancelled", lambda session: service.cancel_arrival(session, by=caller(), version=_version() or 0)
    )


@phone.post("/confirm")
@permit(SIGNED_IN)
def confirm() -> Any:
    return _do(
        "confirmed", lambda session: service.confirm_arrival(session, by=caller(), version=_version() or 0)
    )


def _do(did: str, work: Any) -> Any:
    """Once for the form's key; a refusal shows the page again with what was typed."""

    def answer() -> Answer:
        work(session)
        return Answer(303, "", {"Location": url_for("welcome_arrival.index", did=did)})

    try:
        with unit_of_work() as session:
            return http.once(session, answer)
    except DomainError as error:
        if error.code.startswith("kit."):
            raise
        with unit_of_work() as session:
            return _page(session, error), error.status


def _way() -> service.Way:
    form = request.form
    slot = form.get("slot", "")
    is_own = form.get("station") == OWN
    if not slot and not is_own:
        raise service.ArrivalInvalid(details={"slot": [service.ArrivalInvalid.msgid]})
    return service.Way(
        slot_id=None if is_own else slot,
        companions=form.get("companions", 0, type=int),
        luggage=form.get("luggage", 0, type=int),
        vehicle=form.get("vehicle", ""),
        expected_at=_moment(form.get("day", ""), form.get("time", "")) if is_own else None,
    )


def _moment(day: str, time: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None


def _version() -> int | None:
    return request.form.get("version", type=int)


def _day(days: list[date], booked: Any) -> date:
    asked = request.values.get("day", "")
    known = {day.isoformat(): day for day in days}
    if asked in known:
        return known[asked]
    if booked is not None and booked.expected_at:
        return known.get(clock.local(booked.expected_at).date().isoformat(), days[0])
    return next((day for day in days if day >= clock.today()), days[-1])


def _station(stations: Any, booked: Any) -> str:
    asked = request.values.get("station", "")
    if asked == OWN or asked in {one.public_id for one in stations}:
        return str(asked)
    if booked is not None and booked.station_id:
        return str(booked.station_id)
    return str(stations[0].public_id) if stations else OWN


def _given(booked: Any) -> dict[str, Any]:
    """What the form shows: as it was just sent, or else as it is booked."""
    form = request.form
    time = f"{clock.local(booked.expected_at):%H:%M}" if booked is not None else ""
    return {
        "slot": form.get("slot") or (booked.slot_id if booked else ""),
        "companions": form.get("companions") or (booked.companions if booked else 0),
        "luggage": form.get("luggage") or (booked.luggage if booked else 1),
        "vehicle": form.get("vehicle") or (booked.vehicle if booked else "") or "",
        "time": form.get("time") or time,
    }
