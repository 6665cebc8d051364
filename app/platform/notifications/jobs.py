"""What notifications does when WeChat tells how a push went, for those below it, and when the time has come."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.platform.identity.events import PersonUnlinked
from app.platform.notifications import service
from app.platform.official_account.events import SubscriptionChanged, TemplateSendFinished
from app.platform.privacy.events import ExportReady


def on_template_send_finished(session: Session, event: TemplateSendFinished) -> None:
    at = datetime.fromisoformat(event.at)
    service.note_template_outcome(session, msgid=event.msgid, status=event.status, at=at)


def on_subscription_changed(session: Session, event: SubscriptionChanged) -> None:
    service.note_subscription_change(
        session,
        openid=event.openid,
        template_id=event.template_id,
        change=event.change,
        answer=event.answer,
        msgid=event.msgid,
    )


def on_person_unlinked(session: Session, event: PersonUnlinked) -> None:
    """The WeChat account that was replaced is told, for somebody else may have done it."""
    if event.reason == "replaced":
        service.tell(
            session,
            kind="identity.replaced",
            person_id=event.visitor_id,
            params={"time": f"{clock.local(clock.now()):%Y年%-m月%-d日 %H:%M}"},
            key=f"identity:replaced:{event.link_id}:{event.visitor_id}",
        )


def on_export_ready(session: Session, event: ExportReady) -> None:
    """The copy of their data that they asked for can be fetched."""
    until = clock.local(datetime.fromisoformat(event.until))
    service.tell(
        session,
        kind="privacy.export_ready",
        person_id=event.person_id,
        params={
            "time": f"{clock.local(clock.now()):%Y年%-m月%-d日 %H:%M}",
            "until": f"{until:%-m月%-d日 %H:%M}",
        },
        key=f"privacy:export:{event.export_id}",
    )


def forget_old(*, clients: Any) -> None:
    """Messages are kept for a year."""
    with unit_of_work() as session:
        service.forget_old(session)
