"""What is refused: claims, disputes, guardians."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from app.kit.i18n import N_


class ClaimFailed(Invalid):
    """The one answer to every claim that does not succeed, whatever the reason."""

    code = "welcome.claim_failed"
    msgid = N_(
        "没有认领成功：填写的内容和录取信息对不上。请核对姓名、号码、证件后六位，以及通知书编号或短信验证码。"
        "反复核对仍不行，可以在下面提交申诉。"
    )


class ClaimLimit(TooMany):
    code = "welcome.claim_limit"
    msgid = N_("一小时内最多试 5 次，请过一小时再试。着急办理可以提交申诉，由学院核实。")


class ClaimTooFast(Invalid):
    code = "welcome.claim_too_fast"
    msgid = N_("现在认领的人很多，请核对一遍填写的内容，十秒后再点一次。")


class ClaimIncomplete(Invalid):
    code = "welcome.claim_incomplete"
    msgid = N_("还有几项没有填，已填的内容都在。")
    MISSING = N_("请填写这一项。")
    SIX = N_("请填证件号码的最后六位。")


class ClaimClosed(NotFound):
    code = "welcome.claim_closed"
    msgid = N_("现在还不能认领，请在学校通知的开放日期之后再来。")


class AlreadySomebody(Conflict):
    code = "welcome.already_somebody"
    msgid = N_("这个微信已经绑定了校园身份，不能再认领。请用本人的微信打开。")


class NeedsWeChat(Forbidden):
    code = "welcome.needs_wechat"
    msgid = N_("认领需要在微信里打开这个页面。")


class AlarmClosed(Conflict):
    code = "welcome.alarm_closed"
    msgid = N_("这条告警已经有人处理过了。")


class DisputeNotFound(NotFound):
    code = "welcome.dispute_not_found"
    msgid = N_("没有找到这份申诉，可能已不在您负责的范围。")


class DisputeSettled(Conflict):
    code = "welcome.dispute_settled"
    msgid = N_("这份申诉刚刚有人处理过了，请重新载入看结果。")


class DisputeLimit(TooMany):
    code = "welcome.dispute_limit"
    msgid = N_("您的申诉正在等待核实，请留意消息，不用重复提交。")


class DisputeIncomplete(Invalid):
    code = "welcome.dispute_incomplete"
    msgid = N_("还有几项没有填，已填的内容都在。")
    MISSING = N_("请填写这一项。")
    PHONE = N_("请填写能接通的电话号码。")


class GuardianMoved(Conflict):
    code = "welcome.guardian_moved"
    msgid = N_("您之前的申请刚刚结束了，这一次没有提交。请再点一次申请。")
