"""The kinds of messages that electricity sends. Fields are of the shared templates (samples/wechat-templates.json)."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.kit.module import MessageKind

_TOP_UP = "/m/electricity/top-ups/%(top_up_id)s"
_HOME = "/m/electricity/?room=%(binding_id)s"


def _paid(status: str) -> Mapping[str, str]:
    return {
        "thing1": "电费 %(room)s",
        "amount2": "%(amount)s",
        "phrase3": status,
        "time4": "%(time)s",
        "character_string5": "%(number)s",
    }


KINDS = (
    MessageKind(
        "electricity.applied",
        N_("电费已到账"),
        "payment_result",
        _paid("已到账"),
        N_("%(room)s 充值 %(amount)s 已到账。"),
        _TOP_UP,
        answers_own_act=True,
    ),
    MessageKind(
        "electricity.abandoned",
        N_("电费未到账，正在退款"),
        "payment_result",
        _paid("退款中"),
        N_("%(room)s 充值 %(amount)s 没有到账，钱正在原路退回。"),
        _TOP_UP,
        can_be_muted=False,
    ),
    MessageKind(
        "electricity.roommate_topped_up",
        N_("室友充值了"),
        "payment_result",
        _paid("室友已充"),
        N_("%(who)s 给 %(room)s 充了 %(amount)s。"),
        _HOME,
    ),
    MessageKind(
        "electricity.low",
        N_("电量不足"),
        "service_notice",
        {
            "thing1": "电量不足",
            "thing2": "%(room)s",
            "time3": "%(time)s",
            "thing4": "剩余%(kwh)s度，点开充值",
        },
        N_("%(room)s 还剩 %(kwh)s 度，请及时充值。"),
        _HOME,
    ),
    MessageKind(
        "electricity.case_answered",
        N_("电费问题已答复"),
        "approval_result",
        {"thing1": "%(kind)s", "phrase2": "已答复", "time3": "%(time)s", "thing4": "%(answer)s"},
        N_("您报的“%(kind)s”已答复：%(answer)s"),
        _TOP_UP,
        can_be_muted=False,
    ),
    MessageKind(
        "electricity.consent_asked",
        N_("有人申请绑定您的房间"),
        "approval_todo",
        {
            "thing1": "绑定 %(room)s",
            "name2": "%(who)s",
            "time3": "%(time)s",
            "thing4": "同意后可以查看余额和充值",
        },
        N_("%(who)s 申请绑定 %(room)s 的电费，同意后可以查看余额和充值。"),
        "/m/electricity/rooms",
    ),
    MessageKind(
        "electricity.consent_given",
        N_("房间绑定申请有结果"),
        "approval_result",
        {"thing1": "绑定 %(room)s", "phrase2": "%(result)s", "time3": "%(time)s", "thing4": "点开查看"},
        N_("您绑定 %(room)s 电费的申请：%(result)s。"),
        "/m/electricity/rooms",
    ),
)
