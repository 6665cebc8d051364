"""The kinds of messages that repairs sends, and to whom."""

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.module import MessageKind
from app.kit.prepared import Prepared
from app.platform.directory import queries as directory
from app.platform.identity import queries as identity
from app.repairs.events import TicketMoved
from app.repairs.models import STUDENT_LABELS, Category, Status, Ticket, TicketEvent
from app.repairs.service.actions import INTERNAL
from app.repairs.service.naming import worker_title, worker_title_en

# Fields of the shared templates (samples/wechat-templates.json).
_PROGRESS = {
    "character_string1": "%(number)s",
    "thing2": "%(category)s",
    "phrase3": "%(status)s",
    "time4": "%(time)s",
    "thing5": "%(hint)s",
}
_TASK = {
    "character_string1": "%(number)s",
    "thing2": "%(category)s",
    "thing3": "%(place)s",
    "time4": "%(due_at)s",
    "thing5": "%(detail)s",
}
_LINK = "/m/repairs/%(ticket_id)s"


def _progress(key: str, title: str, text: str, *, can_be_muted: bool = True) -> MessageKind:
    return MessageKind(key, title, "repair_progress", _PROGRESS, text, _LINK, can_be_muted=can_be_muted)


def _task(
    key: str, title: str, text: str, *, is_urgent: bool = False, can_be_muted: bool = True
) -> MessageKind:
    return MessageKind(
        key, title, "repair_task", _TASK, text, _LINK, is_urgent=is_urgent, can_be_muted=can_be_muted
    )


KINDS = (
    _progress("repairs.submitted", N_("报修已提交"), N_("%(number)s 已提交，%(due)s 前处理。")),
    _progress("repairs.accepted", N_("报修已受理"), N_("%(number)s 已受理，正在安排师傅。")),
    _progress("repairs.rejected", N_("报修未受理"), N_("%(number)s 未受理：%(note)s"), can_be_muted=False),
    _progress("repairs.dispatched", N_("已派师傅"), N_("%(number)s 已派给%(worker)s，预计 %(due)s 前修好。")),
    _progress("repairs.arrived", N_("师傅已到场"), N_("%(worker)s已到场，开始维修 %(number)s。")),
    _progress("repairs.held", N_("报修需要等待"), N_("%(number)s 暂时挂起，预计 %(until)s 恢复。")),
    _progress("repairs.resumed", N_("报修已恢复"), N_("%(number)s 恢复处理。")),
    _progress(
        "repairs.finished",
        N_("维修完工，请确认"),
        N_("%(number)s 已完工，请确认是否修好；7 天内未确认将自动办结。"),
        can_be_muted=False,
    ),
    _progress(
        "repairs.followed", N_("已关注报修进度"), N_("%(number)s 的进度会发到这里，现在：%(status)s。")
    ),
    _progress(
        "repairs.photo_refused", N_("照片没有用上"), N_("%(number)s 的一张照片打不开，没有用上，师傅看不到。")
    ),
    _progress("repairs.closed", N_("报修已办结"), N_("%(number)s 已办结，欢迎评价。")),
    _task("repairs.new_ticket", N_("新的报修"), N_("新报修 %(number)s：%(place)s %(category)s")),
    _task(
        "repairs.new_hazard",
        N_("安全类报修"),
        N_("安全类报修 %(number)s：%(place)s %(category)s，请立即处理。"),
        is_urgent=True,
    ),
    _task(
        "repairs.job", N_("新的派单"), N_("给您派单 %(number)s：%(place)s %(category)s"), can_be_muted=False
    ),
    _task("repairs.job_gone", N_("派单已收回"), N_("%(number)s 已改派或撤销，不用再去。")),
    _task("repairs.returned", N_("退回待派"), N_("%(number)s 被退回，请重新派单。")),
    _task("repairs.urged", N_("有人催单"), N_("%(number)s 被催办：%(place)s %(category)s")),
    _task("repairs.rework", N_("返修"), N_("%(number)s 要求返修：%(note)s"), can_be_muted=False),
)

# action → kind for the reporter
_REPORTER = {
    "submit": "repairs.submitted",
    "accept": "repairs.accepted",
    "reject": "repairs.rejected",
    "dispatch": "repairs.dispatched",
    "reassign": "repairs.dispatched",
    "arrive": "repairs.arrived",
    "hold": "repairs.held",
    "resume": "repairs.resumed",
    "finish": "repairs.finished",
    "auto_close": "repairs.closed",
}
_WORKER = {
    "dispatch": "repairs.job",
    "reassign": "repairs.job",
    "rework": "repairs.rework",
    "urge": "repairs.urged",
}
# What is new, in at most five characters: two cards in a row must not read the same.
_NEWS = {
    "accept": N_("已受理"),
    "dispatch": N_("已派师傅"),
    "reassign": N_("换了师傅"),
    "arrive": N_("师傅已到"),
    "hold": N_("暂时等待"),
    "resume": N_("继续维修"),
    "finish": N_("请您确认"),
}
_FORMER_WORKER = {"reassign", "cancel", "auto_return"}
_DISPATCHERS = {
    "submit": "repairs.new_ticket",
    "decline": "repairs.returned",
    "auto_return": "repairs.returned",
}


_TOLD = frozenset({*_REPORTER, *_WORKER, *_FORMER_WORKER, *_DISPATCHERS})


def is_told(event: TicketMoved) -> bool:
    """Whether it is an action that somebody is told of; of the others the timeline alone speaks."""
    return event.action in _TOLD


_t, _e = (cast("Table", model.__table__) for model in (Ticket, TicketEvent))
_lines = (
    select(
        _t.c.id,
        _t.c.public_id,
        _t.c.number,
        _t.c.category_name,
        _t.c.place_text,
        _t.c.place_text_en,
        _t.c.detail,
        _t.c.is_hazard,
        _t.c.reporter_id,
        _t.c.worker_id,
        _t.c.unit_id,
        _t.c.building_id,
        _t.c.campus_id,
        _t.c.resolve_due_at,
        _t.c.hold_until,
        Category.name_en.label("category_en"),
        _e.c.action,
        _e.c.to_status,
        _e.c.actor_id,
        _e.c.note,
        _e.c.payload,
        _e.c.at,
    )
    .join(_e, _e.c.ticket_id == _t.c.id)
    .join(Category, Category.id == _t.c.category_id)
)
LINE = Prepared(_lines.where(_t.c.id == bindparam("ticket_id"), _e.c.seq == bindparam("seq")))
"""One line of the timeline with its ticket: what every message is made of."""
LAST_LINE = Prepared(
    _lines.where(_t.c.public_id == bindparam("public_id")).order_by(_e.c.seq.desc()).limit(1)
)


def audiences(session: Session, line: AnyRow) -> Iterator[tuple[str, list[int]]]:
    """(kind, people) to be told of one line of the timeline."""
    if kind := _REPORTER.get(line.action):
        yield kind, [line.reporter_id]
    if (kind := _WORKER.get(line.action)) and line.worker_id:
        yield kind, [line.worker_id]
    if line.action in _FORMER_WORKER and (former := line.payload.get("from_worker_id")):
        yield "repairs.job_gone", [former]
    if kind := _dispatchers_kind(line):
        yield kind, _dispatchers(session, line)


def _dispatchers_kind(line: AnyRow) -> str | None:
    if line.action == "urge" and line.worker_id is None:
        return "repairs.urged"
    kind = _DISPATCHERS.get(line.action)
    return "repairs.new_hazard" if kind == "repairs.new_ticket" and line.is_hazard else kind


def _dispatchers(session: Session, line: AnyRow) -> list[int]:
    return identity.people_with(
        session,
        "repairs.dispatch",
        unit_id=line.unit_id,
        building_id=line.building_id,
        campus_id=line.campus_id,
    )


def params_of(session: Session, line: AnyRow) -> dict[str, Any]:
    """What messages may say of a ticket: no full name, no phone."""
    surname = directory.person(session, line.worker_id).surname if line.worker_id else ""
    note = "" if line.action in INTERNAL else (line.note or "")
    return _english(line, surname) | {
        "ticket_id": line.public_id,
        "number": line.number,
        "category": line.category_name,
        "place": line.place_text,
        "detail": (note if line.action == "rework" else "") or line.detail[:60] or line.category_name,
        "status": _NEWS.get(line.action) or STUDENT_LABELS[Status(line.to_status)],
        "worker": worker_title(surname),
        "time": f"{clock.local(line.at):%Y年%-m月%-d日 %H:%M}",
        "due": f"{clock.local(line.resolve_due_at):%-m月%-d日 %H:%M}",
        "due_at": f"{clock.local(line.resolve_due_at):%Y年%-m月%-d日 %H:%M}",
        "until": f"{clock.local(line.hold_until):%-m月%-d日 %H:%M}" if line.hold_until else "",
        "note": note,
        "hint": note or _hint(line, worker_title(surname) if surname else ""),
    }


def photo_params(session: Session, line: AnyRow) -> dict[str, Any]:
    """The same for a photo that nobody can look at."""
    return params_of(session, line) | {
        "status": N_("照片无效"),
        "time": f"{clock.local(clock.now()):%Y年%-m月%-d日 %H:%M}",
        "hint": "照片打不开，可上门时当面给师傅看",
    }


def _english(line: AnyRow, surname: str) -> dict[str, str]:
    """The twins for the message centre in English; WeChat's own templates are Chinese."""
    return {
        "category_en": line.category_en or line.category_name,
        "place_en": line.place_text_en,
        "worker_en": worker_title_en(surname).strip(),
        "due_en": f"{clock.local(line.resolve_due_at):%m-%d %H:%M}",
        "until_en": f"{clock.local(line.hold_until):%m-%d %H:%M}" if line.hold_until else "",
    }


def _hint(line: AnyRow, worker: str) -> str:
    """The line that says what comes next, within twenty characters."""
    due = f"{clock.local(line.resolve_due_at):%-m月%-d日 %H:%M}"
    if line.action in ("submit", "accept"):
        return f"预计{due}前修好"
    if line.action == "hold" and line.hold_until:
        return f"预计{clock.local(line.hold_until):%-m月%-d日 %H:%M}继续"
    return {
        "arrive": f"{worker}已到场，正在维修",
        "finish": "点开看看，修好了请确认",
        "auto_close": "欢迎评价这次维修",
    }.get(line.action, f"{worker}负责" if worker else line.place_text)
