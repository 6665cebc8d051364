"""Messages over JSON: mine, and that I have read them."""

from typing import Any

from flask_smorest import Blueprint

from app.kit.db import unit_of_work
from app.kit.http import SIGNED_IN, caller, permit
from app.platform.notifications import queries, service
from app.platform.notifications.schemas import MessagesIn, MessagesOut, ReadOut

api = Blueprint(
    "messages_api", __name__, url_prefix="/api/v1/messages", description="消息 the message centre"
)


@api.get("")
@permit(SIGNED_IN)
@api.arguments(MessagesIn, location="query")
@api.response(200, MessagesOut)
def messages(given: dict[str, Any]) -> dict[str, Any]:
    """My messages, newest first."""
    person_id = caller().person_id
    with unit_of_work() as session:
        page = queries.messages_of(session, person_id, cursor=given["cursor"])
        unread = queries.unread_count(session, person_id)
    return {"items": page.items, "next_cursor": page.next_cursor, "unread": unread}


@api.post("/<message_id>/read")
@permit(SIGNED_IN)
@api.response(200, ReadOut)
def read(message_id: str) -> dict[str, int]:
    """I have read this one."""
    with unit_of_work() as session:
        service.mark_read(session, by=caller(), public_id=message_id)
    return {"read": 1}


@api.post("/read")
@permit(SIGNED_IN)
@api.response(200, ReadOut)
def read_all() -> dict[str, int]:
    """I have read them all."""
    with unit_of_work() as session:
        return {"read": service.mark_all_read(session, by=caller())}
