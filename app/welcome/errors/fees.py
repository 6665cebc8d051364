"""What is refused: fees and the green channel."""

from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_


class FeeNotFound(NotFound):
    code = "welcome.fee_not_found"
    msgid = N_("没有找到这项费用，可能已经调整。请返回列表查看。")


class FeeInvalid(Invalid):
    code = "welcome.fee_invalid"
    msgid = N_("有几处需要改一下，已填的内容都在。")


class FeeNotPayable(Conflict):
    code = "welcome.fee_not_payable"
    msgid = N_("这项费用已经交过，或不在这里交。请返回列表查看。")


class DeferralNotFound(NotFound):
    code = "welcome.deferral_not_found"
    msgid = N_("没有找到这份申请，可能已不在您负责的范围。")


class DeferralIncomplete(Invalid):
    code = "welcome.deferral_incomplete"
    msgid = N_("还有几项没有填，已填的内容都在。")
    EITHER = N_("请写明情况，或填贷款受理证明的回执码，两者填一项即可。")
    WHY = N_("请写明原因，申请人会看到。")


class AlreadyAsked(Conflict):
    code = "welcome.deferral_already_asked"
    msgid = N_("您已经提交过申请，请等待审核，不用重复提交。")


class DeferralDecided(Conflict):
    code = "welcome.deferral_decided"
    msgid = N_("这份申请已经处理过，或已撤回，请重新载入看结果。")
