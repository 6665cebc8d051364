"""Whose openid is it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, exists, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.identity.models import SignIn, SsoLink, WeChatLink

PROOF_HOLDS = timedelta(minutes=10)
COLUMNS = (
    WeChatLink.id,
    WeChatLink.appid,
    WeChatLink.openid,
    WeChatLink.person_id,
    WeChatLink.is_following,
    WeChatLink.linked_at,
    WeChatLink.bound_at,
)


@dataclass(frozen=True)
class OpenId:
    """Where a person can be reached in WeChat."""

    appid: str
    openid: str
    is_following: bool


def openid_of(session: Session, person_id: int) -> OpenId | None:
    """The person's WeChat account, the last linked one when there are several official accounts."""
    row = link_of_person(session, person_id)
    return None if row is None else OpenId(row.appid, row.openid, row.is_following)


def link_of_person(
    session: Session, person_id: int
) -> Row[int, str, str, int, bool, datetime, datetime | None] | None:
    """The whole link of `openid_of`: also `id`, `linked_at` and `bound_at`."""
    return session.execute(
        select(*COLUMNS)
        .where(WeChatLink.person_id == person_id)
        .order_by(WeChatLink.linked_at.desc(), WeChatLink.id.desc())
        .limit(1)
    ).first()


def links_of_people(session: Session, person_ids: Collection[int]) -> dict[int, OpenId]:
    """As `openid_of`, for many people with one statement."""
    rows = session.execute(
        select(*COLUMNS).where(WeChatLink.person_id.in_(person_ids)).order_by(WeChatLink.linked_at)
    )
    return {row.person_id: OpenId(row.appid, row.openid, row.is_following) for row in rows}


def person_of_openid(session: Session, appid: str, openid: str) -> int | None:
    """The person an openid stands for, visitors included. None when it was never seen."""
    return session.scalar(
        select(WeChatLink.person_id).where(WeChatLink.appid == appid, WeChatLink.openid == openid)
    )


def link_id_of_openid(session: Session, appid: str, openid: str) -> int:
    """The link of an openid that was seen before."""
    return session.scalars(
        select(WeChatLink.id).where(WeChatLink.appid == appid, WeChatLink.openid == openid)
    ).one()


@dataclass(frozen=True)
class LinkOfSession:
    """The WeChat account behind a session on the phone. `has_sso`: the person has a campus account."""

    id: int
    person_id: int
    is_bound: bool
    is_proved: bool
    has_sso: bool


def link_of_session(session: Session, session_id: int | None) -> LinkOfSession | None:
    """None for a session that was not opened inside WeChat.

    `is_proved` when the person showed in the last ten minutes who they are: by single sign-on, or, without
    a campus account, by signing in through WeChat.
    """
    since = clock.now() - PROOF_HOLDS
    has_sso = exists().where(SsoLink.person_id == SignIn.person_id)
    row = session.execute(
        select(
            WeChatLink.id,
            WeChatLink.person_id,
            WeChatLink.bound_at.is_not(None),
            or_(SignIn.proved_at > since, ~has_sso & (SignIn.created_at > since)),
            has_sso,
        )
        .join(SignIn, SignIn.wechat_link_id == WeChatLink.id)
        .where(SignIn.id == session_id)
    ).first()
    return None if row is None else LinkOfSession(row[0], row[1], row[2], bool(row[3]), row[4])
