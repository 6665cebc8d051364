"""Sign-ins that ask somebody outside, or take their time: no transaction is open meanwhile."""

from dataclasses import dataclass

from app.clients.sso.cas import Cas
from app.clients.sso.errors import SsoUnavailable, TicketRefused
from app.clients.wechat.client import WeChat
from app.clients.wechat.errors import CodeInvalid, WeChatError
from app.clients.wechat.oauth import OAuthAnswer
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.log import log
from app.platform.identity import queries, service
from app.platform.identity.errors import (
    NotStaff,
    RoundTripLost,
    SignInDeclined,
    SnapshotVisitor,
    SsoRefused,
    SsoSilent,
    WeakPassword,
    WeChatSilent,
    WrongLogin,
    WrongPassword,
)
from app.platform.identity.service import hashing, passwords, round_trips
from app.platform.identity.service.sessions import NewSession
from app.platform.identity.service.sso import CAS


@dataclass(frozen=True)
class Browser:
    """What we know of the browser: its pre-login secret, its name for itself, a hash of its address."""

    secret: str
    device: str = ""
    network: str = ""


@dataclass(frozen=True)
class SignedIn:
    """The new session and where the person wanted to go."""

    session: NewSession
    next: str


def sign_in_by_wechat(wechat: WeChat, *, browser: Browser, state: str, code: str) -> SignedIn:
    """The second leg of WeChat's OAuth.

    Raises RoundTripLost (start again), SignInDeclined, SnapshotVisitor, WeChatSilent.
    """
    with unit_of_work() as session:
        trip = round_trips.finish_round_trip(
            session, purpose="wechat", state=state, browser=browser.secret, code=code
        )
    if not code:
        raise SignInDeclined()
    answer = _exchange(wechat, code)
    if answer.is_snapshot:
        raise SnapshotVisitor()
    appid = wechat.settings.appid
    with unit_of_work() as session:
        person_id = service.person_for_openid(session, appid, answer.openid, unionid=answer.unionid)
        new = service.open_session(
            session,
            person_id=person_id,
            surface="phone",
            wechat_link_id=queries.link_id_of_openid(session, appid, answer.openid),
            device=browser.device,
            network=browser.network,
        )
    return SignedIn(new, trip.next)


def _exchange(wechat: WeChat, code: str) -> OAuthAnswer:
    try:
        return wechat.exchange_code(code)
    except CodeInvalid:
        failure: Exception = RoundTripLost()
    except WeChatError as error:
        log.warning("wechat_sign_in_failed", error=type(error).__name__, errcode=error.errcode)
        failure = WeChatSilent()
    raise failure


def confirm_by_sso(cas: Cas, *, by: Caller, browser: Browser, purpose: str, ticket: str, url: str) -> str:
    """The second leg of CAS for somebody on the phone: keep who it is until they confirm; returns who.

    Raises RoundTripLost, SsoRefused, SsoSilent.
    """
    with unit_of_work() as session:
        trip = round_trips.finish_last_round_trip(
            session, purpose=purpose, browser=browser.secret, code=ticket
        )
    if trip.session_id != by.session_id:
        raise RoundTripLost()
    subject = _validate(cas, ticket, url)
    with unit_of_work() as session:
        round_trips.note_subject(session, trip.id, subject)
    return subject


def prove_by_sso(cas: Cas, *, by: Caller, browser: Browser, ticket: str, url: str) -> None:
    """As `confirm_by_sso`, to show again that the caller is who they are. Raises SsoRefused for another."""
    subject = confirm_by_sso(cas, by=by, browser=browser, purpose="unbind", ticket=ticket, url=url)
    with unit_of_work() as session:
        if service.person_of_sso(session, source=CAS, subject=subject) != by.person_id:
            raise SsoRefused()
        assert by.session_id is not None  # they came by a browser
        service.prove(session, by.session_id)


def sign_in_by_sso(cas: Cas, *, browser: Browser, ticket: str, url: str) -> SignedIn:
    """The second leg of CAS for the console.

    Raises RoundTripLost, SsoRefused, SsoSilent, NotInDirectory, NotStaff.
    """
    with unit_of_work() as session:
        trip = round_trips.finish_last_round_trip(
            session, purpose="desk", browser=browser.secret, code=ticket
        )
    subject = _validate(cas, ticket, url)
    with unit_of_work() as session:
        person_id = service.person_of_sso(session, source=CAS, subject=subject)
    return SignedIn(_open_desk(person_id, browser), trip.next)


def sign_in_by_password(*, browser: Browser, login: str, password: str) -> NewSession:
    """Console sign-in by password. An unknown login costs as much time and counts as much as a known one.

    Raises LoginLocked, NetworkLocked, WrongLogin, NotStaff.
    """
    with unit_of_work() as session:
        attempt_id = passwords.reserve_attempt(session, login=login, network=browser.network)
    with unit_of_work() as session:
        stored = passwords.password_for(session, login)
    if not hashing.matches(password, stored.hash if stored else None) or stored is None:
        raise WrongLogin(details={"password": [WrongLogin.msgid]})
    with unit_of_work() as session:
        passwords.note_success(session, attempt_id)
        if hashing.is_outdated(stored.hash):
            passwords.rehash(session, stored.person_id, password)
    return _open_desk(stored.person_id, browser, must_change=stored.must_change)


def change_own_password(*, by: Caller, network: str, current: str, new: str, again: str) -> None:
    """Guessing the current password counts as signing in does.

    Raises LoginLocked, NetworkLocked, WrongPassword, WeakPassword.
    """
    with unit_of_work() as session:
        stored = passwords.password_of(session, by.person_id)
        attempt_id = passwords.reserve_attempt(session, login=stored.login, network=network)
    if not hashing.matches(current, stored.hash):
        raise WrongPassword(details={"current": [WrongPassword.msgid]})
    if new != again:
        raise WeakPassword(details={"again": [WeakPassword.NOT_THE_SAME]})
    with unit_of_work() as session:
        passwords.note_success(session, attempt_id)
        service.change_password(session, by=by, password=new)


def _open_desk(person_id: int, browser: Browser, *, must_change: bool = False) -> NewSession:
    with unit_of_work() as session:
        if not queries.has_any_role(session, person_id):
            raise NotStaff()
        return service.open_session(
            session,
            person_id=person_id,
            surface="desk",
            is_proved=True,
            must_change=must_change,
            device=browser.device,
            network=browser.network,
        )


def _validate(cas: Cas, ticket: str, url: str) -> str:
    try:
        return cas.validate(ticket, url).subject
    except TicketRefused as error:
        log.info("sso_refused", reason=error.code)
        failure: Exception = SsoRefused()
    except SsoUnavailable as error:
        log.warning("sso_failed", error=str(error))
        failure = SsoSilent()
    raise failure
