"""Sessions: opened at sign-in with a fresh token, revocable at any moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.identity.models import SignIn
from app.platform.identity.service.tokens import digest, new_token

LIFETIMES = {
    "phone": timedelta(days=14),
    "desk": timedelta(hours=12),
    "shared_device": timedelta(hours=10),
}
TOUCH_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class NewSession:
    """`token` goes into the browser's cookie and is kept nowhere else."""

    token: str
    id: int
    person_id: int
    expires_at: datetime


def open_session(
    session: Session,
    *,
    person_id: int,
    surface: str,
    wechat_link_id: int | None = None,
    is_proved: bool = False,
    must_change: bool = False,
    device: str = "",
    network: str = "",
) -> NewSession:
    """A session with a token of its own; whoever calls drops the browser's earlier one.

    `device` is the browser's name for itself, `network` a hash of its address.
    """
    token, moment = new_token(), clock.now()
    expires_at = moment + LIFETIMES[surface]
    session_id = session.scalars(
        insert(SignIn)
        .values(
            token_hash=digest(token),
            person_id=person_id,
            surface=surface,
            wechat_link_id=wechat_link_id,
            created_at=moment,
            seen_at=moment,
            proved_at=moment if is_proved else None,
            expires_at=expires_at,
            must_change=must_change,
            device=device[:200],
            network=network,
        )
        .returning(SignIn.id)
    ).one()
    return NewSession(token, session_id, person_id, expires_at)


def revoke_token(session: Session, token: str) -> None:
    """Sign this browser out. An unknown token is nobody's and changes nothing."""
    session.execute(
        update(SignIn)
        .where(SignIn.token_hash == digest(token), SignIn.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def revoke_session(session: Session, *, by: Caller, session_id: int) -> bool:
    """End one of the caller's own sessions. False when it is not theirs or over already."""
    ended = db.rows_changed(
        session,
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.person_id == by.person_id, SignIn.revoked_at.is_(None))
        .values(revoked_at=clock.now()),
    )
    if ended:
        audit.record(
            session, by=by, action="revoke_session", object_type="identity_session", object_id=session_id
        )
    return ended == 1


def revoke_all(
    session: Session, *, by: Caller | None, person_id: int, except_id: int | None = None, surface: str = ""
) -> int:
    """End all sessions of a person but one, on all surfaces or one; returns how many."""
    stmt = update(SignIn).where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None))
    if except_id is not None:
        stmt = stmt.where(SignIn.id != except_id)
    if surface:
        stmt = stmt.where(SignIn.surface == surface)
    ended = db.rows_changed(session, stmt.values(revoked_at=clock.now()))
    if ended:
        audit.record(session, by=by, action="revoke_sessions", object_type="person", object_id=person_id)
    return ended


def prove(session: Session, session_id: int) -> None:
    """Note that the person behind a session proved just now who they are."""
    session.execute(update(SignIn).where(SignIn.id == session_id).values(proved_at=clock.now()))


def touch(session: Session, session_id: int) -> None:
    """Note that a session is in use, at most every ten minutes."""
    moment = clock.now()
    session.execute(
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.seen_at < moment - TOUCH_EVERY)
        .values(seen_at=moment)
    )
