"""Messages between freshmen, and from the desk that reads along. Fields are of the shared templates."""

from app.kit.i18n import N_
from app.kit.module import MessageKind


def _notice(key: str, title: str, text: str, hint: str, link: str, *, muted: bool = True) -> MessageKind:
    fields = {"thing1": title, "thing2": "迎新", "time3": "%(time)s", "thing4": hint}
    return MessageKind(f"welcome.{key}", title, "service_notice", fields, text, link, can_be_muted=muted)


_MATE, _THREAD = "/m/welcome/dorm/roommates/%(mate_id)s", "/m/welcome/companions/threads/%(thread_id)s"
_BOARD = "/m/welcome/companions/"

KINDS = (
    _notice(
        "exchange_asked",
        N_("室友想交换联系方式"),
        N_("一位室友想和您交换%(channel)s。您同意后，双方才能看到。"),
        "点开查看并决定",
        _MATE,
    ),
    _notice(
        "exchange_accepted",
        N_("室友同意交换"),
        N_("一位室友同意和您交换%(channel)s，点开可以看到。"),
        "点开查看",
        _MATE,
    ),
    _notice(
        "join_asked",
        N_("有人想和您同行"),
        N_("有同学想加入您 %(day)s 从%(city)s出发的行程。"),
        "同意后可以互发消息",
        _THREAD,
    ),
    _notice(
        "join_accepted",
        N_("同行申请已同意"),
        N_("%(day)s 从%(city)s出发的同学同意同行，可以发消息了。"),
        "点开商量行程",
        _THREAD,
    ),
    _notice(
        "companion_wrote",
        N_("同行的新消息"),
        N_("%(day)s 从%(city)s出发的同行有新消息。"),
        "点开查看",
        _THREAD,
    ),
    _notice(
        "note_approved",
        N_("结伴文字已通过"),
        N_("您写的说明已通过审核，同方向的新生可以看到。"),
        "点开查看",
        _BOARD,
    ),
    _notice(
        "note_refused",
        N_("结伴文字未通过"),
        N_("您写的说明没有通过审核：%(reason)s。行程照常显示。"),
        "行程照常显示",
        _BOARD,
        muted=False,
    ),
    _notice(
        "post_hidden",
        N_("结伴信息已下架"),
        N_("您的结伴信息已下架：%(reason)s"),
        "如有异议请联系辅导员",
        _BOARD,
        muted=False,
    ),
    _notice(
        "report_settled",
        N_("举报已处理"),
        N_("您的举报已处理：%(answer)s"),
        "感谢您的提醒",
        _BOARD,
        muted=False,
    ),
)
