"""What welcome tells the house."""

from datetime import time, timedelta

from app.kit.i18n import N_, NP_
from app.kit.module import AsFlow, Card, InTransaction, MenuItem, Module, Permission, Role, Schedule, Seen
from app.payments.events import PaymentSucceeded, RefundSucceeded
from app.platform.privacy.service import LIST_TAKEN, lists_of
from app.welcome import events, pages, service
from app.welcome.cli import commands
from app.welcome.flows import cards as card_flows
from app.welcome.flows import fees as fee_flows
from app.welcome.imports.desk import DESK as LIST_DESK
from app.welcome.jobs import arrivals as arrival_jobs
from app.welcome.jobs import claims as claim_jobs
from app.welcome.jobs import guide as guide_jobs
from app.welcome.jobs import peers as peer_jobs
from app.welcome.messages import arrivals as arrival_messages
from app.welcome.messages import claims as claim_messages
from app.welcome.messages import guide as guide_messages
from app.welcome.messages import peers as peer_messages
from app.welcome.queries import claims, fees, moderation, records
from app.welcome.service import agreements

READ, IMPORT, CHECK_IN, FOLLOW_UP, DISPATCH = (
    "welcome.read",
    "welcome.import",
    "welcome.check_in",
    "welcome.follow_up",
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
        pages.phone,
        pages.claim_phone,
        pages.disputes_phone,
        pages.guardians_phone,
        pages.disputes_desk,
        pages.alarms_desk,
        pages.dorm_phone,
        pages.dorm_desk,
        pages.companions_phone,
        pages.moderation_desk,
        pages.arrival_phone,
        pages.arrivals_desk,
        pages.check_in_desk,
        pages.absent_desk,
        pages.wall_desk,
        pages.steps_desk,
        pages.items_phone,
        pages.items_desk,
        pages.quiz_phone,
        pages.quiz_desk,
        pages.guides_phone,
        pages.guides_desk,
        pages.verify_phone,
        pages.contacts_desk,
        pages.fees_phone,
        pages.fees_desk,
        pages.aid_desk,
    ),
    card=Card(N_("迎新"), "/m/welcome/", "school", N_("宿舍、室友、到站登记、报到"), order=5),
    menu=(
        MenuItem("导入名单", "/desk/welcome/import", IMPORT, icon="file", order=29),
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
        MenuItem(
            "结伴审核",
            "/desk/welcome/moderation",
            MODERATE,
            icon="shield",
            order=37,
            count=moderation.waiting,
        ),
        MenuItem("路线和辅导员", "/desk/welcome/dorm", EDIT, icon="pin", order=38),
        MenuItem("新生待办", "/desk/welcome/items/", READ, icon="todo", order=32),
        MenuItem("安全测试", "/desk/welcome/quiz/", EDIT, icon="shield", order=33),
        MenuItem("入学指南", "/desk/welcome/guides/", EDIT, icon="file", order=34),
        MenuItem("核验名单", "/desk/welcome/contacts/", EDIT, icon="shield", order=35),
        MenuItem("入学费用", "/desk/welcome/fees/", EDIT, icon="money", order=36),
        MenuItem("绿色通道", "/desk/welcome/aid/", AID, icon="hand", order=36, count=fees.open_deferrals),
        MenuItem("现场报到", "/desk/welcome/check-in", CHECK_IN, icon="qr", order=40),
        MenuItem("未报到名单", "/desk/welcome/absent", FOLLOW_UP, icon="people", order=41),
        MenuItem("报到率", "/desk/welcome/wall", READ, icon="chart", order=42),
        MenuItem("报到环节", "/desk/welcome/steps", EDIT, icon="list", order=44),
        MenuItem("接站调度", "/desk/welcome/arrivals", DISPATCH, icon="trip", order=43),
    ),
    message_kinds=claim_messages.KINDS + peer_messages.KINDS + arrival_messages.KINDS + guide_messages.KINDS,
    texts=("welcome.claim_code",),
    subscriptions=(
        InTransaction(events.ClaimCodeAsked, claim_jobs.on_claim_code_asked),
        InTransaction(events.AdmissionClaimed, claim_jobs.on_admission_claimed),
        InTransaction(events.AdmissionReleased, claim_jobs.on_admission_released),
        InTransaction(events.ClaimsAttacked, claim_jobs.on_claims_attacked),
        InTransaction(events.DisputeOpened, claim_jobs.on_dispute_opened),
        InTransaction(events.DisputeDecided, claim_jobs.on_dispute_decided),
        InTransaction(events.GuardianAsked, claim_jobs.on_guardian_asked),
        InTransaction(events.GuardianDecided, claim_jobs.on_guardian_decided),
        AsFlow(events.CardWanted, card_flows.on_card_wanted),
        InTransaction(events.ExchangeAsked, peer_jobs.on_exchange_asked),
        InTransaction(events.ExchangeAccepted, peer_jobs.on_exchange_accepted),
        InTransaction(events.JoinAsked, peer_jobs.on_join_asked),
        InTransaction(events.JoinAccepted, peer_jobs.on_join_accepted),
        InTransaction(events.CompanionWrote, peer_jobs.on_companion_wrote),
        InTransaction(events.NoteDecided, peer_jobs.on_note_decided),
        InTransaction(events.ReportSettled, peer_jobs.on_report_settled),
        InTransaction(events.SlotMoved, arrival_jobs.on_slot_moved),
        InTransaction(events.SlotClosed, arrival_jobs.on_slot_closed),
        InTransaction(events.AdmissionRegistered, arrival_jobs.on_admission_registered),
        InTransaction(PaymentSucceeded, guide_jobs.on_payment_succeeded, wants=guide_jobs.is_ours),
        InTransaction(RefundSucceeded, guide_jobs.on_refund_succeeded),
        InTransaction(events.DeferralAsked, guide_jobs.on_deferral_asked),
        InTransaction(events.DeferralSettled, guide_jobs.on_deferral_settled),
    ),
    fulfiller=fee_flows.fulfiller,
    list_desks=(LIST_DESK,),
    schedules=(
        Schedule("close_past_posts", peer_jobs.close_past_posts, every=timedelta(minutes=30)),
        Schedule("remind_to_do", guide_jobs.remind, daily_at=time(17, 0)),
    ),
    commands=(commands,),
    retain=service.retain,
    export_person=service.export_person,
    erase_person=service.erase_person,
    merge_person=service.merge_person,
    seen=(
        Seen(
            "welcome.card_seen",
            "admission",
            N_("迎新现场报到"),
            (N_("姓名"), N_("学院、班级和专业"), N_("宿舍"), N_("录取编号后几位")),
            records.admissions_of,
        ),
        Seen(
            "welcome.dispute_phone_revealed",
            "dispute",
            N_("处理认领申诉"),
            (N_("电话"),),
            records.disputes_of,
        ),
        Seen(
            LIST_TAKEN,
            "list",
            N_("导出未报到名单，逐个联系"),
            (N_("姓名"), N_("学院、班级和专业"), N_("报到状态")),
            lists_of,
            "welcome.absent",
        ),
        Seen(
            LIST_TAKEN,
            "list",
            N_("导出接站名单，交给司机"),
            (N_("姓氏"), N_("到站时间和人数")),
            lists_of,
            "welcome.drivers",
        ),
        Seen(
            LIST_TAKEN,
            "list",
            N_("报到点断网时用的名单"),
            (N_("姓名（隐去部分）"), N_("学院"), N_("报到状态")),
            lists_of,
            "welcome.offline",
        ),
    ),
    agreements=agreements.agreements,
    withdraw=agreements.withdraw,
    permissions=(
        Permission(READ, "查看本学院新生和报到进度"),
        Permission(IMPORT, "导入录取名单和宿舍安排"),
        Permission(CHECK_IN, "现场报到和撤销"),
        Permission(FOLLOW_UP, "跟进未报到的新生，登记请假、保留资格和放弃入学"),
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
            (READ, IMPORT, CHECK_IN, FOLLOW_UP, DISPATCH, EDIT, MODERATE, SETTLE, AID),
        ),
        Role("welcome.desk", "报到点工作人员", (READ, CHECK_IN, FOLLOW_UP), scopes=UNIT),
        Role("welcome.counsellor", "辅导员（迎新）", (READ, FOLLOW_UP, SETTLE), scopes=UNIT),
        Role("welcome.dispatcher", "接站调度员", (DISPATCH,)),
        Role("welcome.editor", "迎新内容编辑", (EDIT, MODERATE)),
        Role("welcome.aid", "资助中心", (READ, AID), scopes=UNIT),
    ),
)
