"""Every openid has a person."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.directory import service as directory
from app.platform.identity.models import WeChatLink
from app.platform.identity.queries import person_of_openid


def person_for_openid(session: Session, appid: str, openid: str, *, unionid: str | None = None) -> int:
    """The person behind an openid; a new visitor when it was never seen. Two at once make one visitor."""
    found = person_of_openid(session, appid, openid)
    if found is not None:
        return found
    savepoint = session.begin_nested()
    visitor_id = directory.create_visitor(session)
    made = session.scalar(
        insert(WeChatLink)
        .values(
            appid=appid,
            openid=openid,
            unionid=unionid,
            person_id=visitor_id,
            is_following=False,
            linked_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["appid", "openid"])
        .returning(WeChatLink.id)
    )
    if made is not None:
        savepoint.commit()
        return visitor_id
    savepoint.rollback()  # somebody was first, and has committed: our visitor never was
    return session.scalars(
        select(WeChatLink.person_id).where(WeChatLink.appid == appid, WeChatLink.openid == openid)
    ).one()


def note_follow(session: Session, appid: str, openid: str, *, is_following: bool, at: datetime) -> int:
    """Note a follow or unfollow that WeChat dates `at`; returns the person. Late news changes nothing."""
    person_id = person_for_openid(session, appid, openid)
    session.execute(
        update(WeChatLink)
        .where(
            WeChatLink.appid == appid,
            WeChatLink.openid == openid,
            or_(WeChatLink.followed_at.is_(None), WeChatLink.followed_at <= at),
        )
        .values(is_following=is_following, followed_at=at)
    )
    return person_id
