"""What operations tells the house."""

from datetime import time
from typing import Any

from flask import Flask

from app.kit.module import MenuItem, Module, Permission, Schedule
from app.platform.operations.cli import commands
from app.platform.operations.jobs import ticker, tidy
from app.platform.operations.pages import desk, health


def _install(app: Flask) -> None:
    ticks: list[Any] = app.extensions.setdefault("ticks", [])
    ticks.append(ticker(app.extensions["registry"]))


module = Module(
    key="operations",
    title="运维",
    owner="信息中心",
    blueprints=(health, desk),
    section="系统",
    menu=(MenuItem("运行状况", "/desk/operations/", "operations.manage", icon="pulse", order=900),),
    permissions=(Permission("operations.manage", "查看运行状况、重试失败的任务"),),
    schedules=(Schedule("tidy", tidy, daily_at=time(3, 30)),),
    commands=(commands,),
    on_app=_install,
)
