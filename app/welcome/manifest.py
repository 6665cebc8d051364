"""What welcome tells the house."""

from app.kit.i18n import N_, NP_
from app.kit.module import Card, InTransaction, MenuItem, Module, Permission, Role
from app.welcome import arrival_jobs, arrival_messages, events, jobs, messages, service
from app.welcome.cli import commands
from app.welcome.pages import (
    absent_desk,
    alarms_desk,
    arrival_phone,
    arrivals_desk,
    check_in_desk,
    claim_phone,
    disputes_desk,
    disputes_phone,
    guardians_phone,
    phone,
    steps_desk,
    wall_desk,
)
from app.welcome.queries import claims

READ, IMPORT, CHECK_IN, DISPATCH = (
    "welcome.read",
    "welcome.import",
    "welcome.check_in",
    "welcome.dispatch",
)
EDIT, MODERATE, SETTLE, AID = "welcome.edit", "welcome.moderate", "welcome.settle_claims", "welcome.aid"
UNIT = ("unit", "all")

module = Module(
    key="welcome",
    title=NP_("module", "迎新"),
    owner="学生工作部",
    audiences=("freshman", "visitor"),
    blueprints=(
        phone,
        claim_phone,
        disputes_phone,
        guardians_phone,
        disputes_desk,
        alarms_desk,
        arrival_phone,
        arrivals_desk,
        check_in_desk,
        absent_desk,
        wall_desk,
        steps_desk,
    ),
    card=Card(N_("迎新"), "/m/welcome/", "school", N_("宿舍、室友、到站登记、报到"), order=5),
    menu=(
        MenuItem(
            "认领申诉",
            "/desk/welcome/disputes/",
            SETTLE,
            icon="hand",
            order=30,
            count=claims.open_disputes,
        ),
        MenuItem(
            "认领安全",
            "/desk/welcome/claims/",
            SETTLE,
            icon="shield",
            order=31,
            count=lambda session, caller: claims.open_alarms(session),
        ),
        MenuItem("现场报到", "/desk/welcome/check-in", CHECK_IN, icon="qr", order=40),
        MenuItem("未报到名单", "/desk/welcome/absent", CHECK_IN, icon="people", order=41),
        MenuItem("报到率", "/desk/welcome/wall", READ, icon="chart", order=42),
        MenuItem("报到环节", "/desk/welcome/steps", EDIT, icon="list", order=44),
        MenuItem("接站调度", "/desk/welcome/arrivals", DISPATCH, icon="trip", order=43),
    ),
    message_kinds=messages.KINDS + arrival_messages.KINDS,
    texts=("welcome.claim_code",),
    subscriptions=(
        InTransaction(events.ClaimCodeAsked, jobs.on_claim_code_asked),
        InTransaction(events.AdmissionClaimed, jobs.on_admission_claimed),
        InTransaction(events.AdmissionReleased, jobs.on_admission_released),
        InTransaction(events.ClaimsAttacked, jobs.on_claims_attacked),
        InTransaction(events.DisputeOpened, jobs.on_dispute_opened),
        InTransaction(events.DisputeDecided, jobs.on_dispute_decided),
        InTransaction(events.GuardianAsked, jobs.on_guardian_asked),
        InTransaction(events.GuardianDecided, jobs.on_guardian_decided),
        InTransaction(events.SlotMoved, arrival_jobs.on_slot_moved),
        InTransaction(events.SlotClosed, arrival_jobs.on_slot_closed),
        InTransaction(events.AdmissionRegistered, arrival_jobs.on_admission_registered),
    ),
    commands=(commands,),
    retain=service.retain,
    export_person=service.export_person,
    erase_person=service.erase_person,
    merge_person=service.merge_person,
    permissions=(
        Permission(READ, "查看本学院新生和报到进度"),
        Permission(IMPORT, "导入录取名单和宿舍安排"),
        Permission(CHECK_IN, "现场报到和撤销"),
        Permission(DISPATCH, "接站调度和车次"),
        Permission(EDIT, "维护指南、待办、题库和核验名单"),
        Permission(MODERATE, "审核结伴信息和举报"),
        Permission(SETTLE, "处理认领争议"),
        Permission(AID, "办理绿色通道"),
    ),
    roles=(
        Role(
            "welcome.administrator",
            "迎新管理员",
            (READ, IMPORT, CHECK_IN, DISPATCH, EDIT, MODERATE, SETTLE, AID),
        ),
        Role("welcome.desk", "报到点工作人员", (READ, CHECK_IN), scopes=UNIT),
        Role("welcome.counsellor", "辅导员（迎新）", (READ, SETTLE), scopes=UNIT),
        Role("welcome.dispatcher", "接站调度员", (DISPATCH,)),
        Role("welcome.editor", "迎新内容编辑", (EDIT, MODERATE)),
        Role("welcome.aid", "资助中心", (READ, AID), scopes=UNIT),
    ),
)
