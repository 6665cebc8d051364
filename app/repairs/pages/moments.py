"""Times and lines as the phone says them: choices of a visit or a hold, what is left, the history."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from app.kit import clock
from app.repairs.queries import TicketView
from app.repairs.service.actions import ROLE_NAMES, Role

MORNING, NOON = (time(8), time(12)), (time(14), time(18))
LEAST = timedelta(minutes=30)  # a window shorter than this helps nobody


def visits() -> list[tuple[str, str]]:
    """(from/until, words) of the coming half days: the rest of today, and tomorrow."""
    today = clock.today()
    halves = [
        (today, MORNING, _("今天上午")),
        (today, NOON, _("今天下午")),
        (today + timedelta(days=1), MORNING, _("明天上午")),
        (today + timedelta(days=1), NOON, _("明天下午")),
    ]
    soon = clock.local(clock.now()) + LEAST
    return [
        (f"{_form(_there(day, opens))}/{_form(_there(day, closes))}", words)
        for day, (opens, closes), words in halves
        if _there(day, closes) > soon
    ]


def holds() -> list[tuple[str, str]]:
    """(until, words) for a hold: the end of today's work, tomorrow, in three days."""
    now, today = clock.local(clock.now()), clock.today()
    ends = [
        (_there(today, time(17, 30)), _("今天下班")),
        (_there(today + timedelta(days=1), time(8)), _("明天")),
        (_there(today + timedelta(days=3), time(8)), _("3 天后")),
    ]
    return [(_form(end), f"{words} {end:%H:%M}") for end, words in ends if end > now + LEAST]


def _there(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.SHANGHAI)


def _form(moment: datetime) -> str:
    """As a datetime-local field holds it."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def left(due: datetime | None) -> tuple[str, bool]:
    """What is left until a deadline, in words, and whether it has passed."""
    if due is None:
        return "", False
    seconds = (due - clock.now()).total_seconds()
    minutes = int(abs(seconds) // 60)
    length = f"{minutes // 60}:{minutes % 60:02}"
    if minutes >= 48 * 60:
        length = _("%(n)s 天", n=minutes // 1440)
    return (_("超 %(t)s", t=length), True) if seconds < 0 else (_("还剩 %(t)s", t=length), False)


def history(view: TicketView, english: dict[str, str]) -> list[dict[str, Any]]:
    """The timeline for the macro `steps`, newest first."""
    return [
        {
            "title": f"{_who(line, view)} {pgettext('done', line.done)}",
            "at": line.at,
            "text": _("；").join(_said(line, english)),
        }
        for line in view.lines
    ]


def _who(line: Any, view: TicketView) -> str:
    """The worker is told what the reporter did, not their name."""
    if line.role == Role.REPORTER and Role.REPORTER not in view.roles:
        return _(ROLE_NAMES[Role.REPORTER])
    if not view.is_for_staff and line.who.endswith("师傅"):
        return _("%(name)s师傅", name=line.who.removesuffix("师傅"))
    return _(line.who)


def _said(line: Any, english: dict[str, str]) -> list[str]:
    until = line.payload.get("until")
    day = f"{clock.local(datetime.fromisoformat(until)):%m-%d %H:%M}" if until else ""
    words = [english.get(line.reason, line.reason), _("到 %(day)s", day=day) if day else "", line.note]
    return [text for text in words if text]
