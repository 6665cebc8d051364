"""A class's timetable as a calendar (iCalendar): single events and those that repeat weekly. Pure.

Of RFC 5545 only what timetables use: SUMMARY, DTSTART with DTEND or DURATION, RRULE FREQ=WEEKLY with INTERVAL, COUNT,
UNTIL and BYDAY, EXDATE. What repeats otherwise is named, not guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.kit import clock

MOST_EVENTS, MOST_TIMES = 2000, 400
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DURATION = re.compile(r"P(?:T(?:(\d{1,2})H)?(?:(\d{1,3})M)?)")


@dataclass(frozen=True)
class Held:
    """A course at a time of the week, with the weeks of the term in which it is."""

    course: str
    weekday: int
    starts: time
    ends: time
    weeks: tuple[int, ...]


@dataclass
class Event:
    """The properties of a VEVENT: (parameters, value) by name."""

    values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def one(self, name: str) -> tuple[str, str]:
        return self.values.get(name, [("", "")])[0]


class NotRead(ValueError):
    """Why an event can't be taken, in words."""


def lessons_of(text: str, *, starts_on: date, ends_on: date) -> tuple[list[Held], list[str]]:
    """What is held in a term (`ends_on` is the first day after it), and what could not be read, in words."""
    slots: dict[tuple[str, int, time, time], set[int]] = {}
    problems: list[str] = []
    for number, event in enumerate(_events(text), start=1):
        course = _plain(event.one("SUMMARY")[1])[:120]
        try:
            if not course:
                raise NotRead("没有课程名（SUMMARY）")
            starts, ends = _span(event)
            for day in _days(event, starts):
                if starts_on <= day < ends_on:
                    key = (course, day.isoweekday(), starts.time(), ends.time())
                    slots.setdefault(key, set()).add((day - starts_on).days // 7 + 1)
        except NotRead as why:
            problems.append(f"第 {number} 个日程“{course or '（无名）'}”：{why}")
    return [Held(*key, tuple(sorted(weeks))) for key, weeks in sorted(slots.items())], problems


def _events(text: str) -> Iterator[Event]:
    """MOST_EVENTS at most. Lines that go on with a space belong to the line before."""
    event: Event | None = None
    count = 0
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        if line == "BEGIN:VEVENT":
            event = Event()
        elif line == "END:VEVENT" and event is not None:
            yield event
            event, count = None, count + 1
            if count >= MOST_EVENTS:
                return
        elif event is not None and ":" in line:
            head, _, value = line.partition(":")
            name, _, parameters = head.partition(";")
            event.values.setdefault(name.upper(), []).append((parameters, value.strip()))


def _plain(text: str) -> str:
    freed = re.sub(r"\\([,;\\])", r"\1", re.sub(r"\\[nN]", " ", text))
    return " ".join("".join(char if char.isprintable() else " " for char in freed).split())


def _span(event: Event) -> tuple[datetime, datetime]:
    """Begin and end on Shanghai's clock, within one day."""
    starts = _moment(*event.one("DTSTART"))
    if event.one("DTEND")[1]:
        ends = _moment(*event.one("DTEND"))
    else:
        found = DURATION.fullmatch(event.one("DURATION")[1])
        if found is None or not any(found.groups()):
            raise NotRead("没有结束时间（DTEND）")
        ends = starts + timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
    if not starts < ends or starts.date() != ends.date():
        raise NotRead("结束时间要在同一天、晚于开始时间")
    return starts, ends


def _moment(parameters: str, value: str) -> datetime:
    """Without a zone, and with one that is unknown, it is Shanghai's."""
    try:
        found = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        raise NotRead("时间看不懂，或是全天日程") from None
    zone = ZoneInfo("UTC") if value.endswith("Z") else _zone(parameters)
    return found.replace(tzinfo=zone).astimezone(clock.SHANGHAI)


def _zone(parameters: str) -> ZoneInfo:
    named = re.search(r"TZID=\"?([^;\":]+)", parameters)
    if named is None:
        return clock.SHANGHAI
    try:
        return ZoneInfo(named[1])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return clock.SHANGHAI


def _days(event: Event, starts: datetime) -> Iterator[date]:
    """The days on which it is held, without those that are excepted."""
    rule = event.one("RRULE")[1]
    without = {
        _moment(parameters, one).date()
        for parameters, several in event.values.get("EXDATE", [])
        for one in several.split(",")
    }
    days = _repeated(rule, starts) if rule else iter([starts.date()])
    return (day for day in days if day not in without)


def _repeated(rule: str, starts: datetime) -> Iterator[date]:
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    if parts.pop("FREQ", "") != "WEEKLY" or parts.keys() - {"INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}:
        raise NotRead("只支持按周重复（RRULE:FREQ=WEEKLY）")
    weekdays = [WEEKDAYS.index(one) for one in parts.get("BYDAY", "").split(",") if one in WEEKDAYS]
    every, most = _number(parts.get("INTERVAL", "1")), _number(parts.get("COUNT", str(MOST_TIMES)))
    until = _until(parts.get("UNTIL", ""))
    monday = starts.date() - timedelta(days=starts.weekday())
    given = 0
    for week in range(MOST_TIMES):
        for weekday in sorted(weekdays or [starts.weekday()]):
            day = monday + timedelta(days=7 * week * every + weekday)
            if day < starts.date():
                continue
            if given >= min(most, MOST_TIMES) or (until is not None and day > until):
                return
            given += 1
            yield day


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 9999:
        raise NotRead("重复的次数看不懂")
    return int(text[:6])


def _until(text: str) -> date | None:
    if not text:
        return None
    try:
        return _moment("", text).date() if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise NotRead("重复的截止日看不懂（UNTIL）") from None
