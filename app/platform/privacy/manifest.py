"""What privacy tells the house."""

from datetime import time, timedelta

from sqlalchemy.orm import Session

from app.kit.i18n import N_, NP_
from app.kit.module import AsFlow, MessageKind, Module, Permission, Schedule, Seen
from app.platform.privacy import cli, jobs, pages, service
from app.platform.privacy.events import ExportAsked

EXPORT_READY = MessageKind(
    "privacy.export_ready",
    N_("资料导出结果"),
    "approval_result",
    {"thing1": "导出我的资料", "phrase2": "已完成", "time3": "%(time)s", "thing4": "点开下载，7天后自动删除"},
    N_("您申请导出的个人资料已经整理好，请在 %(until)s 前下载，过期自动删除。"),
    "/m/privacy/",
    answers_own_act=True,
)


def _retain(session: Session) -> int:
    return service.forget_exports(session) + service.forget_lists(session)


def _merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    service.merge_exports(session, from_id=from_id, into_id=into_id)
    service.merge_lists(session, from_id=from_id, into_id=into_id)


module = Module(
    key="privacy",
    title=NP_("module", "个人信息"),
    blueprints=(pages.phone,),
    permissions=(Permission("privacy.reveal_phone", "查看完整电话号码（逐次留痕，每日限次）"),),
    message_kinds=(EXPORT_READY,),
    subscriptions=(AsFlow(ExportAsked, jobs.on_export_asked),),
    schedules=(
        Schedule("apply_retention", jobs.apply_retention, daily_at=time(3, 10)),
        Schedule("delete_old_exports", jobs.delete_old_exports, every=timedelta(hours=1)),
    ),
    commands=(cli.privacy,),
    seen=(
        Seen(
            "privacy.phone_revealed",
            "person",
            N_("查看完整电话"),
            (N_("电话"),),
            lambda session, person_id: [str(person_id)],
        ),
        Seen(
            "privacy.person_exported",
            "person",
            N_("按您的要求整理个人资料副本"),
            (N_("全部资料"),),
            lambda session, person_id: [str(person_id)],
        ),
        Seen(service.LIST_TAKEN, "list", N_("导出名单"), (N_("姓名"),), service.lists_of),
    ),
    retain=_retain,
    erase_person=service.erase_exports,
    merge_person=_merge_person,
    on_app=jobs.configure,
)
