"""Tables of identity: links to WeChat and single sign-on, passwords, sessions, role grants, invitations, devices."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base

SURFACES = ("phone", "desk", "shared_device")
FAILED = text("NOT succeeded")
SCOPE_KINDS = ("all", "campus", "building", "unit", "team")


class WeChatLink(Base):
    """An openid of an official account and its person: a visitor of its own until it is bound.

    `bound_at` is NULL for a visitor. `followed_at` is WeChat's time of the last follow or unfollow.
    """

    __tablename__ = "identity_wechat_links"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    appid: Mapped[str]
    openid: Mapped[str]
    unionid: Mapped[str | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    is_following: Mapped[bool] = mapped_column(default=False)
    followed_at: Mapped[datetime | None]
    linked_at: Mapped[datetime]
    bound_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("appid", "openid"),
        UniqueConstraint("person_id", "appid"),
    )


class SsoLink(Base):
    """An account of the school's single sign-on and its person."""

    __tablename__ = "identity_sso_links"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    source: Mapped[str]
    subject: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("source", "subject"),)


class Password(Base):
    """A console sign-in without the single sign-on. `login` is kept in lower case."""

    __tablename__ = "identity_passwords"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), unique=True)
    login: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str]
    must_change: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("login = lower(login)", name="login_is_lower"),)


class SignIn(Base):
    """A session: known by the hash of the token in the browser's cookie.

    `proved_at` is when the person last proved who they are by single sign-on or password.
    """

    __tablename__ = "identity_sessions"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    surface: Mapped[str]
    wechat_link_id: Mapped[int | None] = mapped_column(ForeignKey("identity_wechat_links.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    must_change: Mapped[bool] = mapped_column(default=False)
    device: Mapped[str] = mapped_column(default="")
    network: Mapped[str] = mapped_column(default="")

    __table_args__ = (CheckConstraint(f"surface IN {SURFACES}", name="surface"),)


class RoleGrant(Base):
    """A role of a person at a place, from–to (NULL `ends_at`: until revoked)."""

    __tablename__ = "identity_role_grants"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    role: Mapped[str]
    scope_kind: Mapped[str] = mapped_column(default="all")
    scope_id: Mapped[int | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))

    __table_args__ = (
        UniqueConstraint("person_id", "role", "scope_kind", "scope_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"scope_kind IN {SCOPE_KINDS}", name="scope_kind"),
        CheckConstraint("(scope_kind = 'all') = (scope_id IS NULL)", name="scope_has_place"),
        Index("ix_identity_role_grants_role", "role", "scope_kind", "scope_id"),
    )


class LoginAttempt(Base):
    """A try at a password, written before the password is looked at. `login` and `network` are hashes."""

    __tablename__ = "identity_login_attempts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    login: Mapped[str]
    network: Mapped[str]
    tried_at: Mapped[datetime] = mapped_column(index=True)
    succeeded: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index("ix_identity_login_attempts_login", "login", "tried_at", postgresql_where=FAILED),
        Index(
            "ix_identity_login_attempts_network",
            "network",
            "tried_at",
            postgresql_where=FAILED,
        ),
    )


class OAuthState(Base):
    """A round trip to WeChat or to the single sign-on, bound to one browser, good once.

    `purpose` is wechat, bind, unbind or desk. `tries` counts restarts, against redirect loops. For bind and
    unbind, `session_id` is the session that asked and `subject` who the single sign-on said it is.
    """

    __tablename__ = "identity_oauth_states"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    state_hash: Mapped[str] = mapped_column(unique=True)
    browser_hash: Mapped[str]
    purpose: Mapped[str]
    next: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    session_id: Mapped[int | None]
    subject: Mapped[str | None]
    code_hash: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    consumed_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_identity_oauth_states_browser", "browser_hash", "purpose", "id"),)


class Invitation(Base):
    """A one-time invitation that binds whoever opens it inside WeChat to a prepared person."""

    __tablename__ = "identity_invitations"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), index=True)
    invited_by: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Device(Base):
    """A browser that may open one page of the console without a network. It holds the key, we its hash."""

    __tablename__ = "identity_devices"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    page: Mapped[str]  # the permission that opens it
    name: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    registered_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    registered_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
