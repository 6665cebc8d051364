"""Sign-in to the console: by the single sign-on, or by login and password."""

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Redirect

from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import PUBLIC, find_caller, permit, sentence
from app.platform.identity import flows
from app.platform.identity.pages import cookies
from app.platform.identity.pages.binding import cas
from app.platform.identity.pages.next_path import desk_path
from app.platform.identity.pages.phone import this_browser
from app.platform.identity.service import round_trips

desk = Blueprint("identity_desk", __name__, url_prefix="/desk")
WITH_OLD_PASSWORD = {
    "identity_account.password",
    "identity_account.change_password",
    "identity_desk.login",
    "identity_desk.check_login",
    "identity_desk.logout",
}


@desk.get("/login")
@permit(PUBLIC)
def login() -> Redirect | Response:
    wanted = desk_path(request.args.get("next"))
    if cookies.find_caller_on(cookies.DESK):
        return redirect(wanted)
    return _login_page(wanted)


@desk.post("/login")
@permit(PUBLIC)
def check_login() -> Redirect | Response:
    wanted = desk_path(request.form.get("next"))
    try:
        new = flows.sign_in_by_password(
            browser=this_browser(),
            login=request.form.get("login", ""),
            password=request.form.get("password", ""),
        )
    except DomainError as error:
        return _login_page(wanted, error)
    return cookies.sign_in(redirect(wanted, 303), cookies.DESK, new)


@desk.get("/login/sso")
@permit(PUBLIC)
def leave_for_sso() -> Redirect | Response:
    secret = cookies.browser_or_new()
    wanted = desk_path(request.args.get("next"))
    try:
        url = cas().login_url(_service())
    except DomainError as error:
        return _login_page(wanted, error)
    with unit_of_work() as session:
        round_trips.begin_round_trip(session, purpose="desk", browser=secret, next_path=wanted)
    return cookies.remember_browser(redirect(url), secret)


@desk.get("/login/callback")
@permit(PUBLIC)
def sso_callback() -> Redirect | Response:
    try:
        done = flows.sign_in_by_sso(
            cas(), browser=this_browser(), ticket=request.args.get("ticket", ""), url=_service()
        )
    except DomainError as error:
        if cookies.find_caller_on(cookies.DESK):  # a double load
            return redirect("/desk/")
        return _login_page("/desk/", error)
    response = redirect(done.next)
    response.headers["Cache-Control"] = "no-store"
    return cookies.sign_in(response, cookies.DESK, done.session)


@desk.post("/logout")
@permit(PUBLIC)
def logout() -> Redirect:
    return cookies.sign_out(redirect(url_for("identity_desk.login"), 303), cookies.DESK)


@desk.before_app_request
def insist_on_a_new_password() -> Redirect | None:
    """A password that somebody else knows opens one page: the one where it is changed."""
    if not request.path.startswith("/desk") or request.endpoint in WITH_OLD_PASSWORD:
        return None
    if find_caller() is None or not g.get("must_change"):
        return None
    return redirect(url_for("identity_account.password"))


def _login_page(wanted: str, error: DomainError | None = None) -> Response:
    page = render_template(
        "identity/desk_login.html",
        wanted=wanted,
        login=request.form.get("login", ""),
        problem=sentence(error) if error else "",
        has_sso=current_app.extensions["clients"].cas is not None,
        sso_name=current_app.config["CAS_NAME"],
    )
    response = make_response(page, error.status if error else 200)
    if error is not None and error.status == 429:
        response.headers["Retry-After"] = str(error.params.get("seconds", 60))
    return response


def _service() -> str:
    """With a host of its own the console comes back there; that host was checked before this request."""
    root = request.host_url.rstrip("/") if current_app.config["DESK_HOST"] else current_app.config["BASE_URL"]
    return f"{root}/desk/login/callback"
