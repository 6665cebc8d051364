"""What leave tells the house."""

from datetime import time, timedelta

from app.kit.i18n import N_, NP_
from app.kit.module import AsFlow, Card, InTransaction, MenuItem, Module, Permission, Role, Schedule, Seen
from app.miniapps.leave import campaign_jobs, jobs, parents_jobs, service
from app.miniapps.leave.cli import commands
from app.miniapps.leave.definitions import DEFINITIONS
from app.miniapps.leave.events import (
    BatchMade,
    CampaignOpened,
    CampaignReminded,
    LeaveMoved,
    StayDecided,
    StepClimbed,
)
from app.miniapps.leave.flows import gate_lists, gate_passings
from app.miniapps.leave.imports.desk import DESK, TIMETABLE
from app.miniapps.leave.messages import KINDS
from app.miniapps.leave.pages import (
    answers,
    batches,
    campaigns,
    desk,
    family,
    following,
    gates,
    parents,
    phone,
    policies,
    screens,
    timetable,
)
from app.miniapps.leave.queries.todo import open_things
from app.miniapps.leave.service import guardians, telling_parents
from app.platform.approvals.events import CaseEnded, CaseResumed, CaseReturned
from app.platform.notifications.events import TextEnded
from app.platform.privacy.service import LIST_TAKEN, lists_of

READ, FOLLOW, DORM = "leave.read", "leave.follow", "leave.dorm"
OFFICE, EDIT, GATE = "leave.office", "leave.edit_policies", "leave.gate"
CAMPAIGN, PUBLIC = "leave.campaign", "leave.public"

module = Module(
    key="leave",
    title=NP_("module", "请假"),
    owner="学工处",
    audiences=("student", "staff", "freshman"),
    blueprints=(
        phone,
        answers,
        following,
        gates,
        parents,
        family,
        campaigns,
        batches,
        timetable,
        desk,
        policies,
        screens,
    ),
    card=Card(N_("请假"), "/m/leave/", "calendar", N_("请假、销假、续假"), order=30),
    menu=(
        MenuItem("去向和留校登记", "/desk/leave/campaigns/", CAMPAIGN, icon="trip", order=52),
        MenuItem("请假", "/desk/leave/", READ, icon="calendar", order=50),
        MenuItem("请假办法", "/desk/leave/policies/", EDIT, icon="list", order=55),
        MenuItem("公假名单", "/desk/leave/public/", PUBLIC, icon="school", order=51),
        MenuItem("值班屏", "/desk/leave/screens/", DORM, icon="board", order=54),
        MenuItem("课表和考试", DESK.url, TIMETABLE, icon="calendar", order=56),
        MenuItem("日历文件转课表", "/desk/leave/timetable-ics/", TIMETABLE, icon="file", order=57),
        MenuItem("校门", "/desk/leave/gates/", GATE, icon="qr", order=53),
    ),
    permissions=(
        Permission(READ, "查看请假名单和统计"),
        Permission(FOLLOW, "跟进学生请假：销假、联系记录、点名、收回"),
        Permission(DORM, "查看本楼外出名单，确认返回，晚点名"),
        Permission(OFFICE, "处理全校请假，接收最后一级逾期提醒"),
        Permission(EDIT, "维护请假办法"),
        Permission(GATE, "在校门核验外出码"),
        Permission(CAMPAIGN, "发起去向登记和留校登记，催填，审批留校"),
        Permission(TIMETABLE, "导入课表和考试安排"),
        Permission(PUBLIC, "按名单登记公假，整批收回"),
    ),
    roles=(
        Role("leave.counsellor", "辅导员（请假）", (READ, FOLLOW, CAMPAIGN), scopes=("unit",)),
        Role(
            "leave.college_leader", "学院分管领导（请假）", (READ, FOLLOW, CAMPAIGN, PUBLIC), scopes=("unit",)
        ),
        Role("leave.dorm_manager", "宿管（请假）", (DORM,), scopes=("building", "all")),
        Role("leave.office", "学工处（请假）", (READ, FOLLOW, DORM, OFFICE, EDIT, GATE, CAMPAIGN, PUBLIC)),
        Role("leave.teaching_office", "教务（课表和考试）", (TIMETABLE,)),
        Role("leave.guard", "门岗（请假）", (GATE,)),
    ),
    message_kinds=KINDS,
    texts=tuple(telling_parents.TEXTS.values()),
    subscriptions=(
        InTransaction(CaseEnded, jobs.on_case_ended, wants=jobs.is_ours),
        InTransaction(CaseReturned, jobs.on_case_returned, wants=jobs.is_ours),
        InTransaction(CaseResumed, jobs.on_case_resumed, wants=jobs.is_ours),
        InTransaction(LeaveMoved, jobs.on_leave_moved),
        InTransaction(BatchMade, jobs.on_batch_made),
        InTransaction(StepClimbed, jobs.on_step_climbed),
        InTransaction(LeaveMoved, parents_jobs.on_granted_for_parents, wants=parents_jobs.is_granted),
        InTransaction(LeaveMoved, parents_jobs.on_over_for_parents, wants=parents_jobs.is_over),
        InTransaction(StepClimbed, parents_jobs.on_late_for_parents, wants=parents_jobs.is_late),
        InTransaction(TextEnded, parents_jobs.on_text_ended, wants=parents_jobs.is_to_parents),
        AsFlow(CampaignOpened, campaign_jobs.on_campaign_opened),
        AsFlow(CampaignReminded, campaign_jobs.on_campaign_reminded),
        InTransaction(StayDecided, campaign_jobs.on_stay_decided),
    ),
    schedules=(
        Schedule("follow_the_clock", jobs.follow_the_clock, every=timedelta(minutes=1)),
        Schedule("push_gates", gate_lists.push_by_the_clock, every=timedelta(seconds=30)),
        Schedule("push_gates_whole", gate_lists.push_whole, daily_at=time(3, 15)),
        Schedule("pull_gate_log", gate_passings.pull_by_the_clock, every=timedelta(minutes=1)),
        Schedule("end_stays", campaign_jobs.end_stays, every=timedelta(hours=1)),
    ),
    retain=service.retain,
    export_person=service.export_person,
    erase_person=service.erase_person,
    merge_person=service.merge_person,
    agreements=service.agreements,
    withdraw=service.withdraw_guardian,
    seen=(
        Seen(
            "leave.parents_told",
            "person",
            N_("按请假办法短信告诉家长"),
            (N_("姓名（隐去部分）"), N_("请假时间")),
            lambda session, person_id: [str(person_id)],
        ),
        Seen(
            guardians.PHONE_SEEN,
            "person",
            N_("短信没有告诉到家长，看家长电话"),
            (N_("家长电话"),),
            lambda session, person_id: [str(person_id)],
        ),
        Seen(
            LIST_TAKEN,
            "list",
            N_("导出去向和留校登记"),
            (N_("姓名和学号"), N_("学院、班级和专业"), N_("去向和离返校时间")),
            lists_of,
            "leave.campaign",
        ),
        Seen(
            LIST_TAKEN,
            "list",
            N_("导出请假名单"),
            (N_("姓名和学号"), N_("学院、班级和专业"), N_("请假类型和时间")),
            lists_of,
            "leave.leaves",
        ),
        Seen(
            LIST_TAKEN,
            "list",
            N_("门岗核验用的放行名单"),
            (N_("学号"), N_("姓名（隐去部分）"), N_("离校和返校时间")),
            lists_of,
            "leave.gate",
        ),
    ),
    commands=(commands,),
    open_things=open_things,
    definitions=DEFINITIONS,
    list_desks=(DESK,),
)
