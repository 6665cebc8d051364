"""The administrator's page of roles: who may do what, and where."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Redirect

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Invalid
from app.kit.http import caller, permit, sentence
from app.platform.directory import queries as directory
from app.platform.directory.errors import PersonNotFound
from app.platform.identity import queries, service
from app.platform.identity.errors import BadPeriod, ScopeNotAllowed, UnknownRole
from app.platform.identity.queries import places as places_of

roles = Blueprint("identity_roles", __name__, url_prefix="/desk/people/roles")
MANAGE = "identity.manage_roles"


@roles.get("")
@permit(MANAGE)
def overview() -> Response:
    return _page()


@roles.post("")
@permit(MANAGE)
def grant() -> Redirect | Response:
    try:
        with unit_of_work() as session:
            person = directory.find_person_by_number(session, request.form.get("number", ""))
            if person is None:
                raise Invalid(details={"number": [PersonNotFound.msgid]})
            kind, scope_id = _place(request.form.get("place", ""))
            service.grant_role(
                session,
                by=caller(),
                person_id=person.id,
                role=request.form.get("role", ""),
                scope_kind=kind,
                scope_id=scope_id,
                ends_at=_end(request.form.get("until", "")),
            )
    except Invalid as error:
        return _page(error)
    return redirect(url_for("identity_roles.overview", role=request.form.get("role")), 303)


@roles.post("/<int:grant_id>/revoke")
@permit(MANAGE)
def revoke(grant_id: int) -> Redirect:
    with unit_of_work() as session:
        service.revoke_role(session, by=caller(), grant_id=grant_id)
    return redirect(url_for("identity_roles.overview"), 303)


def _page(error: DomainError | None = None) -> Response:
    chosen = request.args.get("role", "")
    with unit_of_work() as session:
        granted = queries.described_roles(session, role=chosen)
        places = queries.grantable_places(session)
    page = render_template(
        "identity/desk_roles.html",
        granted=granted,
        roles=queries.known_roles(),
        places=[("all", gettext(places_of.EVERYWHERE)), *((key, name) for _, key, name in places)],
        chosen=chosen,
        given=request.form,
        errors=_fields(error),
        problem=sentence(error) if error and not error.details else "",
    )
    return make_response(page, error.status if error else 200)


def _fields(error: DomainError | None) -> dict[str, Any]:
    """Errors of the rules under the names of this form."""
    if isinstance(error, UnknownRole | ScopeNotAllowed):
        return {"role" if isinstance(error, UnknownRole) else "place": [sentence(error)]}
    if isinstance(error, BadPeriod):
        return {"until": [sentence(error)]}
    return dict((error.details or {}) if error else {})


def _place(text: str) -> tuple[str, int | None]:
    kind, _, number = text.partition(":")
    return kind or "all", int(number) if number.isdecimal() and len(number) < 18 else None


def _end(text: str) -> datetime | None:
    """The last day inclusive, as people mean it."""
    if not text:
        return None
    try:
        return clock.start_of_day(date.fromisoformat(text) + timedelta(days=1))
    except (ValueError, OverflowError):
        raise Invalid(details={"until": [BadPeriod.NO_DATE]}) from None
