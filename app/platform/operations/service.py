"""The yearly calendar, and schedules that run once wherever the clock is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_
from app.kit.module import Schedule
from app.platform.audit import service as audit
from app.platform.operations.models import CalendarDay, CalendarYear, ScheduleRun
from app.platform.operations.queries import forget_calendar


class CalendarInvalid(Invalid):
    code = "operations.calendar_invalid"
    msgid = N_("日历有问题：%(problem)s。没有导入任何内容，请改好后再导入。")


class DeadLetterGone(NotFound):
    code = "operations.dead_letter_gone"
    msgid = N_("这条已经处理过了，请刷新列表。")


@dataclass(frozen=True)
class Day:
    """A day that differs from the week."""

    day: date
    is_workday: bool
    name: str


def import_calendar(
    session: Session, *, by: Caller | None, year: int, days: Iterable[Day], source: str
) -> int:
    """Replace one year as the State Council announced it. Raises CalendarInvalid and changes nothing."""
    listed = list(days)
    strays = [day.day for day in listed if day.day.year != year]
    if strays:
        raise CalendarInvalid(problem=f"{strays[0]} 不在 {year} 年")
    if len({day.day for day in listed}) != len(listed):
        raise CalendarInvalid(problem="有重复的日期")
    if not any(not day.is_workday for day in listed):
        raise CalendarInvalid(problem="没有一个放假日")
    first, last = date(year, 1, 1), date(year, 12, 31)
    session.execute(delete(CalendarDay).where(CalendarDay.day.between(first, last)))
    session.execute(insert(CalendarDay), [vars(day) for day in listed])
    stmt = upsert(CalendarYear).values(year=year, source=source, imported_at=clock.now())
    session.execute(
        stmt.on_conflict_do_update(
            index_elements=["year"], set_={"source": source, "imported_at": clock.now()}
        )
    )
    audit.record(
        session,
        by=by,
        action="operations.import_calendar",
        object_type="operations.calendar_year",
        object_id=year,
    )
    forget_calendar()
    return len(listed)


def retry_dead_letter(session: Session, *, by: Caller, delivery_id: int) -> None:
    """Give a dead delivery a fresh set of tries."""
    if not outbox.revive(session, delivery_id):
        raise DeadLetterGone()
    audit.record(
        session,
        by=by,
        action="operations.retry_dead_letter",
        object_type="outbox.delivery",
        object_id=delivery_id,
    )


def claim_due(session: Session, key: str, schedule: Schedule) -> bool:
    """Whether it is time and we are the one to run it: the row's time is moved on by who wins."""
    now = clock.now()
    following = next_time(schedule, now)
    row = session.scalar(select(ScheduleRun.next_at).where(ScheduleRun.key == key))
    if row is None:
        session.execute(upsert(ScheduleRun).values(key=key, next_at=following).on_conflict_do_nothing())
        return False
    won = db.rows_changed(
        session,
        update(ScheduleRun)
        .where(ScheduleRun.key == key, ScheduleRun.next_at <= now)
        .values(next_at=following, last_started_at=now),
    )
    return won == 1


def note_run(session: Session, key: str, error: str | None) -> None:
    session.execute(
        update(ScheduleRun)
        .where(ScheduleRun.key == key)
        .values(last_finished_at=clock.now(), last_error=error)
    )


def next_time(schedule: Schedule, now: datetime) -> datetime:
    """The next run after `now`: a step ahead, or the next Shanghai time of day."""
    if schedule.every is not None:
        return now + schedule.every
    assert schedule.daily_at is not None, "a schedule has a rhythm or a time of day"
    local = clock.local(now)
    at = local.replace(hour=schedule.daily_at.hour, minute=schedule.daily_at.minute, second=0, microsecond=0)
    return (at if at > local else at + timedelta(days=1)).astimezone(clock.UTC)
