"""What can be wrong with paying, in words that say where the money is and what to do."""

from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from app.kit.i18n import N_


class OrderNotFound(NotFound):
    code = "payments.order_not_found"
    msgid = N_("没有找到这笔订单。请从“我的账单”进入。")


class OrderAlreadyPaid(Conflict):
    code = "payments.order_already_paid"
    msgid = N_("这笔订单已经支付过了，不用再付。")


class OrderClosed(Conflict):
    code = "payments.order_closed"
    msgid = N_("这笔订单已经关闭，没有扣款。请回到原来的页面重新下单。")


class FeeItemUnknown(NotFound):
    code = "payments.fee_item_unknown"
    msgid = N_("这个收费项目现在不能缴费。请看收费公示，或联系收费部门。")


class FeeItemNotCollected(Conflict):
    code = "payments.fee_item_not_collected"
    msgid = N_("学费和住宿费不在这里缴。请从收费公示里的链接进入学校缴费平台。")


class AmountInvalid(Invalid):
    code = "payments.amount_invalid"
    msgid = N_("金额不对。请返回上一页重新选择。")


class ChannelClosed(Invalid):
    code = "payments.channel_closed"
    msgid = N_("这笔订单不能用这种方式付。请换一种支付方式。")


class PayerUnknown(Invalid):
    code = "payments.payer_unknown"
    msgid = N_("微信支付要在微信里打开。请从公众号菜单进入后再付。")


class ChannelAway(Unavailable):
    code = "payments.channel_away"
    msgid = N_("支付渠道暂时连不上，没有扣款。请过一会儿再试，或换一种支付方式。")


class ChannelRefused(Conflict):
    code = "payments.channel_refused"
    msgid = N_("支付渠道没有受理这笔支付，没有扣款。请换一种支付方式，或联系客服。")


class StillChecking(Conflict):
    code = "payments.still_checking"
    msgid = N_("刚才那次支付的结果还在核实，请等一两分钟，不要重复支付。")


class AgreementMissing(Conflict):
    code = "payments.agreement_missing"
    msgid = N_("还没有开通校园卡小额免密支付。请先阅读并同意协议。")


class AgreementLimit(Conflict):
    code = "payments.agreement_limit"
    msgid = N_("超过了校园卡免密支付的限额（单笔 %(order)s，每天 %(day)s）。请减少金额，或换一种支付方式。")


class CardUnusable(Conflict):
    code = "payments.card_unusable"
    msgid = N_("校园卡现在不能付款（%(status)s），没有扣款。请先到卡务中心处理，或换一种支付方式。")


class CardBalanceShort(Conflict):
    code = "payments.card_balance_short"
    msgid = N_("校园卡余额不够，没有扣款。请先充值，或换一种支付方式。")


class ProxyLinkInvalid(NotFound):
    code = "payments.proxy_link_invalid"
    msgid = N_("这个代付链接已失效。请让对方重新发一个。")


class RefundTooMuch(Conflict):
    code = "payments.refund_too_much"
    msgid = N_("最多还能退 %(left)s。其余部分已经退款或正在退款。")


class RefundNotNow(Conflict):
    code = "payments.refund_not_now"
    msgid = N_("这笔订单还在核实是否到账，结果出来前不能退款，以免又到账又退款。")


class RefundNeedsReason(Invalid):
    code = "payments.refund_needs_reason"
    msgid = N_("请写明退款原因（至少 4 个字），会记入账目。")


class RefundNotFound(NotFound):
    code = "payments.refund_not_found"
    msgid = N_("没有找到这笔退款。")


class RefundMovedOn(Conflict):
    code = "payments.refund_moved_on"
    msgid = N_("这笔退款刚刚有人处理过了，请重新载入。")


class SamePerson(Forbidden):
    code = "payments.same_person"
    msgid = N_("经办和复核不能是同一个人。请让另一位同事复核。")


class FulfilmentMovedOn(Conflict):
    code = "payments.fulfilment_moved_on"
    msgid = N_("这一单刚刚有了新进展，请重新载入。")


class NoteMissing(Invalid):
    code = "payments.note_missing"
    msgid = N_("请写明依据（至少 4 个字），会记入审计。")


class DisputeNotFound(NotFound):
    code = "payments.dispute_not_found"
    msgid = N_("没有找到这条异常，可能已经处理。")


class AccountNotFound(NotFound):
    code = "payments.account_not_found"
    msgid = N_("没有找到这个科目。请从账目页进入。")


class FeeItemTaken(Conflict):
    code = "payments.fee_item_taken"
    msgid = N_("已经有这个编码的收费项目，请换一个编码。")


class MoneyUnderWay(Conflict):
    code = "payments.money_under_way"
    msgid = N_("还有支付或退款没有结束，现在不能删除支付资料。请等款项结清后再试。")


class DifferenceNotFound(NotFound):
    code = "payments.difference_not_found"
    msgid = N_("没有找到这条差错。请从对账页进入。")


class DifferenceEnded(Conflict):
    code = "payments.difference_ended"
    msgid = N_("这条差错已经处理完了，不用再分派。")


class DifferenceMovedOn(Conflict):
    code = "payments.difference_moved_on"
    msgid = N_("这条差错刚刚有人处理过了，请重新载入。")


class ActionImpossible(Conflict):
    code = "payments.action_impossible"
    msgid = N_("按现在的账目做不了这个处理，什么都没有改。请看证据后换一种处理，或先挂账。")


class DayNotExplained(Conflict):
    code = "payments.day_not_explained"
    msgid = N_("这一天还不能关账：还有 %(live)s 笔差错没有处理，缺 %(missing)s 份账单。请先处理，再关账。")


class DayClosed(Conflict):
    code = "payments.day_closed"
    msgid = N_("这一天已经关账，不再改动。后到的数据会记在今天的差错里。")


class PaymentsStopped(Unavailable):
    code = "payments.stopped"
    msgid = N_("学校正在关账，%(until)s 前暂停缴费，没有扣款。请在这之后再来。")


class StopInvalid(Invalid):
    code = "payments.stop_invalid"
    msgid = N_("停收时间不对。结束要晚于开始和现在，最长 14 天。")


class StopNotFound(NotFound):
    code = "payments.stop_not_found"
    msgid = N_("没有找到正在进行的停收，可能已经恢复缴费。")


class DayBeingReconciled(Conflict):
    code = "payments.day_being_reconciled"
    msgid = N_("%(day)s 正在对账或日结，请等它结束后再试。")


class DayNotOver(Conflict):
    code = "payments.day_not_over"
    msgid = N_("这一天还没有过完，要等第二天账单出来后再对账。")


class PeriodInvalid(Invalid):
    code = "payments.period_invalid"
    msgid = N_("期间不对。请填日期（如 2026-11-16）或月份（如 2026-11）。")


class PeriodNotOver(Conflict):
    code = "payments.period_not_over"
    msgid = N_("%(period)s 还没有过完，不能导出或推送凭证。请等期间结束后再办。")


class DayStillOpen(Conflict):
    code = "payments.day_still_open"
    msgid = N_(
        "%(day)s 还没有关账（共 %(count)s 天没有关），不能生成凭证。请先在“对账”里处理差错并关账，再来生成。"
    )


class TemplateInvalid(Invalid):
    code = "payments.template_invalid"
    msgid = N_("凭证规则或格式里有不认识的写法：%(text)s。请改正后重新装入。")


class VoucherRuleMissing(Conflict):
    code = "payments.voucher_rule_missing"
    msgid = N_("%(day)s 的分录没有对应的凭证规则（%(movement)s，收费项目 %(item)s）。请先补上规则。")


class FormatUnknown(NotFound):
    code = "payments.format_unknown"
    msgid = N_("没有名为 %(key)s 的凭证格式。请先装入这个格式。")


class FormatUnfit(Conflict):
    code = "payments.format_unfit"
    msgid = N_("“%(what)s”放不进凭证文件的列（最多 %(width)s 位）。请修改规则或格式。")


class NothingToExport(Conflict):
    code = "payments.nothing_to_export"
    msgid = N_("%(period)s 没有要导出的凭证。")


class VoucherNotFound(NotFound):
    code = "payments.voucher_not_found"
    msgid = N_("没有找到这张凭证。")


class VoucherMovedOn(Conflict):
    code = "payments.voucher_moved_on"
    msgid = N_("这张凭证刚刚有了新进展，请重新载入。")


class ReceiptNotOffered(Conflict):
    code = "payments.receipt_not_offered"
    msgid = N_("这笔订单现在不能开票。已到账、没有全部退款的订单才能开票。")


class ReceiptExists(Conflict):
    code = "payments.receipt_exists"
    msgid = N_("这笔订单已经开过票，或正在开票。")


class ReceiptMovedOn(Conflict):
    code = "payments.receipt_moved_on"
    msgid = N_("这张票据刚刚有了新进展，或金额已变，请重新载入。")


class ReceiptNotReversed(Conflict):
    code = "payments.receipt_not_reversed"
    msgid = N_("这笔付款开过电子票据，要先冲红才能退款。请到“票据”页办理。")


class StatementNotFound(NotFound):
    code = "payments.statement_not_found"
    msgid = N_("没有找到这个部门当月的收费情况。")


class ReceiptLineTaken(Conflict):
    code = "payments.receipt_line_taken"
    msgid = N_("这笔来款已经有人认领，或属于渠道结算款。")


class ClaimMovedOn(Conflict):
    code = "payments.claim_moved_on"
    msgid = N_("这笔认领刚刚有人处理过了，请重新载入。")


class BillNotFound(NotFound):
    code = "payments.bill_not_found"
    msgid = N_("没有找到这份账单。请从账单页进入。")


class BillInHalves(Conflict):
    code = "payments.bill_in_halves"
    msgid = N_("这一天的整日账单已经在了，不再收只有支付或只有退款的账单。")


class BillSourceUnknown(Invalid):
    code = "payments.bill_source_unknown"
    msgid = N_("系统里没有设置“%(account)s”的%(source)s，读不了它的账单。")


class BillDayUnfinished(Invalid):
    code = "payments.bill_day_unfinished"
    msgid = N_("%(day)s 还没有过完，当天的账单要到第二天才算数。")


class BillHashDiffers(Invalid):
    code = "payments.bill_hash_differs"
    msgid = N_(
        "文件的 SHA-1 是 %(found)s，与填写的 %(published)s 不一致。请重新下载原始文件，不要打开后再保存。"
    )


class BillBusy(Conflict):
    code = "payments.bill_busy"
    msgid = N_("同一天的账单正在导入，请等它结束后再试。")


class CardFlowEnded(Conflict):
    code = "payments.card_flow_ended"
    msgid = N_("这份流水刚才已经停了，请重新载入。")
