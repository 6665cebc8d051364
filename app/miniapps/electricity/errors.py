"""What can be wrong with electricity, in words that say what to do."""

from app.kit.errors import Conflict, Invalid, NotFound, TooMany, Unavailable
from app.kit.i18n import N_


class BindingNotFound(NotFound):
    code = "electricity.binding_not_found"
    msgid = N_("没有找到这间房。请从“我的房间”进入。")


class RoomNotServed(Invalid):
    code = "electricity.room_not_served"
    msgid = N_("这间房暂时不能在这里查电费。请联系宿管。")


class NotOnRoster(Invalid):
    code = "electricity.not_on_roster"
    msgid = N_("这栋楼按住宿名单绑定，名单上您不住这间房。如有出入，请联系宿管。")


class AlreadyBound(Conflict):
    code = "electricity.already_bound"
    msgid = N_("这间房已经绑定或正在等同意，不用再申请。")


class RequestGone(Conflict):
    code = "electricity.request_gone"
    msgid = N_("这个申请已经有人处理过了。")


class TooManyRequests(Conflict):
    code = "electricity.too_many_requests"
    msgid = N_("您已有 3 个申请在等同意。请等答复，或先撤回一个。")


class AmountOutOfRange(Invalid):
    code = "electricity.amount_out_of_range"
    msgid = N_("每次可充 %(least)s 到 %(most)s，按 %(step)s 的整数倍。")


class DayLimitReached(Invalid):
    code = "electricity.day_limit_reached"
    msgid = N_("您今天还可以充 %(left)s。每人每天最多 %(most)s。")


class MeterUnknown(Invalid):
    code = "electricity.meter_unknown"
    msgid = N_("请选择要充哪一块表。")


class OutOfHours(Unavailable):
    code = "electricity.out_of_hours"
    msgid = N_("现在不是充值时间（%(since)s 到 %(until)s），没有扣款。请到时再来。")


class VendorAway(Unavailable):
    code = "electricity.vendor_away"
    msgid = N_("电费系统暂时连不上，现在充值不能及时到账，所以没有扣款。请过几分钟再试。")


class ReadingTooOften(TooMany):
    code = "electricity.reading_too_often"
    msgid = N_("查询太频繁了，先显示上一次的余额。请一分钟后再刷新。")


class TopUpNotFound(NotFound):
    code = "electricity.top_up_not_found"
    msgid = N_("没有找到这笔充值。请从“充值记录”进入。")


class CaseTooEarly(Conflict):
    code = "electricity.case_too_early"
    msgid = N_("这笔还在到账时间内，请在 %(time)s 之后再报未到账。")


class CaseTooLate(Conflict):
    code = "electricity.case_too_late"
    msgid = N_("充错房间要在充值后 %(hours)s 小时内提出。请直接联系服务热线。")


class CaseImpossible(Conflict):
    code = "electricity.case_impossible"
    msgid = N_("这笔充值现在的状态不用报这个问题，请刷新页面看最新进度。")


class CaseOpenAlready(Conflict):
    code = "electricity.case_open_already"
    msgid = N_("这笔充值已经有一个问题在处理，请等答复。")


class CaseNotFound(NotFound):
    code = "electricity.case_not_found"
    msgid = N_("没有找到这个问题单。请从列表重新进入。")


class CaseMovedOn(Conflict):
    code = "electricity.case_moved_on"
    msgid = N_("这个问题单刚刚被别人处理了，请重新载入。")


class NoteMissing(Invalid):
    code = "electricity.note_missing"
    msgid = N_("请写清楚情况（至少 4 个字），对方会看到。")


class ThresholdInvalid(Invalid):
    code = "electricity.threshold_invalid"
    msgid = N_("提醒值请填 1 到 200 之间的度数。")


class ShareImpossible(Invalid):
    code = "electricity.share_impossible"
    msgid = N_("只能和现在绑定这间房的室友分摊已到账的充值。")
