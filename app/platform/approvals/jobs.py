"""What approvals does by the clock."""

from typing import Any

import structlog

from app.kit.db import unit_of_work
from app.platform.approvals import service

log = structlog.get_logger()


def ring_timers(*, clients: Any) -> None:
    """Timers and limits whose time has come, each in a transaction of its own."""
    del clients
    with unit_of_work() as session:
        due = service.due_timers(session)
    for timer_id in due:
        with unit_of_work() as session:
            service.ring(session, timer_id=timer_id)


def rescue_orphans(*, clients: Any) -> None:
    """Tasks of people who have left find a new owner."""
    del clients
    with unit_of_work() as session:
        orphaned = service.orphaned_tasks(session)
    for task_id in orphaned:
        with unit_of_work() as session:
            service.rescue(session, task_id=task_id)
