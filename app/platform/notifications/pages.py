"""Pages of notifications: the phone's message centre and wishes; the console's log and call list."""

from datetime import time
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kit.db import unit_of_work
from app.kit.http import SIGNED_IN, caller, find_caller, permit
from app.kit.i18n import N_
from app.platform.directory import queries as directory
from app.platform.notifications import queries, service
from app.platform.notifications.errors import QuietHoursWrong
from app.platform.notifications.schemas import sentence

phone = Blueprint("messages", __name__, url_prefix="/m/messages")
desk = Blueprint("messages_desk", __name__, url_prefix="/desk/messages")

STEPS = {
    "template": N_("模板消息"),
    "subscription": N_("订阅通知"),
    "sms": N_("短信"),
    "call_list": N_("电话"),
}
STATUSES = {
    "queued": (N_("等待"), "wait"),
    "sent": (N_("已发出，等回音"), "wait"),
    "accepted": (N_("已受理"), "go"),
    "delivered": (N_("已送达"), "done"),
    "failed": (N_("没有送达"), "bad"),
    "skipped": (N_("跳过"), "off"),
    "unknown": (N_("不确定"), "ask"),
}
REASONS = {
    "not_following": N_("未关注公众号"),
    "no_wechat": N_("没有微信"),
    "no_template": N_("没有配置模板"),
    "no_credit": N_("没有同意过订阅"),
    "no_sms_client": N_("还没有短信通道"),
    "no_phone": N_("没有登记电话"),
    "sms_quota": N_("今天的短信已满"),
    "LimitExceeded.PhoneNumberDailyLimit": N_("这个号码今天的短信已满"),
    "FailedOperation.PhoneNumberInBlacklist": N_("机主拒收短信"),
    "FailedOperation.TemplateIncorrectOrUnapproved": N_("短信模板未通过审核"),
    "UNDELIV": N_("运营商没有送达"),
    "no_answer": N_("没有回音，不再重发"),
    "not_reached": N_("电话没打通"),
    "superseded": N_("已有更新的消息"),
    "quota": N_("当天额度用完"),
    "user block": N_("被对方屏蔽"),
    "43004": N_("未关注公众号"),
    "43101": N_("没有同意过订阅"),
    "45009": N_("当天额度用完"),
    "47003": N_("字段不合格"),
    "40037": N_("模板不存在"),
}
HOURS = [f"{hour:02}:00" for hour in range(24)]


def unread_count() -> int:
    """For the tab bar: the unread messages of whoever looks, counted once a request."""
    who = find_caller()
    if who is None:
        return 0
    if "unread_messages" not in g:
        with unit_of_work() as session:
            g.unread_messages = queries.unread_count(session, who.person_id)
    return int(g.unread_messages)


# --- Phone


@phone.get("")
@permit(SIGNED_IN)
def centre() -> str:
    with unit_of_work() as session:
        page = queries.messages_of(session, caller().person_id, cursor=request.args.get("cursor"))
        follows = queries.follows(session, caller().person_id)
    return render_template(
        "notifications/centre.html", page=page, follows=follows, sentence=sentence, tab="messages"
    )


@phone.get("/<message_id>")
@permit(SIGNED_IN)
def opened(message_id: str) -> AnyResponse:
    """Opening a message reads it and leads to the page it speaks of."""
    with unit_of_work() as session:
        link = service.mark_read(session, by=caller(), public_id=message_id)
    return redirect(link)


@phone.post("/read")
@permit(SIGNED_IN)
def read_all() -> AnyResponse:
    with unit_of_work() as session:
        service.mark_all_read(session, by=caller())
    return redirect(url_for("messages.centre"))


@phone.get("/preferences")
@permit(SIGNED_IN)
def preferences() -> str:
    with unit_of_work() as session:
        wishes = queries.wishes_of(session, caller().person_id)
    return render_template(
        "notifications/preferences.html",
        wishes=wishes,
        groups=queries.mutable_groups(),
        hours=HOURS,
        saved=request.args.get("saved"),
    )


@phone.post("/preferences")
@permit(SIGNED_IN)
def wish() -> AnyResponse:
    known = [key for key, _ in queries.mutable_groups()]
    wanted = request.form.getlist("on")
    with unit_of_work() as session:
        service.set_wishes(
            session,
            by=caller(),
            muted=[key for key in known if key not in wanted],
            quiet=_quiet(),
        )
    return redirect(url_for("messages.preferences", saved=1))


def _quiet() -> tuple[time, time]:
    if request.form.get("never") == "1":
        return time(0), time(0)
    chosen = request.form.get("quiet_from", ""), request.form.get("quiet_until", "")
    if not all(hour in HOURS for hour in chosen):
        raise QuietHoursWrong()
    return time.fromisoformat(chosen[0]), time.fromisoformat(chosen[1])


# --- Console


@desk.get("")
@permit("notifications.read_log")
def log() -> str:
    """What was pushed to whom and how it went; counts are of today."""
    filters = {name: request.args.get(name, "") for name in ("status", "step", "group")}
    with unit_of_work() as session:
        page = queries.deliveries(session, **filters, cursor=request.args.get("cursor"))
        people = directory.people(session, {row.person_id for row in page.items})
        today = queries.outcomes_today(session)
        used, rests_until = queries.template_messages_today(session)
        calls = queries.open_call_count(session)
    return _desk(
        "log",
        page=page,
        people=people,
        today=today,
        used=used,
        rests_until=rests_until,
        calls=calls,
        filters=filters,
        may_call=caller().may("notifications.call_list"),
    )


@desk.get("/<int:delivery_id>")
@permit("notifications.read_log")
def line(delivery_id: int) -> str:
    """One delivery beside the list: every step that its message took."""
    with unit_of_work() as session:
        row = queries.delivery(session, delivery_id)
        steps = queries.steps_of_message(session, delivery_id)
        person = directory.person(session, row.person_id)
    part = "_line" if request.headers.get("HX-Request") else "line"
    return _desk(part, row=row, steps=steps, person=person)


@desk.get("/calls")
@permit("notifications.call_list")
def calls() -> str:
    """Whom nothing else reached: please phone."""
    with unit_of_work() as session:
        page = queries.open_calls(session, cursor=request.args.get("cursor"))
        people = directory.people(session, {row.person_id for row in page.items})
    return _desk("calls", page=page, people=people, may_read=caller().may("notifications.read_log"))


@desk.get("/calls/<int:delivery_id>")
@permit("notifications.call_list")
def call(delivery_id: int) -> str:
    return _call(delivery_id)


@desk.post("/calls/<int:delivery_id>/phone")
@permit("notifications.call_list")
def reveal(delivery_id: int) -> str:
    """The number to dial; seeing it is noted."""
    with unit_of_work() as session:
        number = service.phone_to_call(session, by=caller(), delivery_id=delivery_id)
    return _call(delivery_id, number=number)


def _call(delivery_id: int, *, number: str = "") -> str:
    with unit_of_work() as session:
        row = queries.delivery(session, delivery_id)
        person = directory.person(session, row.person_id)
        masked = directory.masked_phone(session, row.person_id)
    part = "_call" if request.headers.get("HX-Request") else "call"
    return _desk(part, row=row, person=person, masked=masked, number=number)


@desk.post("/calls/<int:delivery_id>")
@permit("notifications.call_list")
def phoned(delivery_id: int) -> AnyResponse:
    with unit_of_work() as session:
        service.note_call(
            session,
            by=caller(),
            delivery_id=delivery_id,
            was_reached=request.form.get("outcome") == "reached",
        )
    return redirect(url_for("messages_desk.calls"))


def _desk(name: str, **given: Any) -> str:
    words = {"steps_named": STEPS, "statuses": STATUSES, "reasons": REASONS, "sentence": sentence}
    return render_template(f"notifications/desk/{name}.html", **words, **given)
