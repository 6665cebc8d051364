"""What privacy refuses."""

from app.kit.errors import Conflict, Invalid, NotFound, TooMany
from app.kit.i18n import N_


class RevealLimitReached(TooMany):
    code = "privacy.reveal_limit_reached"
    msgid = N_("今天查看完整电话已达 %(limit)s 次，请明天再试或联系管理员。")


class ReasonMissing(Invalid):
    code = "privacy.reason_missing"
    msgid = N_("查看完整电话需要说明用途。")


class StillBelongs(Conflict):
    code = "privacy.still_belongs"
    msgid = N_("这个人还在校，个人信息不能清除。请先办理离校。")


class ExportTooSoon(TooMany):
    code = "privacy.export_too_soon"
    msgid = N_("24 小时内已经申请过一次。做好的文件在下面，可以直接下载；明天可以再申请。")


class ExportNotFound(NotFound):
    code = "privacy.export_not_found"
    msgid = N_("没有找到这份资料文件，请回到“我的个人信息”重新申请。")


class ExportExpired(Conflict):
    code = "privacy.export_expired"
    msgid = N_("这份资料文件已经过期删除，请重新申请一份。")


class AgreementNotFound(NotFound):
    code = "privacy.agreement_not_found"
    msgid = N_("没有找到这项同意，可能已经撤回了。请刷新页面。")
