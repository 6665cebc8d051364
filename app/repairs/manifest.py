"""What repairs tells the house."""

from datetime import timedelta

from app.kit.i18n import N_, NP_
from app.kit.module import Card, ChatWord, InTransaction, MenuItem, Module, Permission, Role, Schedule, Seen
from app.platform.files.events import PhotoRefused
from app.platform.official_account.events import SceneScanned
from app.repairs.api import api
from app.repairs.chat import answer_number, answer_report
from app.repairs.cli import commands
from app.repairs.events import TicketMoved
from app.repairs.jobs import on_photo_refused, on_scene_scanned, on_ticket_moved, sweep_tickets
from app.repairs.messages import KINDS, is_told
from app.repairs.pages import desk, doors, phone
from app.repairs.queries import export_person, open_things, ticket_ids_of, waiting
from app.repairs.service.people import erase_person, merge_person

module = Module(
    key="repairs",
    title=NP_("module", "报修"),
    owner="后勤处",
    audiences=("visitor", "student", "staff", "contractor", "freshman"),
    blueprints=(phone, doors, desk),
    api_blueprints=(api,),
    card=Card(N_("报修"), "/m/repairs/new", "wrench", N_("坏了就报，看得到进度"), order=10),
    menu=(
        MenuItem("报修看板", "/desk/repairs/", "repairs.read_board", icon="board", order=10, count=waiting),
        MenuItem("全部报修", "/desk/repairs/archive", "repairs.read_board", icon="archive", order=11),
        MenuItem("门牌码", "/desk/repairs/doors", "repairs.manage_doors", icon="qr", order=12),
    ),
    permissions=(
        Permission("repairs.read_board", "查看报修看板"),
        Permission("repairs.dispatch", "受理、派单、驳回"),
        Permission("repairs.lead", "带班：改派、挂起、完工"),
        Permission("repairs.administer", "报修管理：代确认、更正"),
        Permission("repairs.manage_doors", "生成和打印门牌码"),
    ),
    roles=(
        Role(
            "repairs.dispatcher",
            "报修调度",
            (
                "repairs.read_board",
                "repairs.dispatch",
                "repairs.manage_doors",
                "notifications.call_list",
            ),
            scopes=("all", "unit", "campus", "building"),
        ),
        Role(
            "repairs.head",
            "维修班长",
            ("repairs.read_board", "repairs.lead", "identity.invite"),
            scopes=("team",),
        ),
        Role(
            "repairs.administrator",
            "报修管理员",
            ("repairs.read_board", "repairs.administer", "repairs.manage_doors"),
            scopes=("all", "unit"),
        ),
    ),
    message_kinds=KINDS,
    chat_words=(
        ChatWord(r"^(报修|维修|修理|repair)$", answer_report, "报修：报修和查看进度"),
        ChatWord(r"^R\d{4}-?\d{4,}$", answer_number, "报修单号：查询这张单"),
    ),
    subscriptions=(
        InTransaction(TicketMoved, on_ticket_moved, wants=is_told),
        InTransaction(SceneScanned, on_scene_scanned),
        InTransaction(PhotoRefused, on_photo_refused),
    ),
    schedules=(Schedule("sweep_tickets", sweep_tickets, every=timedelta(seconds=30)),),
    commands=(commands,),
    export_person=export_person,
    seen=(Seen("repairs.reveal_phone", "repairs.ticket", N_("联系报修人"), (N_("电话"),), ticket_ids_of),),
    erase_person=erase_person,
    merge_person=merge_person,
    open_things=open_things,
    search_url="/desk/repairs/search",
)
