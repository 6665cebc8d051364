"""The sealer's schedule."""

from typing import Any

from flask import Flask

from app.kit import db
from app.kit.log import log
from app.platform.audit import queries, service

_key: bytes | None = None


def configure(app: Flask) -> None:
    """Take the sealing key from what the factory hands down."""
    global _key
    _key = app.config["AUDIT_KEY"]


def seal_entries(*, clients: Any) -> None:
    """Seal all that is settled, and log the new head: the log is the anchor outside the database."""
    if _key is None:
        raise RuntimeError("audit has no key: the factory did not run")
    total = 0
    while True:
        with db.unit_of_work() as session:
            sealed = service.seal(session, _key)
        total += sealed
        if sealed < service.BATCH:
            break
    if total:
        with db.unit_of_work() as session:
            state = queries.seal_state(session)
        log.info("audit_sealed", entries=total, up_to=state.sealed_up_to, head=state.head)
