"""Lines of a leave's history, as they are shown."""

from datetime import datetime

from app.miniapps.leave.labels import TIMES
from app.miniapps.leave.models import LogLine


def corrected(line: LogLine) -> list[tuple[str, datetime | None, datetime]]:
    """What a late line of the gates changed: which time, what it was, and what it is."""
    return [
        (label, datetime.fromisoformat(was) if was else None, datetime.fromisoformat(now))
        for key, label in TIMES.items()
        if line.kind == "reordered" and key in line.data
        for was, now in [line.data[key]]
    ]
