"""What things are called on the desk and in the terminal."""

from app.kit.i18n import N_
from app.payments.models import BillKind, LineSort, Source

SOURCE_NAMES = {
    Source.WECHAT: N_("微信支付"),
    Source.CARD: N_("校园卡"),
    Source.PLATFORM: N_("统一支付平台"),
    Source.METERS: N_("电控系统"),
    Source.BANK: N_("银行"),
}
BILL_KIND_NAMES = {
    BillKind.TRADE: N_("交易账单"),
    BillKind.PAYMENTS: N_("支付账单"),
    BillKind.REFUNDS: N_("退款账单"),
    BillKind.FUND: N_("资金账单"),
    BillKind.DELIVERY: N_("充值账单"),
    BillKind.BANK: N_("流水"),
}
SORT_NAMES = {
    LineSort.PAYMENT: N_("支付"),
    LineSort.REFUND: N_("退款"),
    LineSort.REVERSAL: N_("冲正"),
    LineSort.TOP_UP: N_("充值"),
    LineSort.FEE: N_("手续费"),
    LineSort.SETTLEMENT: N_("结算"),
    LineSort.OTHER: N_("其他"),
}
ANSWERS = {
    "asked": N_("正在取，请稍后刷新。"),
    "creating": N_("渠道还在生成，半小时后再取。"),
    "not_made": N_("对方还没有生成，一小时后再取。"),
    "missing": N_("渠道说这天没有交易，账上却有，请核实；一小时后再取。"),
    "unavailable": N_("对方没有应答，稍后再取。"),
    "not_set_up": N_("系统里没有它的接口参数，请手工导入。"),
    "refused": N_("收到的文件不可信，没有采用。"),
    "empty": N_("这天没有交易。"),
}
OUTCOMES = {
    "new": N_("已导入。"),
    "version": N_("已导入为第 %(version)s 版，原来的版本留作对照。"),
    "same": N_("这份文件已经导入过，没有变化。"),
}
