"""Console: the desk where freshmen check in, also without a network."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for

from app.kit.db import unit_of_work
from app.kit.errors import Invalid
from app.kit.http import Caller, caller, permit, sentence
from app.kit.kept_page import kept_page, kept_worker, moment_of, sent_body, text_of
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.identity.queries.devices import devices_for
from app.platform.identity.service import devices
from app.platform.privacy import service as privacy
from app.welcome.errors import AnotherAuthor, SequenceReused
from app.welcome.queries import check_in as queries
from app.welcome.queries.admissions import admission_for
from app.welcome.service import check_in as service
from app.welcome.service.sending import send

desk = Blueprint("welcome_check_in_desk", __name__, url_prefix="/desk/welcome/check-in")
CHECK_IN = "welcome.check_in"
MANAGE = "welcome.import"  # who keeps the lists looks after all browsers that have one
MOST_ENTRIES = 50
KEY = "X-Device-Key"


@desk.get("")
@permit(CHECK_IN)
def index() -> Response:
    """The one page whose browser may keep it (a service worker of its own scope)."""
    with unit_of_work() as session:
        known = devices_for(session, caller(), CHECK_IN, MANAGE)
        return kept_page(
            render_template(
                "welcome/desk/check_in.html",
                devices=known,
                who=directory.people(session, {row.registered_by_id for row in known}),
                me=directory.person(session, caller().person_id).public_id,
                is_wechat="MicroMessenger" in request.user_agent.string,
            )
        )


@desk.get("/worker.js")
@permit(CHECK_IN)
def worker() -> Response:
    return kept_worker(url_for("welcome_check_in_desk.index"), "check-in")


@desk.post("/find")
@permit(CHECK_IN)
def find() -> Response:
    """POST, so that what a card reader types stands in no address and no log."""
    with unit_of_work() as session:
        return jsonify(people=queries.found_by(session, caller(), text_of(sent_body(), "text")[:100]))


@desk.get("/people/<admission_id>")
@permit(CHECK_IN)
def person(admission_id: str) -> Response:
    with unit_of_work() as session:
        admission = admission_for(session, caller(), CHECK_IN, admission_id)
        audit.record(
            session, by=caller(), action="welcome.card_seen", object_type="admission", object_id=admission_id
        )
        return jsonify(queries.card_of(session, admission))


@desk.get("/people/<admission_id>/state")
@permit(CHECK_IN)
def state(admission_id: str) -> Response:
    """What a second desk may have changed meanwhile."""
    with unit_of_work() as session:
        return jsonify(queries.state_of(session, admission_for(session, caller(), CHECK_IN, admission_id)))


@desk.post("/sent")
@permit(CHECK_IN)
def sent() -> Response:
    """A browser's queue, in its order, each line in a transaction of its own; answered lines may come again."""
    body, by = sent_body(), caller()
    entries = body.get("entries")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Invalid()
    with unit_of_work() as session:
        device_id = devices.find_device(session, CHECK_IN, request.headers.get(KEY, ""))
        me = directory.person(session, by.person_id).public_id
    client = text_of(body, "client")
    return jsonify(
        answers=[
            _answer(by, client, entry, device_id) if text_of(entry, "author") == me else _held(entry)
            for entry in entries[:MOST_ENTRIES]
        ]
    )


def _held(entry: dict[str, Any]) -> dict[str, Any]:
    """A colleague wrote this line: nothing is done in another's name, and the browser keeps it."""
    error = AnotherAuthor()
    held = {"status": "held", "code": error.code, "message": sentence(error)}
    return {"sequence": entry.get("sequence")} | held


def _answer(by: Caller, client: str, entry: dict[str, Any], device_id: int | None) -> dict[str, Any]:
    """A number that was used for something else stops nothing that comes after it."""
    sequence = entry.get("sequence")
    try:
        with unit_of_work() as session:
            answer = send(
                session,
                by=by,
                client=client,
                sequence=sequence if type(sequence) is int else 0,
                deed="undo" if entry.get("deed") == "undo" else "mark",
                doing=_doing(entry, device_id),
            )
    except SequenceReused as error:
        answer = {"status": "refused", "code": error.code, "message": sentence(error)}
    return {"sequence": sequence} | answer


def _doing(entry: dict[str, Any], device_id: int | None) -> service.Doing:
    return service.Doing(
        code=text_of(entry, "code"),
        step=text_of(entry, "step"),
        at=moment_of(entry.get("at")),
        is_proxy=entry.get("is_proxy") is True,
        reason=text_of(entry, "reason"),
        device_id=device_id,
    )


@desk.post("/devices")
@permit(CHECK_IN)
def register() -> Response:
    """The key is the browser's own, so the same request twice is one device."""
    body = sent_body()
    with unit_of_work() as session:
        name, key = text_of(body, "name"), text_of(body, "key")
        return jsonify(id=devices.register_device(session, by=caller(), page=CHECK_IN, name=name, key=key))


@desk.post("/devices/<device_id>/revoke")
@permit(CHECK_IN)
def revoke(device_id: str) -> Any:
    with unit_of_work() as session:
        devices.revoke_device(session, by=caller(), page=CHECK_IN, manage=MANAGE, device_id=device_id)
    return redirect(url_for("welcome_check_in_desk.index"), 303)


@desk.get("/list")
@permit(CHECK_IN)
def minimal_list() -> Response:
    """For a registered browser alone: signed with its key, good until midnight."""
    key = request.headers.get(KEY, "")
    with unit_of_work() as session:
        devices.device_of(session, CHECK_IN, key)
        content = queries.minimal_list(session, caller())
        audit.record(
            session,
            by=caller(),
            action="welcome.offline_list_given",
            object_type="season",
            object_id=content["day"],
            fields=(len(content["people"]),),
        )
        privacy.note_list(
            session,
            by=caller(),
            reason="welcome.offline",
            person_ids=queries.people_of_list(session, caller()),
        )
    return jsonify(devices.signed(key, content))
