"""What the official account does later with what WeChat told."""

from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.kit.module import Registry
from app.platform.official_account import service
from app.platform.official_account.events import AuthorizationRevoked, WeChatEventStored
from app.platform.privacy import service as privacy

_appid = ""
_registry: Registry | None = None


def configure(app: Flask) -> None:
    """Take what the factory hands down."""
    global _appid, _registry
    _appid, _registry = app.config["WECHAT_APPID"], app.extensions["registry"]
    service.configure(_registry, school_name=app.config["SCHOOL_NAME"])


def on_wechat_event_stored(session: Session, event: WeChatEventStored) -> None:
    service.sort_out(session, event.external_event_id, appid=_appid)


def on_authorization_revoked(session: Session, event: AuthorizationRevoked) -> None:
    """The law gives people this right; WeChat passes it on."""
    assert _registry is not None
    privacy.end_authorization(
        session,
        person_id=event.person_id,
        appid=_appid,
        scopes=event.scopes,
        is_account_closed=event.is_account_closed,
        registry=_registry,
    )


def forget_old_scenes(*, clients: Any) -> None:
    with unit_of_work() as session:
        service.forget_old_scenes(session)
