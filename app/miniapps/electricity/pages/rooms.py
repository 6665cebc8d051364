"""Phone: which rooms are mine, asking for another, consenting, and what I want to be told."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.miniapps.electricity import service
from app.miniapps.electricity.errors import ThresholdInvalid
from app.miniapps.electricity.models import PROOF_LABELS, BindingStatus
from app.miniapps.electricity.pages.home import phone
from app.miniapps.electricity.queries import home
from app.miniapps.electricity.queries.rooms import served_building_ids
from app.platform.directory import queries as directory

REQUESTS_PER_DAY = 10


@phone.get("/rooms")
@permit(SIGNED_IN)
def rooms() -> Any:
    with unit_of_work() as session:
        return _page(session)


def _page(session: Session, problem: DomainError | None = None) -> str:
    me = caller().person_id
    mine = home.bindings_of(session, me)
    own = directory.room_of(session, me)
    bound = {place.room_id for row, place in mine if row.status == BindingStatus.LIVE}
    served = served_building_ids(session)
    building_id = request.values.get("building_id", type=int)
    return render_template(
        "electricity/phone/rooms.html",
        mine=mine,
        wishes=[
            home.binding_for(session, me, row.public_id)
            for row, _ in mine
            if row.status == BindingStatus.LIVE
        ],
        own=own if own and own.room_id not in bound and own.building_id in served else None,
        waiting=home.requests_to_decide(session, me),
        buildings=[place for place in directory.buildings(session) if place.id in served],
        rooms=directory.rooms(session, building_id) if building_id in served else [],
        building_id=building_id,
        proofs=PROOF_LABELS,
        did=request.args.get("did", ""),
        problem=problem,
        told=sentence(problem) if problem else "",
    )


@phone.get("/rooms/options")
@permit(SIGNED_IN)
def room_options() -> Any:
    """Door numbers of a building, as options (htmx)."""
    building_id = request.args.get("building_id", type=int)
    with unit_of_work() as session:
        is_served = building_id in served_building_ids(session)
        found = directory.rooms(session, building_id) if building_id and is_served else []
        return render_template("electricity/phone/_rooms.html", rooms=found)


@phone.post("/rooms/own")
@permit(SIGNED_IN)
def bind_own() -> Any:
    return _done("bound", lambda session: service.bind_own_room(session, by=caller()), to_home=True)


@phone.post("/rooms/ask")
@permit(SIGNED_IN)
def ask_for() -> Any:
    if request.form.get("step") == "rooms":  # a browser without scripts asks for the rooms of its building
        return rooms()
    room_id = request.form.get("room_id", 0, type=int)
    limits.hit("electricity.request", str(caller().person_id), limit=REQUESTS_PER_DAY, seconds=86_400)
    return _done("asked", lambda session: service.request_binding(session, by=caller(), room_id=room_id))


@phone.post("/rooms/<binding_id>/<deed>")
@permit(SIGNED_IN)
def act(binding_id: str, deed: str) -> Any:
    """accept, decline (a request for my room), end (my own), wishes."""
    if deed in ("accept", "decline"):
        return _done(
            deed,
            lambda session: service.decide_request(
                session, by=caller(), binding_id=binding_id, accepts=deed == "accept"
            ),
        )
    if deed == "end":
        return _done(deed, lambda session: service.end_binding(session, by=caller(), binding_id=binding_id))
    return _done("wishes", lambda session: _set_wishes(session, binding_id))


def _set_wishes(session: Session, binding_id: str) -> None:
    try:
        low_kwh = Decimal(request.form.get("low_kwh", ""))
    except InvalidOperation:
        raise ThresholdInvalid(details={"low_kwh": [ThresholdInvalid.msgid]}) from None
    service.set_wishes(
        session,
        by=caller(),
        binding_id=binding_id,
        low_kwh=low_kwh,
        tells_low=bool(request.form.get("tells_low")),
        tells_top_ups=bool(request.form.get("tells_top_ups")),
    )


def _done(deed: str, work: Any, *, to_home: bool = False) -> Any:
    try:
        with unit_of_work() as session:
            work(session)
    except DomainError as error:
        with unit_of_work() as session:
            return _page(session, error), error.status
    return redirect(url_for("electricity.index" if to_home else "electricity.rooms", did=deed), 303)
