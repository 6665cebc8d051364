"""The field's own words for kinds and states."""

from app.kit.i18n import N_
from app.miniapps.leave.models import (
    CampaignKind,
    CountMode,
    DayCount,
    LeaveKind,
    LeaveStatus,
    StayReason,
    StayState,
    Whereto,
)

KIND_LABELS = {
    LeaveKind.CASUAL: N_("事假"),
    LeaveKind.SICK: N_("病假"),
    LeaveKind.PUBLIC: N_("公假"),
    LeaveKind.FAMILY: N_("婚丧假"),
    LeaveKind.INTERNSHIP: N_("实习"),
    LeaveKind.NIGHT: N_("晚归或不归宿"),
    LeaveKind.DAY_STUDENT: N_("走读（按月）"),
}
STATUS_LABELS = {
    LeaveStatus.APPROVING: N_("审批中"),
    LeaveStatus.CHANGING: N_("待修改"),
    LeaveStatus.APPROVED: N_("已批准"),
    LeaveStatus.OUT: N_("外出中"),
    LeaveStatus.OVERDUE: N_("逾期未归"),
    LeaveStatus.CLOSED: N_("已销假"),
    LeaveStatus.REJECTED: N_("未批准"),
    LeaveStatus.WITHDRAWN: N_("已撤回"),
    LeaveStatus.CANCELLED: N_("已取消"),
    LeaveStatus.EXPIRED: N_("过期未用"),
    LeaveStatus.EXTENDED: N_("已续假"),
    LeaveStatus.REVOKED: N_("已收回"),
}
STATUS_COLOURS = {
    LeaveStatus.APPROVING: "wait",
    LeaveStatus.CHANGING: "ask",
    LeaveStatus.APPROVED: "go",
    LeaveStatus.OUT: "go",
    LeaveStatus.OVERDUE: "bad",
    LeaveStatus.CLOSED: "done",
    LeaveStatus.REJECTED: "bad",
    LeaveStatus.WITHDRAWN: "off",
    LeaveStatus.CANCELLED: "off",
    LeaveStatus.EXPIRED: "off",
    LeaveStatus.EXTENDED: "done",
    LeaveStatus.REVOKED: "bad",
}
CAMPAIGN_LABELS = {CampaignKind.TRIP: N_("去向登记"), CampaignKind.STAY: N_("留校登记")}
WHERETO_LABELS = {Whereto.HOME: N_("回家"), Whereto.AWAY: N_("去外地"), Whereto.STAY: N_("留校")}
STAY_REASONS = {
    StayReason.STUDY: N_("学习备考"),
    StayReason.RESEARCH: N_("科研实验"),
    StayReason.WORK: N_("实习或勤工助学"),
    StayReason.FAR: N_("路途远"),
    StayReason.OTHER: N_("其他"),
}
STAY_STATES = {
    StayState.GIVEN: N_("已填写"),
    StayState.WAITING: N_("留校申请中"),
    StayState.CONFIRMED: N_("留校已准"),
    StayState.DECLINED: N_("留校未准"),
    StayState.LAPSED: N_("留校到期未批"),
}
STAY_COLOURS = {
    StayState.GIVEN: "done",
    StayState.WAITING: "wait",
    StayState.CONFIRMED: "done",
    StayState.DECLINED: "bad",
    StayState.LAPSED: "off",
}
COUNT_LABELS = {
    CountMode.SINGLE: N_("单次计算"),
    CountMode.SAME_KIND: N_("同类本学期累计"),
    CountMode.TERM: N_("所有请假本学期累计"),
}
DAY_LABELS = {DayCount.NATURAL: N_("自然日"), DayCount.TEACHING: N_("工作日（按校历）")}
EVIDENCE_LABELS = {"none": N_("不要证明"), "later": N_("可以后补证明"), "now": N_("提交时要有证明")}
PARENTS_LABELS = {
    "none": N_("不告诉"),
    "link": N_("本人或辅导员发链接"),
    "sms": N_("短信告诉家长"),
}
PARENTS_WHEN = {
    "both": N_("批准时和逾期 3 小时"),
    "approved": N_("批准时"),
    "overdue": N_("逾期 3 小时"),
}
RELATIONS = {"father": N_("父亲"), "mother": N_("母亲"), "other": N_("其他家长")}
TIMES = {"out_at": N_("离校时间"), "returned_at": N_("返校时间")}
