"""What repairs does when something happened or the time has come."""

from typing import Any

from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.platform.files.events import PhotoRefused
from app.platform.notifications import service as notifications
from app.platform.official_account.events import SceneScanned
from app.repairs import service
from app.repairs.events import TicketMoved
from app.repairs.messages import LAST_LINE, LINE, audiences, params_of, photo_params


def on_ticket_moved(session: Session, event: TicketMoved) -> None:
    """Tell the right people. Once per person and line, however often this runs."""
    line = LINE.first(session, ticket_id=event.ticket_id, seq=event.seq)
    params = params_of(session, line)
    for kind, person_ids in audiences(session, line):
        for person_id in person_ids:
            if person_id == line.actor_id and event.action != "submit":
                continue
            notifications.tell(
                session,
                kind=kind,
                person_id=person_id,
                params=params,
                key=f"repairs:{line.id}:{event.seq}:{kind}",
                matter=f"repairs:{line.id}",
            )


def on_scene_scanned(session: Session, event: SceneScanned) -> None:
    """The reporter followed the account from the ticket's QR code: say how it stands."""
    if event.kind != "rep":
        return
    line = LAST_LINE.first(session, public_id=event.reference)
    if line is None or line.reporter_id != event.person_id:
        return
    notifications.tell(
        session,
        kind="repairs.followed",
        person_id=line.reporter_id,
        params=params_of(session, line),
        key=f"repairs:{line.id}:followed",
        matter=f"repairs:{line.id}",
    )


def on_photo_refused(session: Session, event: PhotoRefused) -> None:
    """A photo that came with a ticket turned out to be none: whoever sent it is told."""
    if event.object_type != "repairs.ticket":
        return
    line = LAST_LINE.first(session, public_id=event.object_id)
    if line is None:
        return
    notifications.tell(
        session,
        kind="repairs.photo_refused",
        person_id=event.owner_person_id,
        params=photo_params(session, line),
        key=f"repairs:{line.id}:photo:{event.photo_id}",
        matter=f"repairs:{line.id}",
    )


def sweep_tickets(*, clients: Any) -> None:
    """Return what nobody took, resume what waited long enough, close what nobody answered."""
    for step in (service.return_unanswered, service.resume_expired, service.close_unanswered):
        with unit_of_work() as session:
            step(session)
