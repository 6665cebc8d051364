"""Sign-in on the phone: out to WeChat by snsapi_base and back."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from app.clients.wechat.client import WeChat
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import PUBLIC, permit, sentence
from app.platform.identity import flows
from app.platform.identity.errors import (
    RoundTripLost,
    SignInDeclined,
    SnapshotVisitor,
    WeChatSilent,
)
from app.platform.identity.pages import cookies
from app.platform.identity.pages.next_path import phone_path
from app.platform.identity.service import round_trips

phone = Blueprint("identity_phone", __name__, url_prefix="/m")
RESTARTS = 1  # by ourselves; after that the person decides


def this_browser() -> flows.Browser:
    return flows.Browser(cookies.browser(), cookies.device(), cookies.network())


def notice(error: DomainError, *, again: str = "", button: str = "") -> Response:
    """A page of its own for what stopped a sign-in, with one thing to do."""
    page = render_template(
        "identity/notice.html", error=error, sentence=sentence(error), again=again, button=button
    )
    return make_response(page, error.status)


@phone.get("/login")
@permit(PUBLIC)
def login() -> Redirect:
    """`fresh=1` goes to WeChat even when somebody is signed in, and replaces them."""
    wanted = phone_path(request.args.get("next"))
    if request.args.get("fresh") != "1" and cookies.find_caller_on(cookies.PHONE):
        return redirect(wanted)
    return _leave_for_wechat(wanted, tries=0)


@phone.get("/oauth/callback")
@permit(PUBLIC)
def oauth_callback() -> Redirect | Response:
    state, code = request.args.get("state", ""), request.args.get("code", "")
    again = url_for("identity_phone.login")
    try:
        done = flows.sign_in_by_wechat(_wechat(), browser=this_browser(), state=state, code=code)
    except RoundTripLost as error:
        return _start_over(error)
    except (SignInDeclined, SnapshotVisitor, WeChatSilent) as error:
        return notice(error, again=again)
    response = redirect(done.next)
    response.headers["Cache-Control"] = "no-store"
    return cookies.sign_in(response, cookies.PHONE, done.session)


@phone.post("/logout")
@permit(PUBLIC)
def logout() -> Response:
    return cookies.sign_out(make_response(render_template("identity/signed_out.html")), cookies.PHONE)


def _leave_for_wechat(wanted: str, *, tries: int) -> Redirect:
    secret = cookies.browser_or_new()
    with unit_of_work() as session:
        state = round_trips.begin_round_trip(
            session, purpose="wechat", browser=secret, next_path=wanted, tries=tries
        )
    back = current_app.config["BASE_URL"] + url_for("identity_phone.oauth_callback")
    response = redirect(_wechat().authorize_url(state, back))
    response.headers["Cache-Control"] = "no-store"
    return cookies.remember_browser(response, secret)


def _start_over(error: RoundTripLost) -> Redirect | Response:
    """A double load, the back button, a damaged or foreign state: go on if signed in, else try once more.

    A browser that brings no cookie of ours could be sent round for ever, so it is not sent at all.
    """
    secret = cookies.browser()
    with unit_of_work() as session:
        last = round_trips.last_round_trip(session, purpose="wechat", browser=secret) if secret else None
    wanted = last.next if last else "/m/"
    if cookies.find_caller_on(cookies.PHONE):
        return redirect(wanted)
    if last is None or last.tries >= RESTARTS:
        return notice(error, again=url_for("identity_phone.login", next=wanted))
    return _leave_for_wechat(wanted, tries=last.tries + 1)


def _wechat() -> WeChat:
    wechat: WeChat = current_app.extensions["clients"].wechat
    return wechat
