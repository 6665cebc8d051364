"""The shelf: which micro-apps a person sees, in what order, in what state; and what waits for that person."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.module import Card, Module, Registry, Thing
from app.platform.portal.models import ModuleState, PortalModule, PortalVisit

AUDIENCES = ("visitor", "freshman", "student", "staff", "contractor")
DAYS = 30


@dataclass(frozen=True)
class Placed:
    """A micro-app as it stands on the shelf."""

    key: str
    title: str
    owner: str
    card: Card
    state: ModuleState
    audiences: tuple[str, ...]
    note: str
    position: int
    version: int
    changed_at: object = None

    @property
    def is_suspended(self) -> bool:
        return self.state == ModuleState.SUSPENDED

    def is_for(self, caller: Caller) -> bool:
        if self.state == ModuleState.DRAFT:
            return caller.may("portal.manage")
        kinds = caller.affiliation_kinds or {"visitor"}
        return not self.audiences or bool(kinds & set(self.audiences))


def placed_modules(session: Session, registry: Registry) -> list[Placed]:
    """Every micro-app with a card, as decided, in the shelf's order."""
    decided = {row.key: row for row in session.execute(select(*PortalModule.__table__.columns))}
    placed = [
        _placed(module, module.card, decided.get(module.key))
        for module in registry.modules
        if module.card is not None
    ]
    return sorted(placed, key=lambda one: (one.position, one.key))


def shelf(session: Session, registry: Registry, caller: Caller) -> list[Placed]:
    """The cards this person sees; suspended ones stay, so that people know."""
    return [one for one in placed_modules(session, registry) if one.is_for(caller)]


def things_of(session: Session, registry: Registry, caller: Caller) -> list[Thing]:
    """What waits for this person in all micro-apps that offer `open_things`."""
    found: list[Thing] = []
    for module in registry.modules:
        look = module.open_things
        if look is not None:
            found.extend(look(session, caller))
    return found


def visits_by_module(session: Session, since: date | None = None) -> dict[str, int]:
    """How often each micro-app was opened from the shelf in the last 30 days."""
    since = since or clock.today() - timedelta(days=DAYS)
    rows = session.execute(
        select(PortalVisit.module_key, func.sum(PortalVisit.visits))
        .where(PortalVisit.visited_on >= since)
        .group_by(PortalVisit.module_key)
    )
    return {key: int(visits) for key, visits in rows}


def _placed(module: Module, card: Card, row: Row | None) -> Placed:
    return Placed(
        key=module.key,
        title=card.title,
        owner=module.owner,
        card=card,
        state=ModuleState(row.state) if row else ModuleState.OPEN,
        audiences=tuple(row.audiences) if row and row.audiences is not None else module.audiences,
        note=row.note if row else "",
        position=row.position if row and row.position is not None else card.order,
        version=row.version if row else 0,
        changed_at=row.changed_at if row else None,
    )
