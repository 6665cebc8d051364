"""One's own account on the console: roles, sessions, password."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Invalid, NotFound
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.platform.directory import queries as directory
from app.platform.identity import flows, queries, service
from app.platform.identity.errors import NoPassword
from app.platform.identity.pages import cookies
from app.platform.identity.service import passwords

account = Blueprint("identity_account", __name__, url_prefix="/desk/account")


@account.get("")
@permit(SIGNED_IN)
def overview() -> str:
    who = caller()
    with unit_of_work() as session:
        return render_template(
            "identity/desk_account.html",
            person=directory.person(session, who.person_id),
            granted=queries.described_roles(session, person_id=who.person_id),
            sessions=queries.open_sessions(session, who.person_id),
            current_id=who.session_id,
        )


@account.post("/sessions/<int:session_id>/revoke")
@permit(SIGNED_IN)
def revoke(session_id: int) -> Redirect:
    with unit_of_work() as session:
        if not service.revoke_session(session, by=caller(), session_id=session_id):
            raise NotFound()
    return redirect(url_for("identity_account.overview"), 303)


@account.post("/sessions/revoke-others")
@permit(SIGNED_IN)
def revoke_others() -> Redirect:
    who = caller()
    with unit_of_work() as session:
        service.revoke_all(session, by=who, person_id=who.person_id, except_id=who.session_id)
    return redirect(url_for("identity_account.overview"), 303)


@account.get("/password")
@permit(SIGNED_IN)
def password() -> Response:
    return _password_page()


@account.post("/password")
@permit(SIGNED_IN)
def change_password() -> Redirect | Response:
    form = request.form
    try:
        flows.change_own_password(
            by=caller(),
            network=cookies.network(),
            current=form.get("current", ""),
            new=form.get("new", ""),
            again=form.get("again", ""),
        )
    except (Invalid, NoPassword) as error:
        return _password_page(error)
    return redirect(url_for("identity_account.overview"), 303)


def _password_page(error: DomainError | None = None) -> Response:
    with unit_of_work() as session:
        stored = passwords.password_of(session, caller().person_id)
    page = render_template(
        "identity/desk_password.html",
        login=stored.login,
        must_change=stored.must_change,
        errors=(error.details or {}) if error else {},
        problem=sentence(error) if error and not error.details else "",
    )
    return make_response(page, error.status if error else 200)
