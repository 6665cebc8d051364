"""How workers of outside firms, who have no campus account, get in: their team's head vouches for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.identity.errors import CannotInvite, InvitationGone
from app.platform.identity.models import Invitation
from app.platform.identity.queries.invitations import INVITE
from app.platform.identity.service.binding import bind
from app.platform.identity.service.tokens import digest, new_token

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class NewInvitation:
    """`token` is part of the link in the QR code and is kept nowhere else."""

    id: int
    token: str
    expires_at: datetime


def invite(session: Session, *, by: Caller, person_id: int) -> NewInvitation:
    """A one-time link for a contractor of a team in the caller's care; earlier links of theirs end.

    Raises CannotInvite.
    """
    person = directory.person(session, person_id)
    teams = directory.teams_of(session, person.id)
    in_care = any(by.may(INVITE, team_id=team.id, unit_id=team.unit_id) for team in teams)
    if "contractor" not in person.kinds or not in_care:
        raise CannotInvite()
    moment, token = clock.now(), new_token()
    session.execute(
        update(Invitation)
        .where(
            Invitation.person_id == person.id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
        )
        .values(revoked_at=moment)
    )
    invitation_id = session.scalars(
        insert(Invitation)
        .values(
            token_hash=digest(token),
            person_id=person.id,
            invited_by=by.person_id,
            created_at=moment,
            expires_at=moment + LIFETIME,
        )
        .returning(Invitation.id)
    ).one()
    audit.record(session, by=by, action="invite", object_type="person", object_id=person.id)
    return NewInvitation(invitation_id, token, moment + LIFETIME)


def invitation_for(session: Session, token: str) -> int:
    """The person an invitation is for. Raises InvitationGone when it is used, ended, old or made up."""
    person_id = session.scalar(select(Invitation.person_id).where(_is_open(token)))
    if person_id is None:
        raise InvitationGone()
    return directory.person(session, person_id).id


def accept_invitation(session: Session, *, by: Caller, token: str) -> int:
    """Bind the caller's WeChat account to the invited person; a former account of theirs is replaced.

    Works once. Returns the person.
    """
    person_id = invitation_for(session, token)
    used = db.rows_changed(session, update(Invitation).where(_is_open(token)).values(used_at=clock.now()))
    if used != 1:
        raise InvitationGone()
    bind(session, by=by, person_id=person_id, may_replace=True)
    return person_id


def revoke_invitation(session: Session, *, by: Caller, person_id: int) -> None:
    """End the open invitation of a person in the caller's care."""
    teams = directory.teams_of(session, person_id)
    if not any(by.may(INVITE, team_id=team.id, unit_id=team.unit_id) for team in teams):
        raise CannotInvite()
    session.execute(
        update(Invitation)
        .where(
            Invitation.person_id == person_id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
        )
        .values(revoked_at=clock.now())
    )


def _is_open(token: str) -> ColumnElement[bool]:
    return and_(
        Invitation.token_hash == digest(token),
        Invitation.used_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
    )
