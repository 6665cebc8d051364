"""What identity forgets, what it hands out, and what it erases."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.identity import queries
from app.platform.identity.models import (
    Invitation,
    LoginAttempt,
    OAuthState,
    Password,
    RoleGrant,
    SignIn,
    SsoLink,
    WeChatLink,
)

KEEP_STATES = timedelta(days=1)
KEEP_ATTEMPTS = timedelta(days=30)
KEEP_SESSIONS = timedelta(days=30)


def forget_old(session: Session) -> int:
    """Delete round trips, attempts, invitations and sessions that are long over; returns how many."""
    moment = clock.now()
    ended = moment - KEEP_SESSIONS
    return sum(
        db.rows_changed(session, stmt)
        for stmt in (
            delete(OAuthState).where(OAuthState.expires_at < moment - KEEP_STATES),
            delete(LoginAttempt).where(LoginAttempt.tried_at < moment - KEEP_ATTEMPTS),
            delete(Invitation).where(Invitation.expires_at < ended),
            delete(SignIn).where(or_(SignIn.expires_at < ended, SignIn.revoked_at < ended)),
        )
    )


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """A person's accounts and sessions, in words of theirs."""
    link = queries.link_of_person(session, person_id)
    return {
        "wechat": {"openid": link.openid, "is_following": link.is_following} if link else None,
        "roles": [
            {"role": one.title, "place": one.place, "ends_at": one.ends_at and one.ends_at.isoformat()}
            for one in queries.described_roles(session, person_id=person_id)
        ],
        "sessions": [
            {"device": one.device, "created_at": one.created_at.isoformat()}
            for one in queries.open_sessions(session, person_id)
        ],
    }


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Every way in is gone at once; a WeChat account that comes back is a stranger."""
    links = select(WeChatLink.id).where(WeChatLink.person_id == person_id)
    session.execute(update(SignIn).where(SignIn.wechat_link_id.in_(links)).values(wechat_link_id=None))
    for table in (SignIn, SsoLink, Password, WeChatLink):
        session.execute(delete(table).where(table.person_id == person_id))
    moment = clock.now()
    session.execute(
        update(RoleGrant)
        .where(RoleGrant.person_id == person_id, or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > moment))
        .values(ends_at=moment)
    )
    session.execute(
        update(Invitation)
        .where(Invitation.person_id == person_id, Invitation.used_at.is_(None))
        .values(revoked_at=moment)
    )
    audit.record(session, by=by, action="erase_identity", object_type="person", object_id=person_id)
