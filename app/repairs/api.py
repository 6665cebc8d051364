"""Repairs over JSON: the same use-cases and errors as the pages."""

from collections.abc import Callable
from typing import Any

from flask import json
from flask_smorest import Blueprint

from app.kit import http, limits
from app.kit.db import unit_of_work
from app.kit.http import SIGNED_IN, TooMany, caller, permit
from app.kit.idempotency import Answer
from app.repairs import queries, service
from app.repairs.errors import TooManyReports
from app.repairs.schemas import (
    ActIn,
    CursorIn,
    PageOut,
    SubmitForCallerIn,
    SubmittedOut,
    SubmitTicketIn,
    TicketViewOut,
)

api = Blueprint(
    "repairs_api", __name__, url_prefix="/api/v1/repairs", description="报修 from report to rating"
)

REPORTS, PER_SECONDS = 10, 600
SUBMITTED = SubmittedOut()


def report_from(session: Any, data: dict[str, Any], channel: str) -> service.Report:
    """What was filled in, as a report; a door code becomes its room."""
    room_id, building_id = data["room_id"], data["building_id"]
    if data["door_code"]:
        place = queries.door(session, data["door_code"])
        room_id, building_id = place.room_id, place.building_id
    return service.Report(
        category=data["category"],
        detail=data["detail"],
        room_id=room_id,
        building_id=building_id,
        place_note=data["place_note"],
        access=data["access"],
        visit_from=data["visit_from"],
        visit_until=data["visit_until"],
        phone=data["phone"],
        photos=tuple(data["photos"]),
        channel="qr" if data["door_code"] else channel,
    )


def limit_reports() -> Callable[[], None]:
    """Count a try. What comes back refuses the eleventh in ten minutes; to be called where a new ticket is
    made, so that a report sent again and again under one key gets its first answer every time.
    """
    try:
        limits.hit("repairs.submit", str(caller().person_id), limit=REPORTS, seconds=PER_SECONDS)
    except TooMany:
        return _refuse
    return lambda: None


def _refuse() -> None:
    raise TooManyReports(count=REPORTS, seconds=PER_SECONDS)


@api.route("/tickets", methods=["POST"])
@permit(SIGNED_IN)
@api.arguments(SubmitTicketIn())
@api.response(201, SubmittedOut())
def submit(data: dict[str, Any]) -> Any:
    """Report something broken. Needs Idempotency-Key."""
    check_limit = limit_reports()
    by = caller()

    def work() -> Answer:
        check_limit()
        ticket = service.submit_ticket(session, by=by, report=report_from(session, data, "api"))
        return Answer(201, json.dumps(SUBMITTED.dump(ticket)))

    with unit_of_work() as session:
        return http.once(session, work)


@api.route("/tickets/for-caller", methods=["POST"])
@permit("repairs.dispatch")
@api.arguments(SubmitForCallerIn())
@api.response(201, SubmittedOut())
def submit_for_caller(data: dict[str, Any]) -> Any:
    """Take down the report of somebody on the telephone. Needs Idempotency-Key."""
    by = caller()
    who = service.PhoneCaller(data["caller_phone"], data["caller_name"], data["caller_number"])

    def work() -> Answer:
        report = report_from(session, data | {"phone": who.phone}, "caller")
        ticket = service.submit_for_caller(session, by=by, report=report, caller=who)
        return Answer(201, json.dumps(SUBMITTED.dump(ticket)))

    with unit_of_work() as session:
        return http.once(session, work)


@api.route("/tickets/mine")
@permit(SIGNED_IN)
@api.arguments(CursorIn(), location="query")
@api.response(200, PageOut())
def mine(args: dict[str, Any]) -> Any:
    """What the caller reported, newest first."""
    with unit_of_work() as session:
        return queries.my_tickets(session, caller().person_id, cursor=args["cursor"])


@api.route("/tickets")
@permit("repairs.read_board")
@api.arguments(CursorIn(), location="query")
@api.response(200, PageOut())
def board(args: dict[str, Any]) -> Any:
    """Open tickets of the caller's units and teams, the next deadline first."""
    with unit_of_work() as session:
        return queries.board(session, caller(), view=args["view"], cursor=args["cursor"])


@api.route("/tickets/<ticket_id>")
@permit(SIGNED_IN)
@api.response(200, TicketViewOut())
def ticket(ticket_id: str) -> Any:
    """One ticket in full. Another person's answers 404."""
    with unit_of_work() as session:
        return queries.ticket_for(session, caller(), ticket_id)


@api.route("/tickets/<ticket_id>/<action>", methods=["POST"])
@permit(SIGNED_IN)
@api.arguments(ActIn())
@api.response(200, TicketViewOut())
def act(data: dict[str, Any], ticket_id: str, action: str) -> Any:
    """Apply an action of the table. `version` is the one you saw; 409 names who was first."""
    with unit_of_work() as session:
        service.act_on(session, by=caller(), ticket_id=ticket_id, action=action, data=data)
        return queries.ticket_for(session, caller(), ticket_id)
