"""The ladder: push a message by the first channel that reaches the person.

Every call is preceded by its committed intent. An answer is yes, no, or missing; a template message whose
answer is missing is repeated under the same client_msg_id while WeChat still knows it, then left unknown; a
subscription message is never repeated.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

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
from app.platform.notifications.events import MessageQueued
from app.platform.notifications.models import Status
from app.platform.notifications.service import credits, ladder, steps
from app.platform.notifications.service.ladder import Task
from app.platform.notifications.service.steps import DOWN, STOP, Call, Verdict

ASK_AGAIN = timedelta(seconds=30)
A_MINUTE = timedelta(minutes=1)
OF_THE_DAY = 45009
PATIENCE = 3
"""Attempts after which an urgent message takes the next step instead of waiting for WeChat."""


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
        return steps.begin_sms(session, task)


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
