"""What the directory tells the house."""

from datetime import time

from flask import Flask

from app.kit.module import AsFlow, MenuItem, Module, Permission, Role, Schedule
from app.platform.directory import cli, events, queries, service
from app.platform.directory.flows import imports as flows
from app.platform.directory.imports.desk import DESK, PERMISSION
from app.platform.directory.pages.imports import blueprint_of
from app.platform.directory.queries import desks
from app.platform.directory.queries.approvers import RESOLVERS


def configure(app: Flask) -> None:
    """Every desk that a module declares gets its pages."""
    registry = app.extensions["registry"]
    desks.load_registry(registry)
    for module in registry.modules:
        for desk in module.list_desks:
            app.register_blueprint(blueprint_of(module.key, desk))


module = Module(
    key="directory",
    title="校园目录",
    section="系统",
    menu=(MenuItem("人员名册", DESK.url, PERMISSION, icon="list", order=79),),
    list_desks=(DESK,),
    permissions=(
        Permission("directory.read", "查看人员、部门和楼栋房间"),
        Permission("directory.edit", "维护人员、部门和楼栋房间"),
        Permission(PERMISSION, "导入学生、教职工和外包人员名册"),
    ),
    roles=(Role("directory.registrar", "名册管理员（教务、人事）", ("directory.read", PERMISSION)),),
    subscriptions=(
        AsFlow(events.ListUploaded, flows.on_list_uploaded),
        AsFlow(events.ListConfirmed, flows.on_list_confirmed),
    ),
    schedules=(Schedule("forget_lists", flows.forget_lists, daily_at=time(3, 25)),),
    commands=(cli.directory,),
    on_app=configure,
    export_person=queries.export_person,
    erase_person=service.erase_person,
    approver_resolvers=RESOLVERS,
)
