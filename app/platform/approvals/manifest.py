"""What approvals tells the house."""

from datetime import time, timedelta

from flask import Flask

from app.kit.http import SIGNED_IN
from app.kit.i18n import NP_
from app.kit.module import AsFlow, InTransaction, MenuItem, Module, Permission, Role, Schedule
from app.platform.approvals import jobs, queries
from app.platform.approvals.cli import commands
from app.platform.approvals.events import CaseMoved, DefinitionProposed
from app.platform.approvals.messages import KINDS
from app.platform.approvals.pages import definitions, deputies, desk, phone
from app.platform.approvals.queries.access import READ
from app.platform.approvals.queries.people import ADMINISTER
from app.platform.approvals.queries.todo import open_things, todo_of
from app.platform.approvals.resolvers import RESOLVERS
from app.platform.approvals.service import personal
from app.platform.approvals.service.definitions import DESIGN, PUBLISH


def _start(app: Flask) -> None:
    queries.load_registry(app.extensions["registry"])


module = Module(
    key="approvals",
    title=NP_("module", "审批"),
    blueprints=(phone, deputies, desk, definitions),
    menu=(
        MenuItem(
            "审批",
            "/desk/approvals/",
            SIGNED_IN,
            icon="todo",
            order=10,
            count=todo_of,
        ),
        MenuItem("审批流程", "/desk/approvals/definitions/", READ, icon="list", order=811),
        MenuItem("办理时长", "/desk/approvals/times", READ, icon="chart", order=812),
    ),
    permissions=(
        Permission(READ, "查看所有审批和办理时长"),
        Permission(ADMINISTER, "终止、跳转、改派审批，办理无人可办的环节"),
        Permission(DESIGN, "制作审批流程"),
        Permission(PUBLISH, "发布审批流程"),
    ),
    roles=(
        Role("approvals.administrator", "审批管理员", (READ, ADMINISTER, PUBLISH)),
        Role("approvals.designer", "流程制作员", (READ, DESIGN)),
    ),
    message_kinds=KINDS,
    subscriptions=(
        InTransaction(CaseMoved, jobs.on_case_moved),
        AsFlow(DefinitionProposed, jobs.on_definition_proposed),
    ),
    schedules=(
        Schedule("ring_timers", jobs.ring_timers, every=timedelta(minutes=1)),
        Schedule("reckon_times", jobs.reckon_times, daily_at=time(3, 20)),
        Schedule("rescue_orphans", jobs.rescue_orphans, every=timedelta(hours=1)),
    ),
    approver_resolvers=RESOLVERS,
    commands=(commands,),
    open_things=open_things,
    retain=personal.retain,
    export_person=personal.export_person,
    erase_person=personal.erase_person,
    merge_person=personal.merge_person,
    on_app=_start,
)
