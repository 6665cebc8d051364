"""官方核验 on the phone, also without signing in; the school's list on the console."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import crypto, http, limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import PUBLIC, caller, find_caller, permit, sentence
from app.kit.idempotency import Answer
from app.welcome.models import CONTACT_KINDS
from app.welcome.queries import contacts as queries
from app.welcome.service import contacts as service
from app.welcome.service.contacts import Checked

verify_phone = Blueprint("welcome_verify", __name__, url_prefix="/m/welcome/verify")
contacts_desk = Blueprint("welcome_contacts_desk", __name__, url_prefix="/desk/welcome/contacts")
EDIT = "welcome.edit"
OF_ONE, OF_ADDRESS = 20, 300  # a minute; a carrier's address is shared by many


@verify_phone.get("/")
@permit(PUBLIC)
def ask() -> Any:
    return _page(request.args.get("kind", "phone"))


@verify_phone.post("/")
@permit(PUBLIC)
def check() -> Any:
    """Changes nothing but counts; the answer shows what was asked only masked."""
    kind = request.form.get("kind", "")
    try:
        _limit()
        with unit_of_work() as session:
            found = service.check_contact(session, kind=kind, text=request.form.get("text", ""))
    except DomainError as error:
        return _page(kind, error=error), error.status
    return _page(kind, found=found)


def _limit() -> None:
    who = find_caller()
    if who is not None:
        limits.hit("welcome.verify", str(who.person_id), limit=OF_ONE, seconds=60)
        return
    network = crypto.blind_index(request.remote_addr or "", "network")
    limits.hit("welcome.verify_open", network, limit=OF_ADDRESS, seconds=60)


def _page(kind: str, *, found: Checked | None = None, error: DomainError | None = None) -> str:
    return render_template(
        "welcome/phone/verify.html",
        kind=kind,
        kinds=CONTACT_KINDS,
        found=found,
        errors=error.details or {} if error else {},
        told=sentence(error) if error else "",
    )


# --- Console


@contacts_desk.get("/")
@permit(EDIT)
def kept() -> Any:
    with unit_of_work() as session:
        return _list(session, {})


def _list(session: Session, given: Any, error: DomainError | None = None) -> str:
    return render_template(
        "welcome/desk/contacts.html",
        page=queries.kept(session, request.args.get("cursor")),
        kinds=CONTACT_KINDS,
        given=given,
        errors=error.details or {} if error else {},
        told=sentence(error) if error else "",
    )


@contacts_desk.post("/")
@permit(EDIT)
def add() -> Any:
    by, form = caller(), request.form

    def work() -> Answer:
        service.add_contact(
            session,
            by=by,
            kind=form.get("kind", ""),
            shown=form.get("shown", ""),
            owner=form.get("owner", ""),
            owner_en=form.get("owner_en", "").strip() or None,
            note=form.get("note", ""),
        )
        return Answer(303, "", {"Location": url_for("welcome_contacts_desk.kept")})

    try:
        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _list(session, form, error), error.status


@contacts_desk.post("/<int:contact_id>/retire")
@permit(EDIT)
def retire(contact_id: int) -> Any:
    with unit_of_work() as session:
        service.retire_contact(session, by=caller(), contact_id=contact_id)
    return redirect(url_for("welcome_contacts_desk.kept"), 303)
