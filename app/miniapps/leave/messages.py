"""The messages of leave. Fields are of the shared templates (samples/wechat-templates.json)."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.kit.module import MessageKind

_MINE = "/m/leave/%(leave_id)s"
_THEIRS = "/m/leave/class/%(leave_id)s"
_TEACHERS = ("template", "subscription")
_CAMPAIGN = "/m/leave/campaigns/%(campaign_id)s"


def _status(phrase: str, hint: str) -> Mapping[str, str]:
    return {"name1": "%(who)s", "phrase2": phrase, "time3": "%(due)s", "thing4": hint}


def _asked(phrase: str, hint: str) -> Mapping[str, str]:
    return {"name1": "%(who)s", "phrase2": phrase, "time3": "%(deadline)s", "thing4": hint}


def _again(phrase: str, hint: str) -> Mapping[str, str]:
    """To who may not stay: `until` is how long he may say something else."""
    return {"name1": "%(who)s", "phrase2": phrase, "time3": "%(until)s", "thing4": hint}


KINDS = (
    MessageKind(
        "leave.approved",
        N_("请假已批准"),
        "leave_status",
        _status("已批准", "按时返校并销假"),
        N_("您 %(span)s 的请假已批准，请在 %(due)s 前返校销假。"),
        _MINE,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.rejected",
        N_("请假未批准"),
        "leave_status",
        _status("未批准", "点开查看原因"),
        N_("您 %(span)s 的请假没有批准，点开可看原因。"),
        _MINE,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.revoked",
        N_("请假被收回"),
        "leave_status",
        _status("已收回", "请联系辅导员"),
        N_("您 %(span)s 的请假被收回，请在 %(due)s 前返校，或联系辅导员。"),
        _MINE,
        can_be_muted=False,
        is_urgent=True,
    ),
    MessageKind(
        "leave.soon",
        N_("快到返校时间了"),
        "leave_status",
        _status("待返校", "回不来请提前续假"),
        N_("请在 %(due)s 前返校销假；回不来请提前续假。"),
        _MINE,
    ),
    MessageKind(
        "leave.due",
        N_("到返校时间了"),
        "leave_status",
        _status("应返校", "平安但晚到点开说一声"),
        N_("已到返校时间（%(due)s）。到校请销假；平安但晚到，点开说一声几点回。"),
        _MINE,
        is_urgent=True,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.overdue",
        N_("学生逾期未归"),
        "leave_status",
        _status("逾期未归", "请联系并记录结果"),
        N_("%(who)s 应在 %(due)s 返校，还没有销假。请联系本人并记录结果。"),
        _THEIRS,
        is_urgent=True,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.gone_before",
        N_("学生假已取消，人已出校"),
        "leave_status",
        _status("已出校", "请联系并记录结果"),
        N_(
            "%(who)s 的请假取消、收回或到期前，已在 %(at)s 出校，现按外出等他在 %(due)s 前返校。请联系本人并记录结果。"
        ),
        _THEIRS,
        is_urgent=True,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.safe",
        N_("学生报了平安"),
        "leave_status",
        _status("平安晚归", "学生已说明返校时间"),
        N_("%(who)s 报了平安，说 %(until)s 前回来。"),
        _THEIRS,
    ),
    MessageKind(
        "leave.campaign",
        N_("请登记去向"),
        "leave_status",
        _asked("待填写", "%(title)s"),
        N_("%(title)s：请在 %(deadline)s 前填好，只要几下。"),
        _CAMPAIGN,
    ),
    MessageKind(
        "leave.campaign_reminder",
        N_("还没有登记去向"),
        "leave_status",
        _asked("待填写", "还没有填，请尽快"),
        N_("%(title)s：您还没有填，请在 %(deadline)s 前填好。"),
        _CAMPAIGN,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.stay_confirmed",
        N_("留校已准"),
        "leave_status",
        _asked("已准", "请遵守假期住宿安排"),
        N_("%(title)s：您的留校已准。"),
        _CAMPAIGN,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.stay_declined",
        N_("留校未准"),
        "leave_status",
        _again("未准", "点开看原因"),
        N_("%(title)s：您的留校未准，点开可看原因。%(then)s"),
        _CAMPAIGN,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.stay_revoked",
        N_("留校被收回"),
        "leave_status",
        _again("已收回", "点开看原因"),
        N_("%(title)s：您已准的留校被收回。%(then)s原因：%(reason)s"),
        _CAMPAIGN,
        is_urgent=True,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.stay_terminated",
        N_("留校审批被终止"),
        "leave_status",
        _again("已终止", "点开看怎么办"),
        N_("%(title)s：您的留校审批被管理员终止，没有结果。%(then)s"),
        _CAMPAIGN,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.stay_lapsed",
        N_("留校到期未批"),
        "leave_status",
        _again("未准", "假期已结束，不用改填"),
        N_("%(title)s：到假期结束，您的留校没有批准，不用再改填。如有疑问，请联系辅导员。"),
        _CAMPAIGN,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.stay_taken_back",
        N_("已准的留校被收回"),
        "leave_status",
        {"name1": "%(who)s", "phrase2": "已收回", "time3": "%(at)s", "thing4": "您批准过的留校"},
        N_("%(who)s 的假期留校（%(title)s）您批准过，现已由学工处或发起人收回。原因：%(reason)s"),
        "/m/approvals/%(case_id)s",
    ),
    MessageKind(
        "leave.stay_left",
        N_("留校申请已结束"),
        "leave_status",
        _again("已结束", "名册有误请联系辅导员"),
        N_(
            "%(title)s：学校名册上您已不在校，留校申请没有批完就结束了。如名册有误，请联系辅导员，改正后再填。"
        ),
        _CAMPAIGN,
        ladder=(),  # for the centre: most have left indeed
        can_be_muted=False,
    ),
    MessageKind(
        "leave.public_list",
        N_("学生获准公假"),
        "leave_status",
        _status("公假", "%(title)s"),
        N_("%(title)s：%(who)s共 %(count)s 人 %(span)s 公假，已登记，不用审批。"),
        "/m/leave/class/?view=coming",
    ),
    MessageKind(
        "leave.lessons_missed",
        N_("学生请假缺课"),
        "leave_status",
        {"name1": "%(name)s", "phrase2": "请假缺课", "time3": "%(due)s", "thing4": "%(lessons)s"},
        N_("%(who)s请假，缺您的课：%(lessons)s。"),
        "/m/messages",
        ladder=_TEACHERS,
    ),
    MessageKind(
        "leave.lessons_back",
        N_("学生不再缺课"),
        "leave_status",
        {"name1": "%(name)s", "phrase2": "不再缺课", "time3": "%(due)s", "thing4": "%(lessons)s"},
        N_("%(who)s的请假提前结束或已收回，这些课会来上：%(lessons)s。"),
        "/m/messages",
        ladder=_TEACHERS,
    ),
    MessageKind(
        "leave.parents_not_told",
        N_("家长没有告诉到"),
        "leave_status",
        _status("待联系家长", "请电话联系家长并记录"),
        N_("按请假办法要告诉 %(who)s 的家长，但%(why)s。请电话联系家长并记录（应返 %(due)s）。"),
        _THEIRS,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.gates_odd",
        N_("闸机记录时间不对"),
        "service_alert",
        {
            "thing1": "闸机记录时间不对",
            "phrase2": "待处理",
            "time3": "%(since)s",
            "thing4": "请联系保卫处或厂商",
        },
        N_(
            "闸机送来的通行记录有 %(count)s 条时间不对（太早或在将来）或没有收下，可能漏记学生返校。"
            "请联系保卫处或闸机厂商校对时钟。"
        ),
        "/desk/leave/gates/",
        can_be_muted=False,
    ),
    MessageKind(
        "leave.gates_log_late",
        N_("闸机记录没有读到"),
        "leave_status",
        _status("待核实", "可能已返校，先问本人"),
        N_(
            "%(who)s 应在 %(due)s 返校，还没有销假；但闸机的通行记录从 %(since)s 起没有读到，可能已经返校。"
            "没有给家长发短信，请先联系本人核实并记录。"
        ),
        _THEIRS,
        is_urgent=True,
        can_be_muted=False,
    ),
    MessageKind(
        "leave.gates_silent",
        N_("闸机没有收下名单"),
        "service_alert",
        {
            "thing1": "闸机没有收下名单",
            "phrase2": "待处理",
            "time3": "%(since)s",
            "thing4": "请联系保卫处或厂商",
        },
        N_(
            "闸机从 %(since)s 起没有收下放行名单，或通行记录读不到。门岗可先用扫码页核验，请联系保卫处或闸机厂商。"
        ),
        "/desk/leave/gates/",
        is_urgent=True,
        can_be_muted=False,
    ),
)
