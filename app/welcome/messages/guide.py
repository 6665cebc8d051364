"""Messages of the to-do list and the green channel."""

from app.kit.i18n import N_
from app.kit.module import MessageKind

TO_DO = MessageKind(
    "welcome.to_do",
    N_("入学待办提醒"),
    "approval_todo",
    {
        "thing1": "入学待办%(count)s项未完成",
        "name2": "新生",
        "time3": "%(time)s",
        "thing4": "点开查看今天要办的事",
    },
    N_("还有 %(count)s 项入学必办事项没有完成，最近的截止日期是 %(until)s。"),
    "/m/welcome/items/",
)
DEFERRAL_ASKED = MessageKind(
    "welcome.deferral_asked",
    N_("有新的缓交申请"),
    "approval_todo",
    {"thing1": "绿色通道缓交申请", "name2": "新生", "time3": "%(time)s", "thing4": "请到管理端审核"},
    N_("有一份缓交申请等您审核。"),
    "/desk/welcome/aid/",
)
DEFERRAL_DECIDED = MessageKind(
    "welcome.deferral_decided",
    N_("缴费申请有结果"),
    "approval_result",
    {"thing1": "缴费申请", "phrase2": "%(result)s", "time3": "%(time)s", "thing4": "点开查看"},
    N_("您的缴费申请：%(result)s。"),
    "/m/welcome/fees/",
    can_be_muted=False,
)
KINDS = (TO_DO, DEFERRAL_ASKED, DEFERRAL_DECIDED)
