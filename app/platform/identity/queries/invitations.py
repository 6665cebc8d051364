"""Teams whose head may invite, and who of them is in already."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.platform.directory import queries as directory
from app.platform.identity.models import Invitation
from app.platform.identity.queries.links import links_of_people

INVITE = "identity.invite"


@dataclass(frozen=True)
class Worker:
    """A contractor of a team. `invited_until`: an invitation of theirs is open."""

    id: int
    name: str
    number: str | None
    is_linked: bool
    invited_until: datetime | None


@dataclass(frozen=True)
class TeamInCare:
    name: str
    workers: list[Worker]


def teams_in_care(session: Session, by: Caller) -> list[TeamInCare]:
    """The contractors of each team for which the caller may invite."""
    teams = [
        team for team in directory.teams(session) if by.may(INVITE, team_id=team.id, unit_id=team.unit_id)
    ]
    return [TeamInCare(team.name, _workers(session, team.id)) for team in teams]


def _workers(session: Session, team_id: int) -> list[Worker]:
    people = [one for one in directory.team_members(session, team_id) if "contractor" in one.kinds]
    ids = [person.id for person in people]
    linked = links_of_people(session, ids)
    rows = session.execute(
        select(Invitation.person_id, Invitation.expires_at).where(
            Invitation.person_id.in_(ids),
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
    )
    invited = {person_id: expires_at for person_id, expires_at in rows}
    return [
        Worker(person.id, person.name, person.number, person.id in linked, invited.get(person.id))
        for person in people
    ]
