"""What WeChat tells us: stored once with its answer, sorted out later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import external_events, outbox
from app.kit.external_events import ExternalEvent
from app.platform.identity import queries as identity_queries
from app.platform.identity import service as identity
from app.platform.official_account.events import (
    AuthorizationRevoked,
    Followed,
    SubscriptionChanged,
    TemplateSendFinished,
    Unfollowed,
    WeChatEventStored,
)
from app.platform.official_account.service.scenes import note_scan

SOURCE = "wechat"
SORTED_OUT = frozenset(
    f"event:{name}"
    for name in (
        "subscribe",
        "unsubscribe",
        "scan",
        "subscribe_popup",
        "subscribe_change",
        "subscribe_sent",
        "user_authorization_revoke",
        "user_authorization_cancellation",
    )
)
STORED = SORTED_OUT | {"event:click", "event:template_sent"}
"""Events worth a row; of the others nothing follows."""


@dataclass(frozen=True)
class Receipt:
    """What the first request of this message was answered with, or is now."""

    answer: str
    reply: str
    nonce: str
    timestamp: str
    is_repeat: bool = False


def receive(
    session: Session, *, external_id: str, payload: Mapping[str, Any], answer: str, first: Receipt
) -> Receipt:
    """Store a message with its answer and let its consequences follow later.

    A repetition gets what was stored first, and has no consequence. Of what people write nothing is kept.
    """
    stored = {"reply": first.reply, "nonce": first.nonce, "timestamp": first.timestamp}
    event_id = external_events.store(
        session, source=SOURCE, external_id=external_id, payload={**payload, **stored}, answer=answer
    )
    if event_id is None:
        return _earlier(session, external_id)
    kind = str(payload["kind"])
    if kind == "event:template_sent":
        finished = TemplateSendFinished(payload["msg_id"] or "", payload["status"], payload["at"])
        outbox.emit(session, finished)
    elif kind in SORTED_OUT:
        outbox.emit(session, WeChatEventStored(event_id))
    return first


def _earlier(session: Session, external_id: str) -> Receipt:
    row = session.execute(
        select(ExternalEvent.payload, ExternalEvent.answer).where(
            ExternalEvent.source == SOURCE, ExternalEvent.external_id == external_id
        )
    ).one()
    kept = row.payload
    return Receipt(row.answer or "", kept["reply"], kept["nonce"], kept["timestamp"], is_repeat=True)


def sort_out(session: Session, external_event_id: int, *, appid: str) -> None:
    """Draw the consequences of one stored event, as events of ours about people."""
    payload = session.scalar(select(ExternalEvent.payload).where(ExternalEvent.id == external_event_id))
    if payload is None:
        return
    kind, openid = payload["kind"].removeprefix("event:"), payload["openid"]
    if kind in ("subscribe", "unsubscribe", "scan"):
        _follow(session, payload, appid, kind)
    elif kind.startswith("subscribe_"):
        for item in payload["subscriptions"]:
            outbox.emit(session, _subscription(item, payload, kind.removeprefix("subscribe_")))
    else:
        person_id = identity_queries.person_of_openid(session, appid, openid)
        if person_id is not None:
            closed = kind == "user_authorization_cancellation"
            outbox.emit(session, AuthorizationRevoked(person_id, payload["status"], closed))


def _follow(session: Session, payload: Mapping[str, Any], appid: str, kind: str) -> None:
    """Who scans follows already; WeChat sends it to followers only."""
    follows = kind != "unsubscribe"
    at = datetime.fromisoformat(payload["at"])
    person_id = identity.note_follow(session, appid, payload["openid"], is_following=follows, at=at)
    if kind == "subscribe":
        outbox.emit(session, Followed(person_id))
    elif kind == "unsubscribe":
        outbox.emit(session, Unfollowed(person_id))
    if payload["scene"]:
        note_scan(session, payload["scene"], person_id)


def _subscription(item: Mapping[str, str], payload: Mapping[str, Any], change: str) -> SubscriptionChanged:
    return SubscriptionChanged(
        payload["openid"],
        item["template_id"],
        change,
        item["error_code"] if change == "sent" else item["choice"],
        item["msg_id"],
        payload["at"],
    )
