"""What notifications tells the house."""

from datetime import time, timedelta

from flask import Flask

from app.kit.i18n import N_
from app.kit.module import (
    AsFlow,
    InTransaction,
    MenuItem,
    Module,
    Permission,
    Role,
    Schedule,
    Seen,
)
from app.platform.identity.events import PersonUnlinked
from app.platform.notifications import flows, jobs, pages, queries, service
from app.platform.notifications.api import api
from app.platform.notifications.events import MessageQueued, TextQueued
from app.platform.official_account.events import SubscriptionChanged, TemplateSendFinished
from app.platform.privacy.events import ExportReady

READ_LOG, CALL_LIST = "notifications.read_log", "notifications.call_list"


def _start(app: Flask) -> None:
    service.configure(app.extensions["registry"], templates=app.config["WECHAT_TEMPLATES"])
    app.jinja_env.globals["unread_count"] = pages.unread_count


module = Module(
    key="notifications",
    title="消息",
    blueprints=(pages.phone, pages.desk),
    api_blueprints=(api,),
    section="系统",
    menu=(
        MenuItem(
            "请电话",
            "/desk/messages/calls",
            CALL_LIST,
            icon="phone",
            order=50,
            count=lambda session, caller: queries.open_call_count(session),
        ),
        MenuItem("消息记录", "/desk/messages", READ_LOG, icon="bell", order=800),
    ),
    permissions=(
        Permission(READ_LOG, "查看消息发送记录"),
        Permission(CALL_LIST, "给没收到消息的人打电话"),
    ),
    roles=(
        Role("notifications.duty", "值班电话", (CALL_LIST,)),
        Role("notifications.administrator", "消息管理员", (READ_LOG, CALL_LIST)),
    ),
    subscriptions=(
        AsFlow(MessageQueued, flows.on_message_queued),
        AsFlow(TextQueued, flows.on_text_queued),
        InTransaction(TemplateSendFinished, jobs.on_template_send_finished),
        InTransaction(SubscriptionChanged, jobs.on_subscription_changed),
        InTransaction(PersonUnlinked, jobs.on_person_unlinked),
        InTransaction(ExportReady, jobs.on_export_ready),
    ),
    schedules=(
        Schedule("forget_old", jobs.forget_old, daily_at=time(3, 40)),
        Schedule("ask_for_text_reports", flows.ask_for_text_reports, every=timedelta(minutes=1)),
    ),
    export_person=queries.export_person,
    seen=(
        Seen(
            "privacy.phone_revealed",
            "person",
            N_("消息没有送到，打电话告知"),
            (N_("电话"),),
            lambda session, person_id: [str(person_id)],
            reason=CALL_LIST,
        ),
    ),
    erase_person=service.erase_person,
    merge_person=service.merge_person,
    on_app=_start,
)
