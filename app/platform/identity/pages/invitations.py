"""Invitations: the team's head shows a QR code, the worker opens it inside WeChat."""

from flask import Blueprint, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from app.kit.db import unit_of_work
from app.kit.errors import DomainError, NotFound
from app.kit.http import SIGNED_IN, caller, permit
from app.kit.qr import svg_uri
from app.platform.directory import queries as directory
from app.platform.identity import queries, service
from app.platform.identity.pages import cookies
from app.platform.identity.pages.binding import new_phone_session
from app.platform.identity.pages.phone import notice
from app.platform.identity.queries.invitations import INVITE

team = Blueprint("identity_team", __name__, url_prefix="/desk/team/invitations")
invitations = Blueprint("identity_invitations", __name__, url_prefix="/m/invitations")


@team.get("")
@permit(INVITE)
def overview() -> str:
    with unit_of_work() as session:
        teams = queries.teams_in_care(session, caller())
    return render_template("identity/desk_invitations.html", teams=teams)


@team.post("")
@permit(INVITE)
def invite() -> str:
    """The link is shown once: only its hash is kept."""
    with unit_of_work() as session:
        person = directory.person(session, _person_id())
        new = service.invite(session, by=caller(), person_id=person.id)
    url = f"{current_app.config['BASE_URL']}/m/invitations/{new.token}"
    return render_template(
        "identity/desk_invitation.html", person=person, url=url, picture=svg_uri(url), until=new.expires_at
    )


@team.post("/revoke")
@permit(INVITE)
def revoke() -> Redirect:
    with unit_of_work() as session:
        service.revoke_invitation(session, by=caller(), person_id=_person_id())
    return redirect("/desk/team/invitations", 303)


@invitations.get("/<token>")
@permit(SIGNED_IN)
def ask(token: str) -> Response | str:
    try:
        with unit_of_work() as session:
            person = directory.person(session, service.invitation_for(session, token))
            teams = directory.teams_of(session, person.id)
            link = queries.link_of_session(session, caller().session_id)
    except DomainError as error:
        return notice(error, again="/m/", button="")
    return render_template("identity/invitation.html", person=person, teams=teams, link=link, token=token)


@invitations.post("")
@permit(SIGNED_IN)
def accept() -> Redirect | Response:
    """The token comes in the body: addresses end up in logs."""
    who = caller()
    try:
        with unit_of_work() as session:
            link = queries.link_of_session(session, who.session_id)
            person_id = service.accept_invitation(session, by=who, token=request.form.get("token", ""))
            assert link is not None  # binding asked for it
            new = new_phone_session(session, person_id, link.id)
    except DomainError as error:
        return notice(error, again="/m/")
    return cookies.sign_in(redirect("/m/bind"), cookies.PHONE, new)


def _person_id() -> int:
    text = request.form.get("person_id", "")
    if not text.isdecimal() or len(text) > 17:
        raise NotFound()
    return int(text)
