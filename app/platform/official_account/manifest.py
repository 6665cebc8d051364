"""What official_account tells the house."""

from datetime import time

from app.kit.module import InTransaction, Module, Schedule
from app.platform.official_account import cli, jobs
from app.platform.official_account.chat import callback
from app.platform.official_account.events import AuthorizationRevoked, WeChatEventStored
from app.platform.official_account.pages import pages

module = Module(
    key="official_account",
    title="公众号",
    blueprints=(callback, pages),
    subscriptions=(
        InTransaction(WeChatEventStored, jobs.on_wechat_event_stored),
        InTransaction(AuthorizationRevoked, jobs.on_authorization_revoked),
    ),
    schedules=(Schedule("forget_old_scenes", jobs.forget_old_scenes, daily_at=time(3, 20)),),
    commands=(cli.wechat,),
    on_app=jobs.configure,
)
