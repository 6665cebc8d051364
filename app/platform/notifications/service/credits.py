"""Subscription messages that people have agreed to: one consent, one message."""

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import rows_changed
from app.platform.notifications.models import SubscriptionCredit


def add(session: Session, *, openid: str, template_id: str) -> None:
    """One more, after the person's consent (or because a call did not happen)."""
    moment = clock.now()
    session.execute(
        insert(SubscriptionCredit)
        .values(openid=openid, template_id=template_id, credits=1, changed_at=moment)
        .on_conflict_do_update(
            index_elements=["openid", "template_id"],
            set_={"credits": SubscriptionCredit.credits + 1, "changed_at": moment},
        )
    )


def use(session: Session, *, openid: str, template_id: str) -> bool:
    """One less. False when there is none."""
    taken = rows_changed(
        session,
        update(SubscriptionCredit)
        .where(
            SubscriptionCredit.openid == openid,
            SubscriptionCredit.template_id == template_id,
            SubscriptionCredit.credits > 0,
        )
        .values(credits=SubscriptionCredit.credits - 1, changed_at=clock.now()),
    )
    return taken == 1


def clear(session: Session, *, openid: str, template_id: str) -> None:
    """None left: the person took the consent back, or WeChat says so."""
    session.execute(
        update(SubscriptionCredit)
        .where(SubscriptionCredit.openid == openid, SubscriptionCredit.template_id == template_id)
        .values(credits=0, changed_at=clock.now())
    )
