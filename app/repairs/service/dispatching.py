"""The dispatcher's side: accept, reject, dispatch, reassign."""

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.repairs.errors import HazardNeedsCare, PhoneUnknown, WorkerNotSuitable
from app.repairs.service import moves


def accept_ticket(session: Session, *, by: Caller, ticket_id: str, version: int, note: str = "") -> None:
    """受理: the response clock stops."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "accept", version=version, session=session)
    values = _responded(ticket) | {"next_due_at": ticket.resolve_due_at}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values, note=note)


def reject_ticket(
    session: Session, *, by: Caller, ticket_id: str, version: int, reason: str, note: str
) -> None:
    """驳回 with a reason and guidance. A hazard can't be rejected."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "reject", version=version, session=session)
    if ticket.is_hazard:
        raise HazardNeedsCare()
    why = moves.reason_of(session, "reject", reason, note)
    values = _responded(ticket) | {"closed_at": clock.now()}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values, reason=why.code, note=note)


def dispatch_ticket(
    session: Session, *, by: Caller, ticket_id: str, version: int | None, worker_id: int, note: str = ""
) -> None:
    """派单 to a worker of one of the unit's teams; accepts on the way when nobody has."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "dispatch", version=version, session=session)
    values = _responded(ticket) | _assigned(session, by, ticket, worker_id)
    payload = {"worker_id": worker_id}
    moves.apply(session, by=by, ticket=ticket, action=action, values=values, note=note, payload=payload)


def reassign_ticket(
    session: Session,
    *,
    by: Caller,
    ticket_id: str,
    version: int,
    worker_id: int,
    reason: str,
    note: str = "",
) -> None:
    """改派: another worker; the resolve clock goes on."""
    ticket = moves.load(session, by, ticket_id)
    action = moves.check(by, ticket, "reassign", version=version, session=session)
    why = moves.reason_of(session, "reassign", reason, note)
    resumed = moves.unpause(moves.clock_of(session, ticket), ticket, clock.now())
    values = resumed | _assigned(session, by, ticket, worker_id)
    payload = {"worker_id": worker_id, "from_worker_id": ticket.worker_id}
    moves.apply(
        session,
        by=by,
        ticket=ticket,
        action=action,
        values=values,
        reason=why.code,
        note=note,
        payload=payload,
    )


def reveal_phone(session: Session, *, by: Caller, ticket_id: str) -> str:
    """The number to call for a ticket: the one given with it, else the person's. Audited."""
    ticket = moves.load(session, by, ticket_id)
    phone = ticket.contact_phone or directory.phone_of(session, ticket.reporter_id)
    if not phone:
        raise PhoneUnknown()
    audit.record(
        session,
        by=by,
        action="repairs.reveal_phone",
        object_type="repairs.ticket",
        object_id=ticket.public_id,
        fields=("contact_phone",),
    )
    return phone


def _responded(ticket: AnyRow) -> dict[str, object]:
    if ticket.responded_at is not None:
        return {}
    now = clock.now()
    return {"responded_at": now, "is_response_late": now > ticket.response_due_at}


def _assigned(session: Session, by: Caller, ticket: AnyRow, worker_id: int) -> dict[str, object]:
    """The worker and their team; the accept clock starts."""
    teams = {team.id: team for team in directory.teams_of(session, worker_id)}
    suitable = [
        team
        for team in teams.values()
        if ticket.unit_id is None or team.unit_id == ticket.unit_id or team.id == ticket.team_id
    ]
    if not by.may("repairs.dispatch"):
        suitable = [team for team in suitable if by.may("repairs.lead", team_id=team.id)]
    if not suitable:
        raise WorkerNotSuitable(details={"worker_id": [WorkerNotSuitable.msgid]})
    team = next((team for team in suitable if team.id == ticket.team_id), suitable[0])
    now = clock.now()
    accept_due = moves.clock_of(session, ticket).accept_due(now)
    return {
        "worker_id": worker_id,
        "team_id": team.id,
        "unit_id": ticket.unit_id or team.unit_id,
        "dispatched_at": now,
        "accept_due_at": accept_due,
        "taken_at": None,
        "arrived_at": None,
        "next_due_at": min(accept_due, ticket.resolve_due_at),
    }
