"""The application with doors and workers beside its own that are wrong on purpose.

A harness that does not cry when it meets these proves nothing. `tests.chaos.planted:application` is the whole
product plus `/api/v1/planted/*`; `python -m tests.chaos.planted no_key|no_intent` is a sweeper whose handlers
lack one protection each.
"""

import dataclasses
import secrets
import sys
import time
from typing import Any

from flask import Blueprint, json, request
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.factory import create_app
from app.kit import clock, db, outbox
from app.kit.http import SIGNED_IN, caller, permit
from app.kit.idempotency import IdempotencyKey
from app.kit.module import AsFlow, Module, Registry, Subscription
from app.kit.outbox import OutboxDelivery
from app.platform.identity.models import WeChatLink
from app.platform.notifications import service as notifications
from app.platform.notifications.events import MessageQueued
from app.platform.notifications.models import Message
from app.repairs import service
from app.repairs.events import TicketMoved
from app.repairs.models import Status, Ticket
from app.repairs.service import Report

planted = Blueprint("planted", __name__, url_prefix="/api/v1/planted")


@planted.post("/tickets")
@permit(SIGNED_IN)
def submit() -> Any:
    """Looks whether the key was used, then works: two at once both find it unused."""
    key = f"planted-{request.headers['Idempotency-Key']}"
    with db.unit_of_work() as session:
        seen = session.execute(select(IdempotencyKey.body).where(IdempotencyKey.key == key)).scalar()
        if seen is not None:
            return json.loads(seen), 201
        return _submit(session), 201


@planted.post("/late/tickets")
@permit(SIGNED_IN)
def submit_and_emit_later() -> Any:
    """Under no key at all, and the event comes in a transaction after the one that made the ticket."""
    with db.unit_of_work() as session:
        body = _submit(session)
        ticket_id = session.scalars(select(Ticket.id).where(Ticket.public_id == body["id"])).one()
        session.execute(
            delete(OutboxDelivery).where(OutboxDelivery.payload["ticket_id"].as_integer() == ticket_id)
        )
    time.sleep(0.2)
    with db.unit_of_work() as session:
        outbox.emit(session, TicketMoved(ticket_id, 1, "submit"))
    return body, 201


def _submit(session: Session) -> dict[str, Any]:
    given = request.get_json()
    report = Report(category=given["category"], detail=given["detail"], room_id=given["room_id"])
    ticket = service.submit_ticket(session, by=caller(), report=report)
    return {"id": ticket.public_id, "number": ticket.number}


@planted.post("/tickets/<ticket_id>/dispatch")
@permit("repairs.dispatch")
def dispatch(ticket_id: str) -> Any:
    """Believes what it read: no version, no state in the WHERE."""
    with db.unit_of_work() as session:
        status = session.scalar(select(Ticket.status).where(Ticket.public_id == ticket_id))
        if status != Status.SUBMITTED:
            return {"error": {"code": "planted", "message": "?"}}, 409
        session.execute(
            update(Ticket)
            .where(Ticket.public_id == ticket_id)
            .values(status=Status.DISPATCHED, worker_id=request.get_json()["worker_id"])
        )
    return {}


def tell_without_key(event: TicketMoved, *, clients: Any) -> None:
    """A message under a key of chance, in a transaction apart from the one that marks it done."""
    with db.unit_of_work() as session:
        ticket = session.get_one(Ticket, event.ticket_id)
        notifications.tell(
            session,
            kind="repairs.submitted",
            person_id=ticket.reporter_id,
            params={
                name: "1" for name in ("ticket_id", "number", "category", "status", "time", "hint", "due")
            },
            key=f"planted:{secrets.token_hex(4)}:{ticket.id}",
        )


def push_without_intent(event: MessageQueued, *, clients: Any) -> None:
    """Calls WeChat under an id of chance and writes nothing down."""
    with db.unit_of_work() as session:
        row = session.execute(
            select(WeChatLink.openid, Message.params)
            .join(Message, Message.person_id == WeChatLink.person_id)
            .where(Message.id == event.message_id)
        ).one_or_none()
    if row:
        data = {
            "character_string1": "1",
            "thing2": "1",
            "thing3": "1",
            "time4": f"{clock.now():%Y年%m月%d日 %H:%M}",
            "thing5": row.params.get("detail", "1"),
        }
        clients.wechat.send_template(
            row.openid, "TPL_repair_task", url="", data=data, client_msg_id=secrets.token_hex(8)
        )


PLANTS = {
    "no_key": ("repairs", AsFlow(TicketMoved, tell_without_key)),
    "no_intent": ("notifications", AsFlow(MessageQueued, push_without_intent)),
}

application = create_app()
application.register_blueprint(planted)


def sweep(plant: str) -> None:
    """A sweeper whose registry has the planted handler in the place of the right one, under its name."""
    where, wrong = PLANTS[plant]
    right: Registry = application.extensions["registry"]
    subscription = next(
        sub for module in right.modules for sub in module.subscriptions if sub.event is wrong.event
    )
    wrong.handler.__name__ = subscription.handler.__name__
    modules = [
        _with(module, wrong, subscription) if module.key == where else module for module in right.modules
    ]
    outbox.load_registry(Registry(tuple(modules)))
    while True:
        with application.app_context():
            outbox.drain(clients=application.extensions["clients"], seconds=5)
        time.sleep(0.2)


def _with(module: Module, wrong: AsFlow, instead_of: Subscription) -> Module:
    kept = tuple(sub for sub in module.subscriptions if sub is not instead_of)
    return dataclasses.replace(module, subscriptions=(wrong, *kept))


if __name__ == "__main__":
    sweep(sys.argv[1])
