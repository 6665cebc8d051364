"""What can be wrong with a leave."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.i18n import N_


class LeaveMissing(NotFound):
    code = "leave.leave_missing"
    msgid = N_("没有找到这张请假单。请从“请假”重新进入。")


class NotAStudent(Forbidden):
    code = "leave.not_a_student"
    msgid = N_("只有在校学生可以请假。如身份不对，请联系辅导员。")


class SpanWrong(Invalid):
    code = "leave.span_wrong"
    msgid = N_("结束时间要晚于开始时间，一次最长 %(days)s 天，请重新选择。")


class TooLateToAsk(Invalid):
    code = "leave.too_late_to_ask"
    msgid = N_("开始时间已经过去。如已离校，请选“紧急情况，先走后补”，或联系辅导员。")


class LeadTimeMissed(Invalid):
    code = "leave.lead_time_missed"
    msgid = N_("这类请假要提前 %(hours)s 小时提交。如情况紧急，请选“紧急情况”，或联系辅导员。")


class FlagMissing(Invalid):
    code = "leave.flag_missing"
    msgid = N_("请选择会不会缺课、离校或不回宿舍，至少一项。")


class ReasonTooShort(Invalid):
    code = "leave.reason_too_short"
    msgid = N_("请写明原因，2 到 500 字。")


class Overlaps(Conflict):
    code = "leave.overlaps"
    msgid = N_("这段时间已有请假（%(span)s）。请改时间，或先撤回原来的。")


class NoPolicy(Conflict):
    code = "leave.no_policy"
    msgid = N_("学校还没有设置这类、这么多天的请假办法，请联系辅导员办理。")


class Blackout(Invalid):
    code = "leave.blackout"
    msgid = N_("“%(title)s”期间（%(span)s）不批这类请假。如有特殊情况，请联系辅导员。")


class ExamsHit(Conflict):
    code = "leave.exams_hit"
    msgid = N_("这段时间有考试（%(courses)s），不能直接请假，请先联系辅导员和教务办理缓考。")


class EvidenceMissing(Invalid):
    code = "leave.evidence_missing"
    msgid = N_("这类请假要附证明，请拍照上传。")


class ConsentMissing(Invalid):
    code = "leave.consent_missing"
    msgid = N_("请假超过 %(days)s 天要家长知情同意，请勾选确认。")


class MovedOn(Conflict):
    code = "leave.moved_on"
    msgid = N_("这张请假单现在是“%(status)s”，不能这样操作。请刷新看看。")


class NotSelf(Forbidden):
    code = "leave.not_self"
    msgid = N_("这类请假要由辅导员、宿管或门岗确认返校，不能自己销假。")


class ExtendedOften(Conflict):
    code = "leave.extended_often"
    msgid = N_("续假次数已用完（最多 %(most)s 次），请联系辅导员。")


class GateMissing(NotFound):
    code = "leave.gate_missing"
    msgid = N_("没有这个校门，或已停用。请从“校门”重新进入。")


class GateNameWrong(Invalid):
    code = "leave.gate_name_wrong"
    msgid = N_("校门名称要填，最多 30 字。")


class GuardianGone(NotFound):
    code = "leave.guardian_gone"
    msgid = N_("家长电话已经收回，或不用您联系。请联系学生本人。")


class GuardianWrong(Invalid):
    code = "leave.guardian_wrong"
    msgid = N_("家长电话还没有保存，请看下面的说明。")


class GateCodeWrong(Invalid):
    code = "leave.gate_code_wrong"
    msgid = N_("闸机编号最多 64 字，不能和别的校门相同，请核对。")


class ScanWrong(Invalid):
    code = "leave.scan_wrong"
    msgid = N_("这条核验记录不完整，没有登记。请重新扫码。")


class SafeTooLong(Conflict):
    code = "leave.safe_too_long"
    msgid = N_("最多可以报平安到应返时间之后 24 小时。再晚请申请续假，或联系辅导员。")


class LinkOver(NotFound):
    code = "leave.link_over"
    msgid = N_("这个链接已失效。请让孩子或辅导员重新发一个。")


class PolicyWrong(Invalid):
    code = "leave.policy_wrong"
    msgid = N_("请假办法有几处不对，请改好再保存。")


class CampaignMissing(NotFound):
    code = "leave.campaign_missing"
    msgid = N_("没有找到这次登记，或不在您的范围内。请从“请假”重新进入。")


class CampaignOver(Conflict):
    code = "leave.campaign_over"
    msgid = N_("这次登记已经截止，不能再填或再改。如有变化，请联系辅导员。")


class StaySettled(Conflict):
    code = "leave.stay_settled"
    msgid = N_("这份留校申请现在不能这样办，可能已有结果、学生已改填或假期已结束。请刷新看看。")


class CampaignWrong(Invalid):
    code = "leave.campaign_wrong"
    msgid = N_("登记有几处不对，请改好再发起。")


class AnswerWrong(Invalid):
    code = "leave.answer_wrong"
    msgid = N_("有几处没有填好，请改好再提交。")


class RemindedToday(Conflict):
    code = "leave.reminded_today"
    msgid = N_("今天已经提醒过一次，明天可以再提醒。急的话，请复制名单发到班级群。")


class BatchMissing(NotFound):
    code = "leave.batch_missing"
    msgid = N_("没有找到这份公假名单，或不在您的范围内。请从“公假名单”重新进入。")


class BatchWrong(Invalid):
    code = "leave.batch_wrong"
    msgid = N_("公假名单有几处不对，请改好再登记。")


class BatchChanged(Conflict):
    code = "leave.batch_changed"
    msgid = N_("核对以后名单又有变化（例如有人刚请了假），还没有登记。请再核对一次下面的名单。")


class BatchRevoked(Conflict):
    code = "leave.batch_revoked"
    msgid = N_("这份公假名单已经收回过了。")


class CalendarWrong(Invalid):
    code = "leave.calendar_wrong"
    msgid = N_("这个日历文件还不能转换，请看下面的说明。")


class PolicyMissing(NotFound):
    code = "leave.policy_missing"
    msgid = N_("没有这条请假办法。请从“请假办法”重新进入。")


class ScreenMissing(NotFound):
    code = "leave.screen_missing"
    msgid = N_("没有这块值班屏，或已停用。请从“值班屏”重新打开。")


class PinWrong(Invalid):
    code = "leave.pin_wrong"
    msgid = N_("PIN 不对，请看下面的说明。")
    WEAK = N_("PIN 是六位数字，至少三种不同的数字。")
    TRIED = N_("PIN 不对。连续错五次要等 15 分钟；忘了请在“值班屏”里换一个。")
