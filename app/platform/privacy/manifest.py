"""What privacy tells the house."""

from datetime import time

from app.kit.module import Module, Permission, Schedule
from app.platform.privacy import cli, jobs

module = Module(
    key="privacy",
    title="个人信息",
    permissions=(Permission("privacy.reveal_phone", "查看完整电话号码（逐次留痕，每日限次）"),),
    schedules=(Schedule("apply_retention", jobs.apply_retention, daily_at=time(3, 10)),),
    commands=(cli.privacy,),
    on_app=jobs.configure,
)
