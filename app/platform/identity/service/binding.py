"""A WeChat account comes to stand for a person of the school, or ceases to.

Lock order: the person, then WeChat links.
"""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from app.kit import clock, outbox
from app.kit.absent import check_whole
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.directory import queries as directory_queries
from app.platform.directory import service as directory
from app.platform.identity import queries
from app.platform.identity.errors import (
    AlreadyBound,
    NoLongerHere,
    NotBound,
    NotInWeChat,
    OtherWeChatBound,
    ProveAgain,
)
from app.platform.identity.events import PersonLinked, PersonUnlinked
from app.platform.identity.models import Device, Password, RoleGrant, SignIn, SsoLink, WeChatLink
from app.platform.identity.queries import presence, roles
from app.platform.identity.service.sessions import revoke_all


def bind(session: Session, *, by: Caller, person_id: int, may_replace: bool = False) -> int:
    """Let the WeChat account behind the caller's session stand for `person_id`; returns the link's id.

    The visitor it stood for is merged, in every module. All sessions of this WeChat account end. Raises
    NoLongerHere for leavers, AlreadyBound, and OtherWeChatBound unless the other account may be replaced;
    that account then stands for a new visitor.
    """
    session.execute(presence.lock_person(person_id))
    link = _link_of_session(session, by)
    if link.bound_at is not None:
        raise AlreadyBound()
    if not directory_queries.person(session, person_id).is_active:
        raise NoLongerHere()
    other = session.scalar(
        select(WeChatLink)
        .where(WeChatLink.person_id == person_id, WeChatLink.appid == link.appid)
        .with_for_update()
    )
    if other is not None:
        if not may_replace:
            raise OtherWeChatBound()
        _detach(session, other, by=by, reason="replaced")
    visitor_id = link.person_id
    _merge_everywhere(session, by=by, from_id=visitor_id, into_id=person_id)
    session.execute(
        update(WeChatLink)
        .where(WeChatLink.id == link.id)
        .values(person_id=person_id, bound_at=clock.now(), linked_at=clock.now())
    )
    _end_sessions(session, link.id)
    audit.record(session, by=by, action="bind_wechat", object_type="person", object_id=person_id)
    outbox.emit(session, PersonLinked(person_id, visitor_id, link.id))
    return link.id


def unbind(session: Session, *, by: Caller) -> int:
    """The caller's WeChat account stands for a new visitor from now on; its sessions end.

    Returns the visitor. Raises NotBound, ProveAgain.
    """
    link = _link_of_session(session, by)
    if link.bound_at is None:
        raise NotBound()
    state = queries.link_of_session(session, by.session_id)
    if state is None or not state.is_proved:
        raise ProveAgain()
    return _detach(session, link, by=by, reason="asked")


def close_wechat(session: Session, *, person_id: int, appid: str) -> int | None:
    """The person's WeChat account is no more. Returns the visitor that is left of it; None when there is none.

    Of somebody of the school nothing else changes: they may bind another one.
    """
    link = session.scalar(
        select(WeChatLink)
        .where(WeChatLink.person_id == person_id, WeChatLink.appid == appid)
        .with_for_update()
    )
    if link is None or link.bound_at is None:
        return link.person_id if link else None
    return _detach(session, link, by=None, reason="closed")


def release_wechat(session: Session, *, by: Caller | None, person_id: int) -> list[int]:
    """Staff found that whoever is bound to this person is not the person: all WeChat accounts and sessions end.

    Returns the visitors that are left of the accounts. Nothing happens when none is bound; may be run again.
    """
    session.execute(presence.lock_person(person_id))
    links = session.scalars(
        select(WeChatLink)
        .where(WeChatLink.person_id == person_id, WeChatLink.bound_at.is_not(None))
        .order_by(WeChatLink.id)
        .with_for_update()
    ).all()
    visitors = [_detach(session, link, by=by, reason="disputed") for link in links]
    revoke_all(session, by=by, person_id=person_id)
    return visitors


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """Everything of identity moves along when directory merges two people."""
    theirs = set(session.scalars(select(WeChatLink.appid).where(WeChatLink.person_id == into_id)))
    mine = session.scalars(select(WeChatLink).where(WeChatLink.person_id == from_id).with_for_update())
    for link in mine.all():
        if link.appid in theirs:
            _detach(session, link, by=None, reason="merged")
        else:
            session.execute(update(WeChatLink).where(WeChatLink.id == link.id).values(person_id=into_id))
    for table in (SignIn, SsoLink):
        session.execute(update(table).where(table.person_id == from_id).values(person_id=into_id))
    session.execute(update(Device).where(Device.registered_by_id == from_id).values(registered_by_id=into_id))
    _merge_grants(session, from_id=from_id, into_id=into_id)
    has_one = exists().where(Password.person_id == into_id)
    session.execute(delete(Password).where(Password.person_id == from_id, has_one))
    session.execute(update(Password).where(Password.person_id == from_id).values(person_id=into_id))


def _merge_grants(session: Session, *, from_id: int, into_id: int) -> None:
    held = aliased(RoleGrant)
    same = exists().where(
        held.person_id == into_id,
        held.role == RoleGrant.role,
        held.scope_kind == RoleGrant.scope_kind,
        held.scope_id.is_not_distinct_from(RoleGrant.scope_id),
    )
    session.execute(delete(RoleGrant).where(RoleGrant.person_id == from_id, same))
    session.execute(update(RoleGrant).where(RoleGrant.person_id == from_id).values(person_id=into_id))


def _merge_everywhere(session: Session, *, by: Caller, from_id: int, into_id: int) -> None:
    registry = roles.registry()
    check_whole(session, registry, from_id)
    directory.merge_people(session, by=by, visitor_id=from_id, into_id=into_id)
    for module in registry.modules:
        if module.merge_person is not None:
            module.merge_person(session, from_id=from_id, into_id=into_id)


def _link_of_session(session: Session, by: Caller) -> WeChatLink:
    link = session.scalar(
        select(WeChatLink)
        .join(SignIn, SignIn.wechat_link_id == WeChatLink.id)
        .where(SignIn.id == by.session_id, SignIn.surface == "phone")
        .with_for_update(of=WeChatLink)
    )
    if link is None:
        raise NotInWeChat()
    return link


def _detach(session: Session, link: WeChatLink, *, by: Caller | None, reason: str) -> int:
    visitor_id = directory.create_visitor(session)
    person_id = link.person_id
    session.execute(
        update(WeChatLink)
        .where(WeChatLink.id == link.id)
        .values(person_id=visitor_id, bound_at=None, linked_at=clock.now())
    )
    _end_sessions(session, link.id)
    audit.record(
        session, by=by, action="unbind_wechat", object_type="person", object_id=person_id, fields=[reason]
    )
    outbox.emit(session, PersonUnlinked(person_id, visitor_id, link.id, reason))
    return visitor_id


def _end_sessions(session: Session, link_id: int) -> None:
    session.execute(
        update(SignIn)
        .where(SignIn.wechat_link_id == link_id, SignIn.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
