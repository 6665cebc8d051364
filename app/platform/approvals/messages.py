"""The messages of approvals. Fields are of the shared templates (samples/wechat-templates.json)."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.kit.module import MessageKind

_CASE = "/m/approvals/%(case_id)s"


def _todo(hint: str) -> Mapping[str, str]:
    return {"thing1": "%(title)s", "name2": "%(who)s", "time3": "%(time)s", "thing4": hint}


def _result(phrase: str) -> Mapping[str, str]:
    return {"thing1": "%(title)s", "phrase2": phrase, "time3": "%(time)s", "thing4": "点开查看"}


KINDS = (
    MessageKind(
        "approvals.asked",
        N_("有一项等您审批"),
        "approval_todo",
        _todo("点开审批"),
        N_("%(who)s 的“%(title)s”等您审批。"),
        _CASE,
        can_be_muted=False,
    ),
    MessageKind(
        "approvals.urged",
        N_("催您审批"),
        "approval_todo",
        _todo("申请人在等，请尽快办理"),
        N_("%(who)s 的“%(title)s”还在等您审批。"),
        _CASE,
    ),
    MessageKind(
        "approvals.returned",
        N_("退回给您修改"),
        "approval_result",
        _result("退回修改"),
        N_("您的“%(title)s”被退回，请修改后再提交。"),
        _CASE,
        can_be_muted=False,
    ),
    MessageKind(
        "approvals.copied",
        N_("抄送给您"),
        "approval_todo",
        _todo("抄送给您，看过即可"),
        N_("%(who)s 的“%(title)s”抄送给您。"),
        _CASE,
    ),
    MessageKind(
        "approvals.approved",
        N_("已批准"),
        "approval_result",
        _result("已批准"),
        N_("您的“%(title)s”已批准。"),
        _CASE,
    ),
    MessageKind(
        "approvals.rejected",
        N_("未批准"),
        "approval_result",
        _result("未批准"),
        N_("您的“%(title)s”没有批准，点开可看原因。"),
        _CASE,
        can_be_muted=False,
    ),
)
