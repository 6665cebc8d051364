"""As what a caller acts on a ticket."""

from typing import Protocol

from app.kit.caller import Caller
from app.repairs.service.actions import Role

SYSTEM = Caller(person_id=0, surface="job")


class HasParties(Protocol):
    """A ticket or a row of one."""

    reporter_id: int
    worker_id: int | None
    unit_id: int | None
    team_id: int | None
    building_id: int
    campus_id: int


def roles_on(by: Caller, ticket: HasParties) -> frozenset[Role]:
    """Every role the caller has here; empty means the ticket does not exist for them."""
    if by is SYSTEM:
        return frozenset({Role.SYSTEM})
    checks = {
        Role.REPORTER: by.person_id == ticket.reporter_id,
        Role.WORKER: by.person_id == ticket.worker_id,
        Role.DISPATCHER: by.may(
            "repairs.dispatch",
            unit_id=ticket.unit_id,
            building_id=ticket.building_id,
            campus_id=ticket.campus_id,
        ),
        Role.HEAD: ticket.team_id is not None and by.may("repairs.lead", team_id=ticket.team_id),
        Role.ADMINISTRATOR: by.may("repairs.administer", unit_id=ticket.unit_id or -1),
    }
    return frozenset(role for role, holds in checks.items() if holds)


def is_staff(roles: frozenset[Role]) -> bool:
    """Whether full names, notes and clocks may be shown."""
    return bool(roles - {Role.REPORTER})
