"""What electricity tells the house."""

from datetime import timedelta

from app.kit.i18n import N_, NP_
from app.kit.module import Card, ChatWord, InTransaction, MenuItem, Module, Permission, Role, Schedule, Seen
from app.miniapps.electricity import jobs, service
from app.miniapps.electricity.chat import answer_balance
from app.miniapps.electricity.cli import commands
from app.miniapps.electricity.events import BindingDecided, BindingRequested, CaseAnswered
from app.miniapps.electricity.flows.delivering import fulfiller
from app.miniapps.electricity.messages import KINDS
from app.miniapps.electricity.pages import desk, phone
from app.miniapps.electricity.queries.desk import open_cases, waiting_requests
from app.miniapps.electricity.queries.todo import open_things
from app.miniapps.electricity.queries.top_ups import deliveries
from app.miniapps.electricity.service import agreements
from app.payments.events import (
    FulfilmentAbandoned,
    FulfilmentAccepted,
    FulfilmentApplied,
    OrderClosed,
    PaymentSucceeded,
    RefundSucceeded,
)
from app.platform.privacy.service import LIST_TAKEN, lists_of

READ, SETTLE, CONSENT = "electricity.read", "electricity.settle", "electricity.consent"

module = Module(
    key="electricity",
    title=NP_("module", "电费"),
    owner="后勤处",
    audiences=("student", "staff", "freshman"),
    blueprints=(phone, desk),
    card=Card(N_("电费"), "/m/electricity/", "bolt", N_("查余额、充值、看用电"), order=20),
    menu=(
        MenuItem("电费问题", "/desk/electricity/", READ, icon="bolt", order=20, count=open_cases),
        MenuItem("电费运行", "/desk/electricity/running", READ, icon="pulse", order=21),
        MenuItem(
            "绑定申请",
            "/desk/electricity/requests",
            CONSENT,
            icon="door",
            order=22,
            count=waiting_requests,
        ),
    ),
    permissions=(
        Permission(READ, "查看电费问题、充值量和系统状态"),
        Permission(SETTLE, "处理电费问题"),
        Permission(CONSENT, "同意学生绑定房间"),
    ),
    roles=(
        Role("electricity.administrator", "电费管理员", (READ, SETTLE, CONSENT)),
        Role("electricity.dorm_manager", "宿管（电费绑定）", (CONSENT,), scopes=("building", "all")),
        Role("electricity.unit_clerk", "学院经办（电费绑定）", (CONSENT,), scopes=("unit",)),
    ),
    message_kinds=KINDS,
    chat_words=(ChatWord(r"^(电费|电量|electricity)$", answer_balance, "电费：查余额和充值"),),
    subscriptions=(
        InTransaction(PaymentSucceeded, jobs.on_payment_succeeded, wants=jobs.is_ours),
        InTransaction(OrderClosed, jobs.on_order_closed),
        InTransaction(RefundSucceeded, jobs.on_refund_succeeded),
        InTransaction(FulfilmentAccepted, jobs.on_fulfilment_accepted, wants=jobs.is_ours),
        InTransaction(FulfilmentApplied, jobs.on_fulfilment_applied, wants=jobs.is_ours),
        InTransaction(FulfilmentAbandoned, jobs.on_fulfilment_abandoned, wants=jobs.is_ours),
        InTransaction(BindingRequested, jobs.on_binding_requested),
        InTransaction(BindingDecided, jobs.on_binding_decided),
        InTransaction(CaseAnswered, jobs.on_case_answered),
    ),
    schedules=(
        Schedule("sweep_rooms", jobs.sweep_rooms, every=timedelta(seconds=10)),
        Schedule("end_past_stays", jobs.end_past_stays, every=timedelta(hours=1)),
    ),
    commands=(commands,),
    retain=service.retain,
    export_person=service.export_person,
    erase_person=service.erase_person,
    merge_person=service.merge_person,
    seen=(
        Seen(
            LIST_TAKEN,
            "list",
            N_("导出电费问题，跟进处理"),
            (N_("姓名"), N_("房间"), N_("问题和说明")),
            lists_of,
            "electricity.cases",
        ),
    ),
    agreements=agreements.agreements,
    withdraw=agreements.withdraw,
    open_things=open_things,
    fulfiller=fulfiller,
    deliveries=deliveries,
)
