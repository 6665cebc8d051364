"""Binding a WeChat account to a campus identity through the single sign-on, and unbinding it.

Pages lead to the single sign-on by links, not forms: `form-action 'self'` also forbids being redirected.
"""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from app.clients.sso.cas import Cas
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit
from app.platform.directory import queries as directory
from app.platform.identity import flows, queries, service
from app.platform.identity.errors import NotBound, NotInWeChat, SsoSilent
from app.platform.identity.pages import cookies
from app.platform.identity.pages.next_path import phone_path
from app.platform.identity.pages.phone import notice, this_browser
from app.platform.identity.queries import LinkOfSession
from app.platform.identity.service import round_trips
from app.platform.identity.service.sessions import NewSession
from app.platform.identity.service.sso import CAS

binding = Blueprint("identity_binding", __name__, url_prefix="/m")


@binding.get("/bind")
@permit(SIGNED_IN)
def bind() -> str:
    who = caller()
    with unit_of_work() as session:
        person = directory.person(session, who.person_id)
        link = queries.link_of_session(session, who.session_id)
    wanted = phone_path(request.args.get("next") or "/m/bind")
    return render_template("identity/bind.html", person=person, link=link, wanted=wanted)


@binding.get("/bind/start")
@permit(SIGNED_IN)
def start_binding() -> Redirect:
    return _leave_for_sso("bind", phone_path(request.args.get("next") or "/m/bind"))


@binding.get("/bind/callback")
@permit(SIGNED_IN)
def bind_callback() -> Redirect | Response:
    try:
        flows.confirm_by_sso(
            cas(),
            by=caller(),
            browser=this_browser(),
            purpose="bind",
            ticket=request.args.get("ticket", ""),
            url=_service("bind"),
        )
    except DomainError as error:
        return notice(error, again="/m/bind")
    return redirect(url_for("identity_binding.confirm_binding"))


@binding.get("/bind/confirm")
@permit(SIGNED_IN)
def ask_binding() -> Redirect | Response | str:
    """Who the single sign-on said it is; nothing is bound before the person says yes on this page."""
    try:
        with unit_of_work() as session:
            found = _confirmed(session)
            if found is None:
                return redirect("/m/bind")
            person = directory.person(session, found[0])
            other = queries.openid_of(session, found[0])
    except DomainError as error:
        return notice(error, again="/m/bind")
    gone = not person.is_active
    return render_template("identity/bind_confirm.html", person=person, other=other, gone=gone)


@binding.post("/bind/confirm")
@permit(SIGNED_IN)
def confirm_binding() -> Redirect | Response:
    """Only who saw that another account is replaced may replace it."""
    may_replace = request.form.get("replace") == "1"
    try:
        with unit_of_work() as session:
            found = _confirmed(session)
            if found is None:
                return redirect("/m/bind")
            person_id, wanted = found
            link_id = service.bind(session, by=caller(), person_id=person_id, may_replace=may_replace)
            new = new_phone_session(session, person_id, link_id)
    except DomainError as error:
        return notice(error, again="/m/bind")
    return cookies.sign_in(redirect(wanted), cookies.PHONE, new)


@binding.get("/unbind")
@permit(SIGNED_IN)
def unbind() -> Response | str:
    try:
        with unit_of_work() as session:
            link = _bound_link(session)
            person = directory.person(session, link.person_id)
    except DomainError as error:
        return notice(error, again="/m/bind")
    return render_template("identity/unbind.html", person=person, link=link)


@binding.get("/unbind/start")
@permit(SIGNED_IN)
def start_unbinding() -> Redirect:
    """Show again who you are: through the single sign-on, or without a campus account through WeChat."""
    with unit_of_work() as session:
        link = _bound_link(session)
    if not link.has_sso:
        return redirect(url_for("identity_phone.login", fresh=1, next="/m/unbind"))
    return _leave_for_sso("unbind", "/m/unbind", renew=True)


@binding.get("/unbind/callback")
@permit(SIGNED_IN)
def unbind_callback() -> Redirect | Response:
    try:
        flows.prove_by_sso(
            cas(),
            by=caller(),
            browser=this_browser(),
            ticket=request.args.get("ticket", ""),
            url=_service("unbind"),
        )
    except DomainError as error:
        return notice(error, again="/m/unbind")
    return redirect("/m/unbind")


@binding.post("/unbind")
@permit(SIGNED_IN)
def confirm_unbinding() -> Redirect | Response:
    try:
        with unit_of_work() as session:
            link = _bound_link(session)
            visitor_id = service.unbind(session, by=caller())
            new = new_phone_session(session, visitor_id, link.id)
    except DomainError as error:
        return notice(error, again="/m/unbind")
    return cookies.sign_in(redirect("/m/bind"), cookies.PHONE, new)


def cas() -> Cas:
    """The school's single sign-on. Raises SsoSilent where there is none."""
    client: Cas | None = current_app.extensions["clients"].cas
    if client is None:
        raise SsoSilent()
    return client


def _confirmed(session: Session) -> tuple[int, str] | None:
    """The person the single sign-on named for this session, and where they wanted to go."""
    trip = round_trips.confirmed(session, purpose="bind", session_id=caller().session_id)
    if trip is None or trip.subject is None:
        return None
    return service.person_of_sso(session, source=CAS, subject=trip.subject), trip.next


def new_phone_session(session: Session, person_id: int, link_id: int) -> NewSession:
    """After binding or unbinding the phone goes on under a session with a new token."""
    return service.open_session(
        session,
        person_id=person_id,
        surface="phone",
        wechat_link_id=link_id,
        is_proved=True,
        device=cookies.device(),
        network=cookies.network(),
    )


def _bound_link(session: Session) -> LinkOfSession:
    link = queries.link_of_session(session, caller().session_id)
    if link is None:
        raise NotInWeChat()
    if not link.is_bound:
        raise NotBound()
    return link


def _leave_for_sso(purpose: str, wanted: str, *, renew: bool = False) -> Redirect:
    secret = cookies.browser_or_new()
    with unit_of_work() as session:
        round_trips.begin_round_trip(
            session, purpose=purpose, browser=secret, next_path=wanted, session_id=caller().session_id
        )
    url = cas().login_url(_service(purpose)) + ("&renew=true" if renew else "")
    return cookies.remember_browser(redirect(url), secret)


def _service(purpose: str) -> str:
    return f"{current_app.config['BASE_URL']}/m/{purpose}/callback"
