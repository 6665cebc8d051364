"""The sentence of each kind of difference, by its reason, and what is usually done about it."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.payments.models import Action, DifferenceKind

K = DifferenceKind
A = Action

EXPLANATIONS: Mapping[tuple[str, str], tuple[str, Action]] = {
    (K.SURPLUS, "not_booked"): (
        N_("渠道已收 %(bill)s（%(reference)s），本系统的订单 %(number)s 没有收到通知，还没有入账。"),
        A.ACCEPT,
    ),
    (K.SURPLUS, "unknown_order"): (
        N_(
            "渠道已收 %(bill)s（%(reference)s），订单号 %(number)s 不是本系统的，可能是别的系统共用了商户号。"
        ),
        A.SUSPEND,
    ),
    (K.SURPLUS, "other_account"): (
        N_("渠道把 %(bill)s（%(reference)s）记在商户号 %(account)s 下，本系统的这笔属于另一个商户号。"),
        A.SUSPEND,
    ),
    (K.SURPLUS, "listed_twice"): (
        N_("账单里 %(reference)s 出现了两次，另一次已经对上，这一次多出 %(bill)s。"),
        A.CLEAR,
    ),
    (K.SURPLUS, "other_day"): (
        N_("渠道把 %(bill)s（%(reference)s）记在这一天，本系统记在 %(entry_on)s，相差超过 3 天。"),
        A.CLEAR,
    ),
    (K.SURPLUS, "unknown_sort"): (
        N_("账单里有一笔 %(bill)s（%(reference)s）不是支付、退款或冲正，账上没有对应。"),
        A.SUSPEND,
    ),
    (K.SHORTAGE, "not_in_bill"): (
        N_("本系统已入账 %(ours)s（%(reference)s），渠道账单里没有。等后两天的账单，仍没有就挂账追款。"),
        A.SUSPEND,
    ),
    (K.AMOUNT, "payment"): (
        N_("渠道收了 %(bill)s，本系统入账 %(ours)s（%(reference)s），差 %(difference)s。"),
        A.ADJUST,
    ),
    (K.AMOUNT, "not_booked"): (
        N_("渠道收了 %(bill)s（%(reference)s），订单 %(number)s 应付 %(ordered)s，金额不同，没有入账。"),
        A.SUSPEND,
    ),
    (K.AMOUNT, "refund"): (
        N_("渠道退了 %(bill)s，本系统的退款 %(number)s 是另一个金额（%(reference)s），差 %(difference)s。"),
        A.ADJUST,
    ),
    (K.AMOUNT, "reversal"): (
        N_("渠道冲正 %(bill)s，本系统冲正 %(ours)s（%(reference)s），差 %(difference)s。"),
        A.ADJUST,
    ),
    (K.STATUS, "closed_here"): (
        N_("渠道已收 %(bill)s（%(reference)s），本系统的订单 %(number)s 已关闭。"),
        A.REFUND,
    ),
    (K.STATUS, "reversed_there"): (
        N_("渠道冲正了 %(bill)s（原流水 %(original)s），本系统的这笔收款还在账上。"),
        A.SUSPEND,
    ),
    (K.STATUS, "reversed_here"): (
        N_("本系统冲正了 %(ours)s（原流水 %(original)s），渠道账单里没有冲正。"),
        A.SUSPEND,
    ),
    (K.STATUS, "reversal_unknown"): (
        N_("渠道冲正了 %(bill)s（原流水 %(original)s），本系统没有这笔收款。"),
        A.SUSPEND,
    ),
    (K.CUTOFF, "only_there"): (
        N_(
            "渠道在 %(at)s 收了 %(bill)s（%(reference)s），临近零点，本系统可能记在另一天。%(heal_by)s 前自动核对。"
        ),
        A.ACCEPT,
    ),
    (K.CUTOFF, "only_here"): (
        N_(
            "本系统在 %(at)s 入账 %(ours)s（%(reference)s），临近零点，渠道可能记在另一天。%(heal_by)s 前自动核对。"
        ),
        A.SUSPEND,
    ),
    (K.DOUBLE, "paid_otherwise"): (
        N_("订单 %(number)s 已由另一笔支付结清，渠道又收了 %(bill)s（%(reference)s）。"),
        A.REFUND,
    ),
    (K.FEE, "rate"): (
        N_("%(item)s 有 %(lines)s 笔手续费与费率 %(rate)s 不符：渠道扣 %(fee)s 元，应为 %(wanted)s 元。"),
        A.SUSPEND,
    ),
    (K.REFUND, "failed"): (
        N_("渠道退款失败（%(reference)s，退款单 %(number)s），账单金额 %(bill)s。"),
        A.ADJUST,
    ),
    (K.REFUND, "abnormal"): (
        N_(
            "渠道退款异常（%(reference)s，退款单 %(number)s），付款人的账户收不了 %(bill)s，要改用别的方式退。"
        ),
        A.ADJUST,
    ),
    (K.REFUND, "unknown_here"): (
        N_(
            "渠道退了 %(bill)s（%(reference)s），退款单号 %(number)s 不是本系统的，可能是在商户平台上手工退的。"
        ),
        A.SUSPEND,
    ),
    (K.REFUND, "processing"): (
        N_(
            "退款 %(number)s 渠道已受理 %(bill)s（%(reference)s），还没有退成。%(heal_by)s 仍未退成要人工处理。"
        ),
        A.SUSPEND,
    ),
    (K.REFUND, "not_finished"): (
        N_("退款 %(number)s 渠道已退 %(bill)s（%(reference)s），本系统还没有记为已退款。"),
        A.ACCEPT,
    ),
    (K.REFUND, "paid_offline_too"): (
        N_("退款 %(number)s 已线下退过，渠道又退了 %(bill)s（%(reference)s），付款人收到了两次。"),
        A.SUSPEND,
    ),
    (K.REFUND, "rejected_here"): (
        N_("退款 %(number)s 复核没有通过，渠道却退了 %(bill)s（%(reference)s）。"),
        A.SUSPEND,
    ),
    (K.REFUND, "listed_twice"): (
        N_("账单里退款 %(reference)s 出现了两次，另一次已经对上，这一次多出 %(bill)s。"),
        A.CLEAR,
    ),
    (K.REFUND, "other_day"): (
        N_("渠道把退款 %(bill)s（%(reference)s）记在这一天，本系统记在 %(entry_on)s，相差超过 3 天。"),
        A.CLEAR,
    ),
    (K.REFUND, "missing_there"): (
        N_("本系统记为已退款 %(ours)s（退款单 %(number)s），渠道账单里没有。"),
        A.SUSPEND,
    ),
    (K.SETTLEMENT, "bank_only"): (
        N_("银行收到结算款 %(bill)s（%(reference)s），找不到渠道相应的结算。"),
        A.SUSPEND,
    ),
    (K.SETTLEMENT, "in_transit"): (
        N_("渠道结算了 %(bill)s（%(reference)s），银行还没有收到，在途。%(heal_by)s 仍未到账要追查。"),
        A.SUSPEND,
    ),
    (K.SETTLEMENT, "net_in_transit"): (
        N_("这一天的账单净额 %(bill)s 应结算到银行，银行还没有收到，在途。%(heal_by)s 仍未到账要追查。"),
        A.SUSPEND,
    ),
    (K.SETTLEMENT, "other_sum"): (
        N_(
            "银行收到结算款 %(bill)s（%(reference)s），商户号 %(merchant)s 从 %(first)s 到 %(last)s"
            " 应结 %(ours)s，差 %(difference)s。"
        ),
        A.SUSPEND,
    ),
    (K.SETTLEMENT, "gross"): (
        N_("资金账单收款 %(fund)s，交易账单收款 %(trade)s，差 %(difference)s。"),
        A.SUSPEND,
    ),
    (K.SETTLEMENT, "fees"): (
        N_("资金账单手续费 %(fund)s，交易账单手续费 %(trade)s，差 %(difference)s。"),
        A.SUSPEND,
    ),
    (K.SETTLEMENT, "refunds"): (
        N_("资金账单退款净额 %(fund)s，交易账单退款减去退回的手续费是 %(trade)s，差 %(difference)s。"),
        A.SUSPEND,
    ),
    (K.SETTLEMENT, "flow"): (
        N_(
            "校园卡日账单与卡务流水有 %(lines)s 笔不一致（%(reference)s）：日账单 %(bill)s，流水 %(ours)s。"
            "请卡务中心核对；日账单重出后自动核对。"
        ),
        A.SUSPEND,
    ),
    (K.FULFILMENT, "not_at_vendor"): (
        N_("订单 %(number)s 本系统记为已到账 %(ours)s，对方的账单里没有。"),
        A.REFUND,
    ),
    (K.FULFILMENT, "not_here"): (
        N_("对方已把 %(bill)s 充进 %(room)s（%(reference)s），本系统的订单 %(number)s 还没有记为已到账。"),
        A.ACCEPT,
    ),
    (K.FULFILMENT, "unknown_number"): (
        N_("对方把 %(bill)s 充进 %(room)s（%(reference)s），订单号 %(number)s 不是本系统的。"),
        A.SUSPEND,
    ),
    (K.FULFILMENT, "purchase_unknown"): (
        N_("对方的购电记录里，%(room)s 有一笔 %(bill)s（%(reference)s），本系统没有这样的充值。"),
        A.SUSPEND,
    ),
    (K.FULFILMENT, "twice"): (
        N_("订单 %(number)s 对方充了两次，这一次多充 %(bill)s（%(reference)s）。"),
        A.SUSPEND,
    ),
    (K.FULFILMENT, "amount"): (
        N_("订单 %(number)s 对方充了 %(bill)s，本系统记 %(ours)s，差 %(difference)s。"),
        A.SUSPEND,
    ),
    (K.FULFILMENT, "reversed_there"): (
        N_("对方撤回了 %(bill)s（%(reference)s，订单 %(number)s），本系统还记为已到账。"),
        A.REFUND,
    ),
    (K.FULFILMENT, "other_day"): (
        N_("对方把订单 %(number)s 的 %(bill)s 记在这一天，本系统记在 %(entry_on)s，相差超过 3 天。"),
        A.CLEAR,
    ),
}
