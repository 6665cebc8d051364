"""Doors for the worker and the clock: the daily round of retention, and people's copies of their data."""

from typing import Any

from flask import Flask

from app.clients import Clients
from app.kit import db
from app.kit.log import log
from app.kit.module import Registry
from app.platform.privacy import flows
from app.platform.privacy.events import ExportAsked

_registry: Registry | None = None


def configure(app: Flask) -> None:
    """Take the registry from what the factory hands down."""
    global _registry
    _registry = app.extensions["registry"]


def apply_retention(*, clients: Any) -> None:
    """The schedule's handler."""
    retain_all(_known())


def on_export_asked(event: ExportAsked, *, clients: Clients) -> None:
    flows.make_export(export_id=event.export_id, storage=clients.storage, registry=_known())


def delete_old_exports(*, clients: Clients) -> None:
    """The schedule's handler."""
    flows.delete_old_exports(storage=clients.storage)


def _known() -> Registry:
    if _registry is None:
        raise RuntimeError("privacy has no registry: the factory did not run")
    return _registry


def retain_all(registry: Registry) -> None:
    """Ask every module's `retain(session)`, each in a transaction of its own. One failing stops no other."""
    for module in registry.modules:
        if module.retain is None:
            continue
        try:
            with db.unit_of_work() as session:
                gone = module.retain(session)
            log.info("retention_applied", module=module.key, rows=gone)
        except Exception as error:
            log.error("retention_failed", module=module.key, exc_info=error)
