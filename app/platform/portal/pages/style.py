"""The living style pages, in development only: every component in every state, to look at."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request

from app.kit import clock
from app.kit.http import PUBLIC, permit
from app.kit.module import Card
from app.platform.portal import queries
from app.platform.portal.models import ModuleState
from app.platform.portal.pages.frame import Account, RailEntry, RailSection

style = Blueprint("style", __name__)

LONG = (
    "东校区国际学术交流中心与研究生公寓联合体（三期）A 座 1203 室西侧公共卫生间洗手台下方水管接头处持续漏水"
)
ERRORS = {
    "phone": ["手机号要填 11 位数字。"],
    "text": ["请写一句坏在哪里，至少 5 个字。"],
    "kind": ["请选一种故障。"],
}


def _only_in_development() -> None:
    if current_app.config["ENVIRONMENT"] != "development":
        abort(404)


@style.get("/m/_style")
@permit(PUBLIC)
def phone() -> str:
    _only_in_development()
    part = request.args.get("part", "ticket")
    if part == "home":
        return render_template("portal/home.html", **_home())
    names = {"ticket", "form", "list", "done", "cells"}
    name = part if part in names else "ticket"
    return render_template(f"portal/style/phone_{name}.html", **_samples())


@style.post("/m/_style")
@permit(PUBLIC)
def phone_answer() -> Any:
    """Without text the form comes back with its errors; with text it succeeds."""
    _only_in_development()
    if request.form.get("text"):
        return redirect("/m/_style?part=done", 303)
    return render_template("portal/style/phone_form.html", **_samples() | {"errors": ERRORS}), 422


@style.get("/desk/_style")
@permit(PUBLIC)
def desk() -> str:
    _only_in_development()
    part = request.args.get("part", "board")
    name = part if part in {"board", "parts", "empty", "login"} else "board"
    frame: dict[str, Any] = (
        {} if name == "login" else {"rail": _rail(), "account": Account("赵敏华", "T0001")}
    )
    frame["search_url"] = "/desk/_style"
    return render_template(f"portal/style/desk_{name}.html", **frame, **_samples())


@style.get("/desk/_style/panel")
@permit(PUBLIC)
def panel() -> str:
    _only_in_development()
    return render_template("portal/style/desk_panel.html", **_samples())


def _home() -> dict[str, Any]:
    apps = [
        ("repairs", "报修", "坏了就报，看得到进度", "wrench", ModuleState.OPEN),
        ("power", "电费", "余额、用量、充值", "bolt", ModuleState.OPEN),
        ("leave", "离宿请假", "请假、销假、通行码", "trip", ModuleState.TRIAL),
        ("welcome", "迎新", "报到、选床位、同城老乡", "school", ModuleState.OPEN),
        ("bath", "热水", "", "bath", ModuleState.SUSPENDED),
    ]
    shelf = [
        queries.Placed(key, title, "后勤处", Card(title, "#", icon, text), state, (), "今晚 22:00 恢复", 1, 1)
        for key, title, text, icon, state in apps
    ]
    things = [
        queries.Thing("灯不亮", "3号楼 512 · 今天 09:12", "/m/_style", "请您确认", "ask"),
        queries.Thing(LONG, "王师傅 今天 14:30 前到", "/m/_style", "已派单", "go"),
    ]
    person = SimpleNamespace(surname="李", name_en="Li Yiming", kinds={"student"})
    return {"shelf": shelf, "things": things, "more": 5, "person": person}


def _rail() -> list[RailSection]:
    repairs = [
        RailEntry("报修看板", "/desk/_style", "board", 24, True),
        RailEntry("全部报修", "/desk/_style?part=empty", "archive", 0, False),
        RailEntry("代客报修", "/desk/_style?part=parts", "phone", 0, False),
        RailEntry("门牌码", "#", "qr", 0, False),
    ]
    system = [
        RailEntry("消息", "#", "bell", 1207, False),
        RailEntry("人员与角色", "#", "people", 0, False),
        RailEntry("微应用", "/desk/modules", "grid", 0, False),
    ]
    return [RailSection("报修", repairs), RailSection("系统", system)]


def _samples() -> dict[str, Any]:
    now = clock.now()
    events = [
        ("已派单", now - timedelta(minutes=12), "王师傅 预计 14:30 前到", "赵敏华"),
        ("已受理", now - timedelta(minutes=35), "", "赵敏华"),
        ("已提交", now - timedelta(minutes=41), LONG, "李一鸣"),
    ]
    states = [
        ("待受理", "wait", 25),
        ("待派单", "wait", -95),
        ("已派单", "go", 80),
        ("维修中", "go", 260),
        ("挂起·待料", "off", None),
        ("待确认", "ask", 3000),
        ("已办结", "done", -20),
    ]
    rows = [
        SimpleNamespace(
            id=f"rep_{n}",
            number=f"R2611-{n:04d}",
            title=LONG
            if n == 3
            else ("" if n == 5 else ("灯不亮", "水龙头漏水", "空调不制冷", "门锁打不开")[n % 4]),
            place="东校区 3号楼 512",
            state=states[n % 7][0],
            kind=states[n % 7][1],
            who="王建国" if n % 3 else "",
            fee=n * 1250,
            at=now - timedelta(minutes=37 * n),
            due=None if states[n % 7][2] is None else now + timedelta(minutes=(states[n % 7][2] or 0) + n),
            minutes=states[n % 7][2],
        )
        for n in range(1, 31)
    ]
    return {
        "events": [SimpleNamespace(title=t, at=a, text=x, who=w) for t, a, x, w in events],
        "rows": rows,
        "long": LONG,
        "errors": {},
        "now": now,
    }
