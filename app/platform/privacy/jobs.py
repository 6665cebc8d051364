"""The daily round of retention: every module deletes what it need not keep."""

from typing import Any

from flask import Flask

from app.kit import db
from app.kit.log import log
from app.kit.module import Registry

_registry: Registry | None = None


def configure(app: Flask) -> None:
    """Take the registry from what the factory hands down."""
    global _registry
    _registry = app.extensions["registry"]


def apply_retention(*, clients: Any) -> None:
    """The schedule's handler."""
    if _registry is None:
        raise RuntimeError("privacy has no registry: the factory did not run")
    retain_all(_registry)


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
