"""The ladder: push a message by the first channel that reaches the person.

Every call is preceded by its committed intent. An answer is yes, no, or missing; a template message whose
answer is missing is repeated under the same client_msg_id while WeChat still knows it, then left unknown; a
subscription message and a text message are never repeated.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.clients.vendor import DuplicateOrder, OutcomeUnknown, Refused, Unavailable, VendorError
from app.clients.wechat import fields
from app.clients.wechat.errors import (
    NoCredit,
    NotFollowing,
    QuotaExceeded,
    WeChatError,
    WeChatRefused,
    WeChatUnavailable,
    WeChatUnknown,
)
from app.kit import clock, failpoint
from app.kit.db import unit_of_work
from app.kit.log import log
from app.kit.outbox import RetryLater
from app.platform.identity import service as identity
from app.platform.notifications.events import MessageQueued, TextQueued
from app.platform.notifications.models import Status
from app.platform.notifications.service import credits, ladder, steps, texts
from app.platform.notifications.service.ladder import Task
from app.platform.notifications.service.steps import DOWN, STOP, Call, Verdict

ASK_AGAIN = timedelta(seconds=30)
A_MINUTE = timedelta(minutes=1)
OF_THE_DAY = 45009
PATIENCE = 3
"""Attempts after which an urgent message takes the next step instead of waiting for WeChat."""
TEXT_PATIENCE = 5
REPORTS_AT_ONCE = 50


def on_message_queued(event: MessageQueued, *, clients: Any) -> None:
    """Climb down the ladder until a step holds. Goes on where an earlier run stopped."""
    with unit_of_work() as session:
        task = ladder.start(session, event.message_id)
        openid = steps.openid_to_ask_about(session, task) if task else None
    if task is None:
        return
    if openid is not None:
        _ask_whether_they_follow(openid, clients)
    for step in task.kind.ladder:
        if STEPS[step](task, clients) == STOP:
            return


def _ask_whether_they_follow(openid: str, clients: Any) -> None:
    try:
        follows = clients.wechat.user_info(openid).follows
    except WeChatError as error:
        log.info("follow_unknown", errcode=error.errcode, error=type(error).__name__)
        return
    if follows:
        with unit_of_work() as session:
            appid = clients.wechat.settings.appid
            identity.note_follow(session, appid, openid, is_following=True, at=clock.now())


def _template(task: Task, clients: Any) -> str:
    try:
        with unit_of_work() as session:
            call = steps.begin_template(session, task)
    except steps.Rests as rest:
        raise RetryLater(rest.delay) from None
    if isinstance(call, str):
        return call
    failpoint.hit("notifications.intended")
    try:
        msgid = clients.wechat.send_template(
            call.openid,
            call.template_id,
            url=clients.base_url + task.link,
            data=_data(task),
            client_msg_id=task.public_id,
        )
    except WeChatUnknown:
        raise RetryLater(ASK_AGAIN) from None
    except WeChatRefused as error:
        return _refused(call, error, clients)
    except WeChatUnavailable as error:
        return _unavailable(task, call, error)
    failpoint.hit("notifications.called")
    return _settle(call, Status.ACCEPTED, msgid=msgid)


def _refused(call: Call, error: WeChatRefused, clients: Any) -> str:
    """A definite no. On a repeat it speaks of now only: the first try may have arrived."""
    log.info("push_refused", delivery=call.delivery_id, errcode=error.errcode, field=error.detail)
    with unit_of_work() as session:
        if isinstance(error, NotFollowing):
            identity.note_follow(
                session, clients.wechat.settings.appid, call.openid, is_following=False, at=clock.now()
            )
        status = Status.UNKNOWN if call.is_repeat else Status.FAILED
        steps.settle(session, call, status, error=str(error.errcode))
    return STOP if call.is_repeat else DOWN


def _unavailable(task: Task, call: Call, error: WeChatUnavailable) -> str:
    """Nothing happened this time. The outbox tries again, later and later; what is urgent moves on."""
    log.warning("push_put_off", delivery=call.delivery_id, errcode=error.errcode, error=type(error).__name__)
    if call.is_repeat:
        raise RetryLater(ASK_AGAIN)
    is_over = isinstance(error, QuotaExceeded) and error.errcode == OF_THE_DAY
    moves_on = task.kind.is_urgent and (is_over or call.attempts >= PATIENCE)
    with unit_of_work() as session:
        status = Status.FAILED if moves_on else Status.QUEUED
        steps.settle(session, call, status, error=str(error.errcode or "unavailable"))
        rest = steps.stop_until_midnight(session, "template") if is_over else A_MINUTE
    if moves_on:
        return DOWN
    if isinstance(error, QuotaExceeded):
        raise RetryLater(rest)
    raise error


def _subscription(task: Task, clients: Any) -> str:
    with unit_of_work() as session:
        call = steps.begin_subscription(session, task)
    if isinstance(call, str):
        return call
    failpoint.hit("notifications.subscription_intended")
    try:
        clients.wechat.send_subscription(
            call.openid, call.template_id, page=clients.base_url + task.link, data=_data(task)
        )
    except WeChatUnknown:
        return _settle(call, Status.UNKNOWN, error="no_answer")
    except (WeChatRefused, WeChatUnavailable) as error:
        return _subscription_failed(call, error)
    return _settle(call, Status.ACCEPTED)


def _subscription_failed(call: Call, error: WeChatRefused | WeChatUnavailable) -> str:
    """Nothing was sent: the credit comes back, unless WeChat says there is none."""
    waits = isinstance(error, WeChatUnavailable) and not isinstance(error, QuotaExceeded)
    with unit_of_work() as session:
        status = Status.QUEUED if waits else Status.FAILED
        if steps.settle(session, call, status, error=str(error.errcode or "unavailable")):
            change = credits.clear if isinstance(error, NoCredit) else credits.add
            change(session, openid=call.openid, template_id=call.template_id)
    if waits:
        raise error
    return DOWN


def _settle(call: Call, status: Status, *, error: str = "", msgid: str = "") -> str:
    with unit_of_work() as session:
        steps.settle(session, call, status, error=error, msgid=msgid)
    return STOP


def _sms(task: Task, clients: Any) -> Verdict:
    with unit_of_work() as session:
        call = steps.begin_sms(session, task, _known(clients))
    return call if isinstance(call, str) else _send_text(call, clients)


def on_text_queued(event: TextQueued, *, clients: Any) -> None:
    """Send a text that stands for no message. Run again after a lost answer it gives up."""
    with unit_of_work() as session:
        call = texts.begin(session, event.text_id, _known(clients))
    if call is not None:
        _send_text(call, clients)


def _known(clients: Any) -> texts.Knows:
    return clients.sms.knows if clients.sms is not None else None


def _send_text(call: texts.TextCall, clients: Any) -> str:
    failpoint.hit("notifications.text_intended")
    try:
        sent = clients.sms.send(
            number=call.number, phone=call.phone, template=call.template, params=call.params
        )
    except (OutcomeUnknown, DuplicateOrder):
        return _settle_text(call, Status.UNKNOWN, error="no_answer")
    except Refused as error:
        return _settle_text(call, Status.FAILED, error=error.code)
    except Unavailable as error:
        if call.attempts >= TEXT_PATIENCE:
            return _settle_text(call, Status.FAILED, error=error.code)
        _settle_text(call, Status.QUEUED, error=error.code)
        raise RetryLater(A_MINUTE) from None
    failpoint.hit("notifications.text_called")
    return _settle_text(call, Status.ACCEPTED, serial=sent.serial)


def _settle_text(call: texts.TextCall, status: Status, *, error: str = "", serial: str = "") -> str:
    with unit_of_work() as session:
        texts.settle(session, call, status, error=error, serial=serial)
        if call.delivery_id is not None:
            steps.settle(session, call, status, error=error, msgid=serial)
    if error:
        log.info("text_not_sent", text=call.text_id, status=status.value, why=error)
    return DOWN if status == Status.FAILED else STOP


def ask_for_text_reports(*, clients: Any) -> None:
    """By the clock: whether accepted text messages arrived. What the gateway does not know yet is asked again."""
    if clients.sms is None:
        return
    with unit_of_work() as session:
        waiting = texts.waiting_for_report(session, limit=REPORTS_AT_ONCE)
    for one in waiting:
        try:
            report = clients.sms.report(serial=one.serial, phone=one.phone, sent_at=one.sent_at)
        except VendorError:
            return  # the line noted it; the next run asks
        if report.state != "waiting":
            with unit_of_work() as session:
                texts.note_report(
                    session,
                    one.text_id,
                    is_delivered=report.state == "delivered",
                    reason=report.reason,
                )


def _call_list(task: Task, clients: Any) -> Verdict:
    with unit_of_work() as session:
        return steps.put_on_call_list(session, task)


def _data(task: Task) -> dict[str, str]:
    """Every field as its type allows; the type is part of the field's name."""
    return {name: fields.fit(name, text % task.params) for name, text in task.kind.fields.items()}


STEPS: dict[str, Callable[[Task, Any], Verdict]] = {
    "template": _template,
    "subscription": _subscription,
    "sms": _sms,
    "call_list": _call_list,
}
