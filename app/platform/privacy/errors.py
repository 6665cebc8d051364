"""What privacy refuses."""

from app.kit.errors import Conflict, Invalid, TooMany
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
