"""Passwords of the console and the limits on guessing them."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit import clock, crypto
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.identity.errors import LoginLocked, LoginTaken, NetworkLocked, NoPassword
from app.platform.identity.models import LoginAttempt, Password, SignIn
from app.platform.identity.service.hashing import check_strength, hash_password
from app.platform.identity.service.sessions import revoke_all

WINDOW = timedelta(minutes=15)
TRIES_PER_LOGIN = 10
TRIES_PER_NETWORK = 100  # a whole office may share one address


@dataclass(frozen=True)
class StoredPassword:
    person_id: int
    login: str
    hash: str
    must_change: bool


def normal_login(text: str) -> str:
    """As it is stored: lower case, no spaces around."""
    return text.strip().lower()[:100]


def set_password(
    session: Session,
    *,
    by: Caller | None,
    person_id: int,
    password: str,
    login: str | None = None,
    must_change: bool = True,
) -> str:
    """Give a person a password, in place of an earlier one; ends their console sessions.

    `login` is their number unless named. Returns the login. Raises WeakPassword, LoginTaken.
    """
    login = normal_login(login or directory.person(session, person_id).number or "")
    check_strength(password, login)
    values = {
        "login": login,
        "hash": hash_password(password),
        "must_change": must_change,
        "changed_at": clock.now(),
    }
    try:
        with session.begin_nested():
            session.execute(
                upsert(Password)
                .values(person_id=person_id, **values)
                .on_conflict_do_update(index_elements=["person_id"], set_=values)
            )
    except IntegrityError:
        raise LoginTaken() from None
    revoke_all(session, by=by, person_id=person_id, surface="desk")
    audit.record(session, by=by, action="set_password", object_type="person", object_id=person_id)
    return login


def change_password(session: Session, *, by: Caller, password: str) -> None:
    """The caller's own new password (the old one was checked); ends their other console sessions."""
    stored = password_of(session, by.person_id)
    check_strength(password, stored.login)
    session.execute(
        update(Password)
        .where(Password.person_id == by.person_id)
        .values(hash=hash_password(password), must_change=False, changed_at=clock.now())
    )
    session.execute(update(SignIn).where(SignIn.id == by.session_id).values(must_change=False))
    revoke_all(session, by=by, person_id=by.person_id, except_id=by.session_id, surface="desk")
    audit.record(session, by=by, action="change_password", object_type="person", object_id=by.person_id)


def password_for(session: Session, login: str) -> StoredPassword | None:
    """The password behind a login; None when there is none."""
    return _stored(session, Password.login == normal_login(login))


def password_of(session: Session, person_id: int) -> StoredPassword:
    """Raises NoPassword when the person signs in by single sign-on only."""
    stored = _stored(session, Password.person_id == person_id)
    if stored is None:
        raise NoPassword()
    return stored


def rehash(session: Session, person_id: int, password: str) -> None:
    """Keep the same password under today's parameters."""
    session.execute(
        update(Password).where(Password.person_id == person_id).values(hash=hash_password(password))
    )


def reserve_attempt(session: Session, *, login: str, network: str) -> int:
    """Count a try before the password is looked at, so that parallel tries all count; returns its id.

    Must be committed before the check. Raises LoginLocked or NetworkLocked and then counts nothing: who
    keeps trying does not lock an account for ever. An unknown login is counted like a known one.
    """
    key = crypto.blind_index(normal_login(login), "login")
    if _failures(session, LoginAttempt.login == key) >= TRIES_PER_LOGIN:
        raise LoginLocked(minutes=15, seconds=900)
    if _failures(session, LoginAttempt.network == network) >= TRIES_PER_NETWORK:
        raise NetworkLocked(minutes=15, seconds=900)
    return session.scalars(
        insert(LoginAttempt)
        .values(login=key, network=network, tried_at=clock.now(), succeeded=False)
        .returning(LoginAttempt.id)
    ).one()


def note_success(session: Session, attempt_id: int) -> None:
    """The password was right: this login's earlier slips no longer count."""
    login = select(LoginAttempt.login).where(LoginAttempt.id == attempt_id).scalar_subquery()
    session.execute(update(LoginAttempt).where(LoginAttempt.login == login).values(succeeded=True))


def _failures(session: Session, condition: object) -> int:
    count = session.scalar(
        select(func.count()).where(
            condition,  # type: ignore[arg-type]
            ~LoginAttempt.succeeded,
            LoginAttempt.tried_at > clock.now() - WINDOW,
        )
    )
    return int(count or 0)


def _stored(session: Session, condition: object) -> StoredPassword | None:
    row = session.execute(
        select(Password.person_id, Password.login, Password.hash, Password.must_change).where(
            condition  # type: ignore[arg-type]
        )
    ).first()
    return None if row is None else StoredPassword(*row)
