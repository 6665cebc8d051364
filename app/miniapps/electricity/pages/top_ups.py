"""Phone: topping up, and 钱到哪了: where the money of one top-up is."""

import secrets
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.kit import clock, http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.kit.money import fen_of, yuan
from app.miniapps.electricity import service
from app.miniapps.electricity.errors import AmountOutOfRange
from app.miniapps.electricity.flows import opening
from app.miniapps.electricity.models import CASE_KINDS, CASE_LABELS, TOP_UP_LABELS
from app.miniapps.electricity.pages import steps
from app.miniapps.electricity.pages.home import KIND_LABELS, phone
from app.miniapps.electricity.queries import home, rooms, top_ups
from app.miniapps.electricity.queries.home import MeterView, RoomView
from app.miniapps.electricity.service.top_ups import check_amount, spent_today
from app.platform.directory import queries as directory


@phone.get("/top-up")
@permit(SIGNED_IN)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session, dict(request.args))


def _form(session: Session, values: dict[str, Any], problem: DomainError | None = None) -> str:
    """Building, room, meter and balance to confirm, then the amount."""
    me = caller().person_id
    view = home.room_view(session, home.binding_for(session, me, values.get("room", "")))
    left = max(view.system.day_max_fen - spent_today(session, me), 0)
    return render_template(
        "electricity/phone/top_up.html",
        view=view,
        values=values,
        meter=_chosen(view, values.get("meter")),
        kinds=KIND_LABELS,
        left_fen=left,
        problem=problem,
        told=sentence(problem) if problem else "",
        errors=(problem.details if problem else None) or {},
        key=values.get("_key") or secrets.token_urlsafe(16),
    )


def _chosen(view: RoomView, code: str | None) -> MeterView | None:
    """The only meter, or the one that was chosen; with several nothing is guessed."""
    if len(view.meters) == 1:
        return view.meters[0]
    return next((meter for meter in view.meters if meter.code == code), None)


@phone.post("/top-up")
@permit(SIGNED_IN)
def start() -> Any:
    by, values = caller(), dict(request.form)
    try:
        with unit_of_work() as session:
            binding = home.binding_for(session, by.person_id, values.get("room", ""))
            view = home.room_view(session, binding)
            room = rooms.facts(session, binding.room_id)
        fen = _amount(values, view)
        settle = opening.check_open(room, clients=current_app.extensions["clients"])

        def work() -> Answer:
            made = service.start_top_up(
                session,
                by=by,
                binding_id=binding.public_id,
                meter=values.get("meter", ""),
                fen=fen,
                settle_seconds=settle,
                shown=_shown(home.room_view(session, binding), values.get("meter", "")),
            )
            return Answer(303, "", {"Location": made.url})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _form(session, values, error), error.status


def _amount(values: dict[str, Any], view: RoomView) -> int:
    """What was typed, else what was chosen."""
    text = (values.get("other") or "").strip() or values.get("amount", "")
    try:
        fen = fen_of(text)
    except ValueError:
        fen = 0
    try:
        check_amount(view.system, fen)
    except AmountOutOfRange as error:
        error.details = {"amount": [sentence(error)]}
        raise
    return fen


def _shown(view: RoomView, code: str) -> service.Shown:
    """Kept with the order, in Chinese: it is what the cashier and the desk read."""
    meter = _chosen(view, code)
    if meter is None or not meter.is_known or meter.known_at is None:
        return service.Shown()
    amount = f"{meter.kwh} 度" if meter.kwh is not None else yuan(meter.fen or 0)
    text = f"{amount}（截至 {clock.local(meter.known_at):%m-%d %H:%M}）"
    return service.Shown(meter.kwh, meter.fen, text)


@phone.get("/top-ups/")
@permit(SIGNED_IN)
def mine() -> Any:
    with unit_of_work() as session:
        page = top_ups.mine(session, caller().person_id, request.args.get("cursor"))
        return render_template(
            "electricity/phone/top_ups.html",
            page=page,
            places=directory.places(session, [row.room_id for row in page.items]),
            labels=TOP_UP_LABELS,
        )


@phone.get("/top-ups/<top_up_id>")
@permit(SIGNED_IN)
def top_up(top_up_id: str) -> Any:
    with unit_of_work() as session:
        return _page(session, top_up_id)


def _page(session: Session, top_up_id: str, problem: DomainError | None = None) -> str:
    view = top_ups.top_up_for(session, caller().person_id, top_up_id)
    return render_template(
        "electricity/phone/top_up_state.html",
        view=view,
        t=view.top_up,
        kinds=KIND_LABELS,
        history=steps.timeline_of(view.order) if view.order else [],
        is_late=bool(view.due_at and clock.now() > view.due_at),
        case_kinds=CASE_KINDS,
        case_labels=CASE_LABELS,
        did=request.args.get("did", ""),
        problem=problem,
        told=sentence(problem) if problem else "",
        errors=_errors(problem),
        typed=dict(request.form),
    )


def _errors(problem: DomainError | None) -> dict[str, list[str]]:
    details = (problem.details if problem else None) or {}
    return {name: [_(text) for text in texts] for name, texts in details.items()}


@phone.get("/top-ups/<top_up_id>/receipt")
@permit(SIGNED_IN)
def receipt(top_up_id: str) -> Any:
    with unit_of_work() as session:
        view = top_ups.top_up_for(session, caller().person_id, top_up_id)
        me = directory.person(session, caller().person_id)
        return render_template("electricity/phone/receipt.html", view=view, t=view.top_up, me=me)


@phone.post("/top-ups/<top_up_id>/<deed>")
@permit(SIGNED_IN)
def deed(top_up_id: str, deed: str) -> Any:
    """not_arrived and wrong_room open a case; share; settle (a roommate's part)."""
    by = caller()
    try:
        with unit_of_work() as session:
            if deed == "share":
                service.share_top_up(session, by=by, top_up_id=top_up_id)
            elif deed == "settle":
                service.settle_share(session, by=by, share_id=request.form.get("share", 0, type=int))
            else:
                note = request.form.get("note", "")
                service.open_case(session, by=by, top_up_id=top_up_id, kind=deed, note=note)
    except DomainError as error:
        with unit_of_work() as session:
            return _page(session, top_up_id, error), error.status
    return redirect(url_for("electricity.top_up", top_up_id=top_up_id, did=deed), 303)
