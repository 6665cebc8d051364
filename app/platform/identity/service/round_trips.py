"""Round trips of a browser to WeChat or to the single sign-on: bound to the browser, short, good once."""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.platform.identity.errors import RoundTripLost
from app.platform.identity.models import OAuthState
from app.platform.identity.service.tokens import digest, new_state

LIFETIME = timedelta(minutes=10)
COLUMNS = (
    OAuthState.id,
    OAuthState.next,
    OAuthState.tries,
    OAuthState.session_id,
    OAuthState.subject,
    OAuthState.browser_hash,
)


@dataclass(frozen=True)
class RoundTrip:
    """Where the person wanted to go, and how often we have sent them round."""

    id: int
    next: str
    tries: int
    session_id: int | None = None
    subject: str | None = None


def begin_round_trip(
    session: Session,
    *,
    purpose: str,
    browser: str,
    next_path: str,
    tries: int = 0,
    session_id: int | None = None,
) -> str:
    """Note that a browser leaves; returns the state to bring back. `browser` is its pre-login cookie."""
    state, moment = new_state(), clock.now()
    session.execute(
        insert(OAuthState).values(
            state_hash=digest(state),
            browser_hash=digest(browser),
            purpose=purpose,
            next=next_path,
            tries=tries,
            session_id=session_id,
            created_at=moment,
            expires_at=moment + LIFETIME,
        )
    )
    return state


def finish_round_trip(session: Session, *, purpose: str, state: str, browser: str, code: str) -> RoundTrip:
    """The browser is back: use the state up. Once per state, and once per code.

    Raises RoundTripLost when the state is unknown, old, used, or another browser's, or the code was seen.
    """
    row = session.execute(
        select(*COLUMNS).where(OAuthState.purpose == purpose, OAuthState.state_hash == digest(state))
    ).first()
    if row is None or not hmac.compare_digest(row.browser_hash, digest(browser)):
        raise RoundTripLost()
    _use_up(session, row.id, code)
    return RoundTrip(*row[:5])


def finish_last_round_trip(session: Session, *, purpose: str, browser: str, code: str) -> RoundTrip:
    """As `finish_round_trip`, for a protocol that brings no state back (CAS): the browser's last one."""
    found = last_round_trip(session, purpose=purpose, browser=browser)
    if found is None:
        raise RoundTripLost()
    _use_up(session, found.id, code)
    return found


def last_round_trip(session: Session, *, purpose: str, browser: str) -> RoundTrip | None:
    """This browser's last departure, used up or not, if it was within the last hour."""
    row = session.execute(
        select(*COLUMNS)
        .where(
            OAuthState.browser_hash == digest(browser),
            OAuthState.purpose == purpose,
            OAuthState.created_at > clock.now() - timedelta(hours=1),
        )
        .order_by(OAuthState.id.desc())
        .limit(1)
    ).first()
    return None if row is None else RoundTrip(*row[:5])


def note_subject(session: Session, round_trip_id: int, subject: str) -> None:
    """Keep who the single sign-on said it is, until the person confirms."""
    session.execute(update(OAuthState).where(OAuthState.id == round_trip_id).values(subject=subject))


def confirmed(session: Session, *, purpose: str, session_id: int | None) -> RoundTrip | None:
    """The round trip that told who is behind this session, if it ended within the last ten minutes."""
    row = session.execute(
        select(*COLUMNS)
        .where(
            OAuthState.session_id == session_id,
            OAuthState.purpose == purpose,
            OAuthState.subject.is_not(None),
            OAuthState.consumed_at > clock.now() - LIFETIME,
        )
        .order_by(OAuthState.id.desc())
        .limit(1)
    ).first()
    return None if row is None else RoundTrip(*row[:5])


def _use_up(session: Session, round_trip_id: int, code: str) -> None:
    moment = clock.now()
    stmt = (
        update(OAuthState)
        .where(
            OAuthState.id == round_trip_id,
            OAuthState.consumed_at.is_(None),
            OAuthState.expires_at > moment,
        )
        .values(consumed_at=moment, code_hash=digest(code) if code else None)
    )
    try:
        with session.begin_nested():
            used = db.rows_changed(session, stmt)
    except IntegrityError:  # the same code came with another state
        used = 0
    if used != 1:
        raise RoundTripLost()
