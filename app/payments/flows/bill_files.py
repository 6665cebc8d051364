"""Which reader reads whose bill."""

from typing import Any, BinaryIO

from app.clients.bank import BankStatement
from app.clients.bill_lines import Reader, Wanted
from app.clients.statement import StatementFile
from app.clients.wxpay.fund_bill import FundBill
from app.clients.wxpay.trade_bill import TradeBill
from app.payments.errors import BillSourceUnknown
from app.payments.models import BillKind, Source
from app.payments.service.bills import Matter

WECHAT_TYPES = {BillKind.TRADE: "ALL", BillKind.PAYMENTS: "SUCCESS", BillKind.REFUNDS: "REFUND"}
KINDS = {
    Source.WECHAT: (*WECHAT_TYPES, BillKind.FUND),
    Source.CARD: (BillKind.TRADE,),
    Source.PLATFORM: (BillKind.TRADE,),
    Source.METERS: (BillKind.DELIVERY,),
    Source.BANK: (BillKind.BANK,),
}


def open_reader(matter: Matter, stream: BinaryIO, *, is_proved: bool, clients: Any) -> Reader:
    """Raises BillSourceUnknown for what this school has no settings of."""
    wanted = Wanted(matter.account, matter.day, is_proved=is_proved)
    kind = BillKind(matter.kind)
    if matter.source == Source.WECHAT:
        if kind == BillKind.FUND:
            return FundBill(stream, wanted)
        return TradeBill(stream, wanted, kind=WECHAT_TYPES[kind])
    if matter.source == Source.BANK:
        if matter.account not in clients.bank:
            raise BillSourceUnknown(account=matter.account, source=matter.source)
        return BankStatement(stream, wanted, clients.bank[matter.account])
    if matter.source == Source.PLATFORM:
        return StatementFile(stream, wanted)
    return StatementFile(stream, Wanted(_merchant(matter, clients), matter.day))


def _merchant(matter: Matter, clients: Any) -> str:
    """What the vendor of card or meters calls us: its statement must be of us."""
    system = clients.card if matter.source == Source.CARD else clients.meters.get(matter.account)
    if system is None:
        raise BillSourceUnknown(account=matter.account, source=matter.source)
    return str(system.merchant)
