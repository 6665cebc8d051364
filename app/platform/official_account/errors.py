"""Errors of the official account."""

from app.kit.errors import Invalid, Unavailable
from app.kit.i18n import N_


class PageNotOurs(Invalid):
    code = "official_account.page_not_ours"
    msgid = N_("这个网页不属于本系统，不能使用微信功能。请从公众号菜单重新进入。")


class WeChatAway(Unavailable):
    code = "official_account.wechat_away"
    msgid = N_("暂时连不上微信，请过几分钟再试。")
