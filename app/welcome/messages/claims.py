"""The kinds of messages that welcome sends. Fields are of the shared templates (samples/wechat-templates.json)."""

from app.kit.i18n import N_
from app.kit.module import MessageKind

CLAIMED = MessageKind(
    "welcome.claimed",
    N_("录取信息已被认领"),
    "account_security",
    {
        "thing1": "认领录取信息",
        "time2": "%(time)s",
        "thing3": "录取信息核对",
        "thing4": "不是本人操作请马上申诉",
    },
    N_("您的录取信息在 %(time)s 被认领。不是您本人操作的，请马上申诉。"),
    "/m/welcome/disputes/",
    ladder=("sms", "template", "subscription"),
    answers_own_act=True,
    can_be_muted=False,
    is_about_identity=True,
)
RELEASED = MessageKind(
    "welcome.claim_released",
    N_("认领已撤销"),
    "account_security",
    {
        "thing1": "撤销录取信息认领",
        "time2": "%(time)s",
        "thing3": "学院核实",
        "thing4": "有疑问请联系学院",
    },
    N_("经学院核实，这个微信在 %(time)s 不再代表所认领的新生。有疑问请提交申诉或联系学院。"),
    "/m/welcome/disputes/",
    ladder=("template", "subscription"),
    can_be_muted=False,
)
ATTACKED = MessageKind(
    "welcome.claims_attacked",
    N_("录取认领出现异常尝试"),
    "service_alert",
    {
        "thing1": "录取认领异常尝试%(count)s次",
        "phrase2": "紧急",
        "time3": "%(time)s",
        "thing4": "请到管理端核查",
    },
    N_("一小时内有 %(count)s 次对不上的录取认领，可能有人在逐个猜测。限制仍然有效，请到管理端核查。"),
    "/desk/welcome/claims/",
    is_urgent=True,
    ladder=("template", "subscription", "sms"),
    can_be_muted=False,
)
DISPUTE_OPENED = MessageKind(
    "welcome.dispute_opened",
    N_("有新的认领申诉"),
    "approval_todo",
    {"thing1": "录取认领申诉", "name2": "新生", "time3": "%(time)s", "thing4": "请核实后处理"},
    N_("有一份录取认领申诉等您核实。"),
    "/desk/welcome/disputes/",
)
DISPUTE_DECIDED = MessageKind(
    "welcome.dispute_decided",
    N_("认领申诉有结果"),
    "approval_result",
    {"thing1": "录取认领申诉", "phrase2": "%(result)s", "time3": "%(time)s", "thing4": "点开查看"},
    N_("您的认领申诉：%(result)s。"),
    "/m/welcome/disputes/",
    can_be_muted=False,
)
GUARDIAN_ASKED = MessageKind(
    "welcome.guardian_asked",
    N_("家长申请查看报到信息"),
    "approval_todo",
    {
        "thing1": "家长查看报到信息",
        "name2": "家长",
        "time3": "%(time)s",
        "thing4": "由您决定是否同意",
    },
    N_("有家长申请查看您的宿舍楼、路线、报到日期和要办的事，由您决定是否同意。"),
    "/m/welcome/guardians/",
    can_be_muted=False,
)
GUARDIAN_DECIDED = MessageKind(
    "welcome.guardian_decided",
    N_("家长查看申请有结果"),
    "approval_result",
    {"thing1": "家长查看报到信息", "phrase2": "%(result)s", "time3": "%(time)s", "thing4": "点开查看"},
    N_("您查看孩子报到信息的申请：%(result)s。"),
    "/m/welcome/guardians/family",
)
KINDS = (
    CLAIMED,
    RELEASED,
    ATTACKED,
    DISPUTE_OPENED,
    DISPUTE_DECIDED,
    GUARDIAN_ASKED,
    GUARDIAN_DECIDED,
)
