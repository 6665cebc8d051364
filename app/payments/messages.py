"""The kinds of messages that payments sends. Fields are of the shared templates (samples/wechat-templates.json)."""

from app.kit.i18n import N_
from app.kit.module import MessageKind

KINDS = (
    MessageKind(
        "payments.digest",
        N_("对账日报"),
        "service_notice",
        {
            "thing1": "对账日报 %(day)s",
            "thing2": "%(verdict)s",
            "time3": "%(time)s",
            "thing4": "%(rest)s",
        },
        N_("%(day)s：%(verdict)s。%(rest)s。"),
        "/desk/payments/days",
        can_be_muted=False,
    ),
    MessageKind(
        "payments.bills_missing",
        N_("账单没有到齐"),
        "service_notice",
        {
            "thing1": "账单没有到齐",
            "thing2": "缺 %(count)s 份",
            "time3": "%(time)s",
            "thing4": "最早是 %(day)s",
        },
        N_("有 %(count)s 份账单没有到，最早是 %(day)s。%(more)s"),
        "/desk/payments/bills",
        can_be_muted=False,
    ),
    MessageKind(
        "payments.card_flow_broken",
        N_("校园卡流水中断"),
        "service_notice",
        {
            "thing1": "校园卡流水中断",
            "thing2": "%(problem)s",
            "time3": "%(time)s",
            "thing4": "停在第 %(cursor)s 号",
        },
        N_(
            "校园卡 %(account)s 的流水停在第 %(cursor)s 号：%(problem)s。请联系卡务中心；在它接上之前，这些天不能关账。"
        ),
        "/desk/payments/days",
        can_be_muted=False,
    ),
)
