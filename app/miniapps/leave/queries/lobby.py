"""The lobby screen of a dorm: who may enter which room today, who is out tonight, who is late. No reasons."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.miniapps.leave.errors import ScreenMissing
from app.miniapps.leave.models import (
    Answer,
    Campaign,
    CampaignKind,
    LeaveRequest,
    LeaveStatus,
    Screen,
    ScreenKey,
    StayState,
    Whereto,
)
from app.miniapps.leave.queries.campaigns import roster
from app.miniapps.leave.service.screens import DORM, hash_of
from app.platform.directory import queries as directory
from app.platform.directory.queries import BuildingBrief

CURFEW = clock.timedelta(hours=23)  # of the day


@dataclass(frozen=True)
class Resident:
    """`name` is masked; the bed tells two of one surname apart. `due_at`: he is out, or will be tonight, until then.

    `may_enter`: False over a vacation for who has not been confirmed to stay.
    """

    room: str
    bed: str
    name: str
    may_enter: bool
    due_at: datetime | None
    is_out: bool
    is_late: bool


@dataclass(frozen=True)
class Lobby:
    """Residents by room and bed."""

    building: BuildingBrief
    residents: list[Resident]
    vacation: str  # the title of the vacation's registration, or ""

    @property
    def rooms(self) -> dict[str, list[Resident]]:
        found: dict[str, list[Resident]] = {}
        for one in self.residents:
            found.setdefault(one.room, []).append(one)
        return found

    @property
    def away(self) -> list[Resident]:
        """Late first, then by the time they are due."""
        out = [one for one in self.residents if one.due_at is not None]
        return sorted(out, key=lambda one: (not one.is_late, one.due_at))


def screens_for(session: Session, caller: Caller) -> list[tuple[BuildingBrief, Screen | None]]:
    """The dorms in the caller's care, each with its screen."""
    scope = caller.scope(DORM)
    known = {one.building_id: one for one in session.scalars(select(Screen))}
    return [
        (one, known.get(one.id))
        for one in directory.buildings(session)
        if one.is_dorm and (scope.everything or one.id in scope.building_ids)
    ]


def screen_for(session: Session, public_id: str) -> Screen:
    """Raises ScreenMissing."""
    stmt = select(Screen).where(Screen.public_id == public_id, Screen.is_open)
    found = session.scalars(stmt).one_or_none()
    if found is None:
        raise ScreenMissing()
    return found


def is_opened(session: Session, screen: Screen, key: str) -> bool:
    """Whether this browser has given the PIN of late."""
    stmt = select(ScreenKey.id).where(
        ScreenKey.screen_id == screen.id,
        ScreenKey.key_hash == hash_of(key),
        ScreenKey.ends_at > clock.now(),
    )
    return bool(key) and session.scalar(stmt) is not None


def lobby(session: Session, building_id: int) -> Lobby:
    people = directory.residents_of_building(session, building_id)
    ids = [one.id for one in people]
    homes = directory.homes_of(session, ids)
    out = _out_tonight(session, ids)
    title, outside = _on_vacation(session, ids)
    building = next(one for one in directory.buildings(session) if one.id == building_id)
    found = []
    for one in people:
        due_at, status = out.get(one.id, (None, ""))
        found.append(
            Resident(
                homes[one.id].room,
                homes[one.id].bed,
                directory.mask_name(one.name),
                one.id not in outside,
                due_at,
                status in (LeaveStatus.OUT, LeaveStatus.OVERDUE),
                status == LeaveStatus.OVERDUE,
            )
        )
    return Lobby(building, found, title)


def _out_tonight(session: Session, ids: Collection[int]) -> dict[int, tuple[datetime, str]]:
    """Who does not sleep here tonight, or is still to come: until when, and how it stands."""
    night = clock.start_of_day(clock.today()) + CURFEW
    rows = session.execute(
        select(LeaveRequest.person_id, LeaveRequest.due_at, LeaveRequest.status)
        .where(
            LeaveRequest.person_id.in_(ids),
            LeaveRequest.leaves_dorm,
            or_(
                LeaveRequest.status.in_((LeaveStatus.OUT, LeaveStatus.OVERDUE)),
                and_(LeaveRequest.status == LeaveStatus.APPROVED, LeaveRequest.starts_at <= night),
            ),
        )
        .order_by(LeaveRequest.status == LeaveStatus.OVERDUE, LeaveRequest.id)
    )
    return {row.person_id: (row.due_at, row.status) for row in rows}  # the last one counts: who is late


def _on_vacation(session: Session, ids: Collection[int]) -> tuple[str, set[int]]:
    """The vacation of today, and who may not enter: asked, neither granted to stay today nor here by his own times."""
    today, now = clock.today(), clock.now()
    running = session.scalars(
        select(Campaign)
        .where(Campaign.kind == CampaignKind.STAY, Campaign.starts_on <= today, Campaign.ends_on >= today)
        .order_by(Campaign.id)
    ).all()
    title, outside = "", set()
    for campaign in running:
        asked = roster(session, campaign, None).subquery()
        here = or_(
            and_(
                Answer.state == StayState.CONFIRMED,
                func.coalesce(Answer.stay_from, today) <= today,
                func.coalesce(Answer.stay_until, today) >= today,
            ),
            and_(Answer.whereto != Whereto.STAY, or_(Answer.leaves_at > now, Answer.returns_at <= now)),
        )
        stmt = select(asked.c.person_id, here.label("is_here")).outerjoin(
            Answer, and_(Answer.campaign_id == campaign.id, Answer.person_id == asked.c.person_id)
        )
        rows = session.execute(stmt.where(asked.c.person_id.in_(ids))).all()
        title = campaign.title if rows else title
        outside |= {row.person_id for row in rows if not row.is_here}
    return title, outside
