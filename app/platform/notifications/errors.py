"""Errors of notifications."""

from app.kit.errors import Conflict, Invalid
from app.kit.i18n import N_


class CallSettled(Conflict):
    code = "notifications.call_settled"
    msgid = N_("这通电话已经有人处理过了，请看下一位。")


class QuietHoursWrong(Invalid):
    code = "notifications.quiet_hours_wrong"
    msgid = N_("免打扰时间请从列表里选，例如 22:00 到 07:00。")


class PhoneUnknown(Conflict):
    code = "notifications.phone_unknown"
    msgid = N_("没有登记电话，请用别的办法联系本人。")
