"""Console: gates, and the guard's page, which goes on without a network."""

import re
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kit import clock, http, limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Invalid, TooMany
from app.kit.forms import told
from app.kit.http import Caller, caller, permit, sentence
from app.kit.i18n import N_
from app.kit.idempotency import Answer
from app.kit.kept_page import kept_page, kept_worker, moment_of, sent_body, text_of
from app.miniapps.leave import service
from app.miniapps.leave.errors import GateCodeWrong, ScanWrong
from app.miniapps.leave.passes import PREFIX
from app.miniapps.leave.queries import gate_lists
from app.miniapps.leave.queries import gates as queries
from app.miniapps.leave.service.verdicts import WHY, Shown
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.identity.queries.devices import devices_for
from app.platform.identity.service import devices
from app.platform.privacy import service as privacy

gates = Blueprint("leave_gates", __name__, url_prefix="/desk/leave/gates")
GATE, OFFICE = "leave.gate", "leave.office"
KEY = "X-Device-Key"
CACHE = "leave-gate-"  # and the gate's id: each page has a cache, a list and a queue of its own
MOST_ENTRIES = 50
NUMBERS_AN_HOUR = 600  # that a guard may type: the gate's busiest hour, and no list of a school
NUMBER = re.compile(r"[0-9A-Za-z-]{3,32}")
MOST_OFFSET = 10 * 365 * 86_400_000  # ms
HELD = N_("另一位同事的记录，等本人登录后再同步。")


@gates.get("/")
@permit(GATE)
def index() -> Any:
    return _index(None)


def _index(problem: DomainError | None) -> str:
    with unit_of_work() as session:
        return render_template(
            "leave/desk/gates.html",
            gates=queries.gates(session),
            may_edit=caller().may(OFFICE),
            standing=gate_lists.standing(session),
            silent_since=_silent_since(session),
            is_joined=current_app.extensions["clients"].gates is not None,
            told=sentence(problem) if problem else "",
            errors=told(problem),
            typed=request.form,
        )


@gates.post("/")
@permit(OFFICE)
def add() -> Any:
    def work() -> Answer:
        service.add_gate(session, by=caller(), name=request.form.get("name", ""))
        return Answer(303, "", {"Location": url_for("leave_gates.index")})

    try:
        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        return _index(error), error.status


@gates.post("/<gate_id>/switch")
@permit(OFFICE)
def switch(gate_id: str) -> Any:
    is_open = request.form.get("state") == "open"
    with unit_of_work() as session:
        service.switch_gate(session, by=caller(), gate_id=gate_id, is_open=is_open)
    return redirect(url_for("leave_gates.index"), 303)


@gates.post("/log")
@permit(OFFICE)
def read_again() -> Any:
    """From the beginning of the gates' log, by the clock: after a gate got its code. A second click is none."""
    with unit_of_work() as session:
        if service.read_again(session):
            audit.record(
                session, by=caller(), action="leave.gate_log_again", object_type="leave.gate", object_id="all"
            )
    return redirect(url_for("leave_gates.index"), 303)


@gates.get("/log")
@permit(GATE)
def log() -> Any:
    """A page that answered a form, loaded again."""
    return redirect(url_for("leave_gates.index"))


@gates.post("/<gate_id>/code")
@permit(OFFICE)
def change(gate_id: str) -> Any:
    """What the school's own gates call it."""
    try:
        with unit_of_work() as session:
            service.change_gate(
                session,
                by=caller(),
                gate_id=gate_id,
                code=request.form.get("code", ""),
                is_door="is_door" in request.form,
            )
    except GateCodeWrong as error:
        return _index(error), error.status
    return redirect(url_for("leave_gates.index"), 303)


@gates.get("/<gate_id>/code")
@permit(GATE)
def changed(gate_id: str) -> Any:
    """A page that answered a form, loaded again."""
    return redirect(url_for("leave_gates.index"))


def _silent_since(session: Session) -> datetime | None:
    gates_client = current_app.extensions["clients"].gates
    if gates_client is None:
        return None
    return service.silent_since(session, after=timedelta(minutes=gates_client.settings.silent_minutes))


@gates.get("/<gate_id>/records")
@permit(GATE)
def records(gate_id: str) -> Any:
    """Who was checked, with masked names."""
    with unit_of_work() as session:
        gate = queries.gate_for(session, gate_id, is_past=True)
        return render_template(
            "leave/desk/gate_records.html",
            gate=gate,
            page=queries.scans_at(session, gate.id, cursor=request.args.get("cursor")),
            why=WHY,
        )


@gates.get("/<gate_id>/check")
@permit(GATE)
def check(gate_id: str) -> Response:
    with unit_of_work() as session:
        known = devices_for(session, caller(), GATE, OFFICE)
        return kept_page(
            render_template(
                "leave/desk/gate.html",
                gate=queries.gate_for(session, gate_id),
                devices=known,
                who=directory.people(session, {row.registered_by_id for row in known}),
                me=directory.person(session, caller().person_id).public_id,
                why={key: gettext(text) for key, text in WHY.items()},
                prefix=PREFIX,
                is_wechat="MicroMessenger" in request.user_agent.string,
            )
        )


@gates.get("/<gate_id>/check/worker.js")
@permit(GATE)
def worker(gate_id: str) -> Response:
    return kept_worker(url_for("leave_gates.check", gate_id=gate_id), CACHE + gate_id)


@gates.get("/<gate_id>/check/list")
@permit(GATE)
def allow_list(gate_id: str) -> Response:
    """For a registered browser alone, signed with its key. 304 when it would say what the browser's own says."""
    key = request.headers.get(KEY, "")
    with unit_of_work() as session:
        gate = queries.gate_for(session, gate_id)
        devices.device_of(session, GATE, key)
        rows = queries.may_pass(session)
        mark = queries.mark_of(rows, key)
        if request.if_none_match.contains_weak(mark):  # a proxy that packs it makes it W/
            return Response(status=304, headers={"ETag": f'"{mark}"'})
        content = queries.allow_list(session, rows)
        audit.record(
            session,
            by=caller(),
            action="leave.allow_list_given",
            object_type="leave.gate",
            object_id=gate.id,
            fields=(len(content["passes"]),),
        )
        privacy.note_list_of_day(
            session, by=caller(), reason="leave.gate", person_ids={row.person_id for row in rows}
        )
    answer = jsonify(devices.signed(key, content))
    answer.set_etag(mark)
    return answer


@gates.post("/<gate_id>/check/sent")
@permit(GATE)
def sent(gate_id: str) -> Response:
    """A browser's queue, in its order, each line in a transaction of its own.

    A line of this very moment goes by the server's clock. One that waited goes by the browser's, set right by what was
    known then of its error (`offset`, ms), else by what `sent_at` tells of it now.
    """
    body, by = sent_body(), caller()
    entries = body.get("entries")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Invalid()
    with unit_of_work() as session:
        gate = queries.gate_for(session, gate_id, is_past=True)  # what waited in a browser is taken
        device_id = devices.find_device(session, GATE, request.headers.get(KEY, ""))
        me = directory.person(session, by.person_id).public_id
    client, error = text_of(body, "client"), _error_of(body)
    return jsonify(
        answers=[
            _answer(by, gate.id, client, entry, device_id, error)
            if text_of(entry, "author") == me
            else {"sequence": entry.get("sequence"), "status": "held", "message": gettext(HELD)}
            for entry in entries[:MOST_ENTRIES]
        ]
    )


def _answer(
    by: Caller,
    gate_id: int,
    client: str,
    entry: dict[str, Any],
    device_id: int | None,
    error: timedelta,
) -> dict[str, Any]:
    sequence, text = entry.get("sequence"), text_of(entry, "text")[:100]
    is_code = not NUMBER.fullmatch(text.strip())
    shown = Shown(
        text=text,
        direction=text_of(entry, "direction"),
        at=_passed_at(entry, error) if entry.get("waited") is True else None,
        found_by="code" if is_code else "number",
    )
    try:
        if client.startswith("log:"):
            raise ScanWrong()
        if not is_code:
            limits.hit("leave.number", str(by.person_id), limit=NUMBERS_AN_HOUR, seconds=3600)
        with unit_of_work() as session:
            verdict = service.check(
                session,
                by=by,
                gate_id=gate_id,
                client=client,
                sequence=sequence if type(sequence) is int else 0,
                shown=shown,
                device_id=device_id,
            )
    except TooMany as problem:  # not the line's fault: it waits
        return {"sequence": sequence, "status": "held", "message": sentence(problem)}
    except DomainError as problem:
        return {"sequence": sequence, "status": "refused", "message": sentence(problem)}
    was_let = entry.get("was_allowed")
    is_other = type(was_let) is bool and was_let is not verdict["is_allowed"]
    reason = verdict["why"]
    said = f"{verdict['name']} {gettext(WHY[reason])}".strip()
    return {"sequence": sequence, "status": "conflict" if is_other else "done", "message": said, **verdict}


def _error_of(body: dict[str, Any]) -> timedelta:
    """How far the browser's clock is behind ours."""
    sent_at = moment_of(body.get("sent_at"))
    return clock.now() - sent_at if sent_at else timedelta(0)


def _passed_at(entry: dict[str, Any], error: timedelta) -> datetime:
    at, offset = moment_of(entry.get("at")), entry.get("offset")
    if at is None:
        return clock.now()
    if isinstance(offset, int) and abs(offset) < MOST_OFFSET:
        error = timedelta(milliseconds=offset)
    try:
        return at + error
    except OverflowError:
        return clock.now()


@gates.post("/<gate_id>/check/devices")
@permit(GATE)
def register(gate_id: str) -> Response:
    """The key is the browser's own, so the same request twice is one device."""
    body = sent_body()
    with unit_of_work() as session:
        queries.gate_for(session, gate_id)
        name, key = text_of(body, "name"), text_of(body, "key")
        return jsonify(id=devices.register_device(session, by=caller(), page=GATE, name=name, key=key))


@gates.post("/<gate_id>/check/devices/<device_id>/revoke")
@permit(GATE)
def revoke(gate_id: str, device_id: str) -> Any:
    with unit_of_work() as session:
        devices.revoke_device(session, by=caller(), page=GATE, manage=OFFICE, device_id=device_id)
    return redirect(url_for("leave_gates.check", gate_id=gate_id), 303)
