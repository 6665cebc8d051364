"""What identity tells the house."""

from datetime import time

from flask import Flask

from app.kit import http
from app.kit.i18n import N_
from app.kit.module import MenuItem, MessageKind, Module, Permission, Role, Schedule
from app.platform.identity import cli, jobs, queries, service
from app.platform.identity.api import api
from app.platform.identity.pages import cookies
from app.platform.identity.pages.account import account
from app.platform.identity.pages.binding import binding
from app.platform.identity.pages.desk import desk
from app.platform.identity.pages.invitations import invitations, team
from app.platform.identity.pages.phone import phone
from app.platform.identity.pages.roles import roles
from app.platform.identity.queries.approvers import RESOLVERS


def _start(app: Flask) -> None:
    queries.load_registry(app.extensions["registry"])
    http.register_caller_loader(cookies.load_caller)


# To the WeChat account that lost its place; it stands for a visitor then, whom nobody could phone.
REPLACED = MessageKind(
    "identity.replaced",
    N_("绑定已转到另一个微信"),
    "account_security",
    {
        "thing1": "校园身份改绑到另一个微信",
        "time2": "%(time)s",
        "thing3": "统一身份认证",
        "thing4": "不是您本人操作请马上重新绑定",
    },
    N_(
        "您的校园身份在 %(time)s 改绑到了另一个微信。不是您本人操作的，请马上重新绑定，并修改统一身份认证的密码。"
    ),
    "/m/me",
    ladder=("template", "subscription"),
    can_be_muted=False,
)

module = Module(
    key="identity",
    title="身份与权限",
    blueprints=(phone, binding, invitations, desk, account, roles, team),
    api_blueprints=(api,),
    section="系统",
    menu=(MenuItem("角色与权限", "/desk/people/roles", "identity.manage_roles", icon="people", order=80),),
    permissions=(
        Permission("identity.manage_roles", "授予和收回角色"),
        Permission("identity.invite", "邀请本班组的外聘人员"),
    ),
    roles=(
        Role(
            "administrator",
            "管理员",
            (
                "identity.manage_roles",
                "identity.invite",
                "portal.manage",
                "operations.manage",
                "directory.read",
                "directory.edit",
                "directory.import",
            ),
        ),
        Role("team_head", "班组负责人", ("identity.invite",), scopes=("team", "unit")),
    ),
    message_kinds=(REPLACED,),
    schedules=(Schedule("forget_old_sign_ins", jobs.forget_old_sign_ins, daily_at=time(3, 40)),),
    commands=(cli.identity,),
    export_person=service.export_person,
    erase_person=service.erase_person,
    merge_person=service.merge_person,
    on_app=_start,
    approver_resolvers=RESOLVERS,
)
