"""CAS 1, 2 and 3: login page, one-use service tickets, validation, logout."""

import secrets
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from flask import Blueprint, Response, make_response, redirect, render_template, request

from sandbox.cast import BY_NUMBER, CAST, Person
from sandbox.wechat.crypto import same
from sandbox.world import World, world

bp = Blueprint("sso", __name__, url_prefix="/cas", template_folder="templates")
TICKET_SECONDS = 60
NAMESPACE = "http://www.yale.edu/tp/cas"


class Refused(Exception):
    """A validation that fails: CAS's code and words."""


def session_cookie(w: World) -> str:
    return f"CASTGC_{w.config.port}"


def allowed(w: World, service: str) -> bool:
    """Only our own application may use this sign-on."""
    parts = urlsplit(service)
    known = {w.config.app_host, "127.0.0.1", "localhost", *w.knobs["redirect_hosts"]}
    return parts.scheme in {"http", "https"} and parts.hostname in known


def signed_in(w: World) -> Person | None:
    """Whose sign-on session this browser has; only when the knob `cas_sso` is on, because one browser
    plays many people here."""
    if not w.knobs["cas_sso"]:
        return None
    number = w.store.value(
        "SELECT number FROM cas_sessions WHERE tgc = ?", (request.cookies.get(session_cookie(w), ""),)
    )
    return BY_NUMBER.get(number)


def with_ticket(w: World, service: str, person: Person, renewed: bool) -> Response:
    ticket = f"ST-{secrets.randbelow(9000) + 1000}-{secrets.token_urlsafe(24)}-sandbox"
    w.store.run(
        "INSERT INTO cas_tickets (ticket, service, number, renewed, created) VALUES (?, ?, ?, ?, ?)",
        (ticket, service, person.number, int(renewed), w.store.now()),
    )
    glue = "&" if "?" in service else "?"
    found = redirect(f"{service}{glue}{urlencode({'ticket': ticket})}")
    found.headers["Cache-Control"] = "no-store"
    return found  # type: ignore[return-value]


def page(w: World, service: str, problem: str = "", status: int = 200, username: str = "") -> Response:
    text = render_template(
        "cas_login.html",
        service=service,
        problem=problem,
        username=username,
        people=[person for person in CAST if person.cas],
        account=w.config.account_name,
    )
    return make_response(text, status, {"Cache-Control": "no-store"})


@bp.get("/login")
def login() -> Response:
    w = world()
    service = request.args.get("service", "")
    if service and not allowed(w, service):
        return make_response(render_template("cas_message.html", title="未授权的服务", text=service), 403)
    person = None if request.args.get("renew") else signed_in(w)
    if person and service:
        return with_ticket(w, service, person, renewed=False)
    if request.args.get("gateway") and service:
        return redirect(service)  # type: ignore[return-value]
    return page(w, service)


@bp.post("/login")
def check_password() -> Response:
    w = world()
    service = request.values.get("service", "")
    if service and not allowed(w, service):
        return make_response(render_template("cas_message.html", title="未授权的服务", text=service), 403)
    username = request.form.get("username", "").strip()
    person = BY_NUMBER.get(username)
    if person is None or not person.cas or not same(request.form.get("password", ""), person.cas_password):
        return page(w, service, "账号或密码不对。测试账号可以直接点选。", 401, username)
    tgc = "TGT-" + secrets.token_urlsafe(32)
    w.store.run(
        "INSERT INTO cas_sessions (tgc, number, created) VALUES (?, ?, ?)",
        (tgc, person.number, w.store.now()),
    )
    if service:
        found = with_ticket(w, service, person, renewed=True)
    else:
        found = make_response(
            render_template("cas_message.html", title="登录成功", text=f"{person.name}（{person.number}）")
        )
    found.set_cookie(session_cookie(w), tgc, httponly=True, samesite="Lax", path="/cas")
    return found


@bp.get("/logout")
def logout() -> Response:
    w = world()
    w.store.run("DELETE FROM cas_sessions WHERE tgc = ?", (request.cookies.get(session_cookie(w), ""),))
    service = request.args.get("service", "")
    if service and allowed(w, service):
        found: Response = redirect(service)  # type: ignore[assignment]
    else:
        found = make_response(render_template("cas_message.html", title="已退出统一身份认证", text=""))
    found.delete_cookie(session_cookie(w), path="/cas")
    return found


def used_up(w: World) -> tuple[Person, bool]:
    """The ticket's person; a ticket dies with its first validation, good or bad."""
    service, ticket = request.args.get("service", ""), request.args.get("ticket", "")
    if not service or not ticket:
        raise Refused("INVALID_REQUEST", "service and ticket are both required")
    with w.store.tx():
        row = w.store.one("SELECT * FROM cas_tickets WHERE ticket = ?", (ticket,))
        fresh = w.store.run("UPDATE cas_tickets SET used = 1 WHERE ticket = ? AND used = 0", (ticket,))
    if row is None or not fresh or row["created"] < w.store.now() - TICKET_SECONDS:
        raise Refused("INVALID_TICKET", f"ticket {ticket} not recognized")
    if row["service"] != service:
        raise Refused("INVALID_SERVICE", f"ticket {ticket} does not match supplied service")
    if request.args.get("renew") and not row["renewed"]:
        raise Refused("INVALID_TICKET", "ticket was not issued from fresh credentials")
    return BY_NUMBER[row["number"]], bool(row["renewed"])


def attributes(person: Person, renewed: bool) -> dict[str, str]:
    return {
        "uid": person.number,
        "number": person.number,
        "name": person.name,
        "cn": person.name,
        "type": person.kind,
        "eduPersonAffiliation": person.kind,
        "isFromNewLogin": str(renewed).lower(),
        "longTermAuthenticationRequestTokenUsed": "false",
    }


def validation(with_attributes: bool) -> Response:
    as_json = request.args.get("format", "").upper() == "JSON"
    try:
        person, renewed = used_up(world())
    except Refused as problem:
        code, words = problem.args
        if as_json:
            return make_response(
                {"serviceResponse": {"authenticationFailure": {"code": code, "description": words}}}
            )
        inside = escape(words)
        return envelope(f'<cas:authenticationFailure code="{code}">{inside}</cas:authenticationFailure>')
    found = attributes(person, renewed) if with_attributes else {}
    if as_json:
        success = {"user": person.number, **({"attributes": found} if found else {})}
        return make_response({"serviceResponse": {"authenticationSuccess": success}})
    inside = "".join(f"<cas:{name}>{escape(value)}</cas:{name}>" for name, value in found.items())
    inside = f"<cas:attributes>{inside}</cas:attributes>" if inside else ""
    user = f"<cas:user>{escape(person.number)}</cas:user>"
    return envelope(f"<cas:authenticationSuccess>{user}{inside}</cas:authenticationSuccess>")


def envelope(inside: str) -> Response:
    text = f'<cas:serviceResponse xmlns:cas="{NAMESPACE}">{inside}</cas:serviceResponse>'
    return make_response(text, 200, {"Content-Type": "application/xml; charset=utf-8"})


@bp.get("/serviceValidate")
def service_validate() -> Response:
    return validation(with_attributes=False)


@bp.get("/p3/serviceValidate")
def p3_service_validate() -> Response:
    return validation(with_attributes=True)


@bp.get("/validate")
def validate() -> Response:
    try:
        person, _ = used_up(world())
    except Refused:
        return make_response("no\n\n", 200, {"Content-Type": "text/plain"})
    return make_response(f"yes\n{person.number}\n", 200, {"Content-Type": "text/plain"})
