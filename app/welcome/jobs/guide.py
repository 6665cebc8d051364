"""What the to-do list, fees and the green channel do later."""

from typing import Any

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.platform.notifications import service as notifications
from app.welcome.queries import items

BATCH = 500


def remind(*, clients: Any) -> None:
    """By the clock, once a day: one digest for each freshman who has something to finish. May be run again."""
    after, day = 0, clock.today()
    while True:
        with unit_of_work() as session:
            rows = items.to_remind(session, after_id=after, limit=BATCH)
            for row in rows:
                _remind(session, row, day.isoformat())
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _remind(session: Session, row: Any, day: str) -> None:
    notifications.tell(
        session,
        kind="welcome.to_do",
        person_id=row.person_id,
        params={"count": row.open, "until": row.until.isoformat(), "time": _now()},
        key=f"welcome:to_do:{day}",
    )


def _now() -> str:
    return f"{clock.local(clock.now()):%Y年%-m月%-d日 %H:%M}"
