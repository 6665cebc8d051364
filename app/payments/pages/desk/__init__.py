"""The finance desk: orders, refunds, disputes; days, differences, bills, evidence; ledger, vouchers, fee items."""

from app.payments.pages.desk.bills import desk as bills
from app.payments.pages.desk.card_flows import desk as card_flows
from app.payments.pages.desk.days import desk as days
from app.payments.pages.desk.differences import desk as differences
from app.payments.pages.desk.disputes import desk as disputes
from app.payments.pages.desk.evidence import desk as evidence
from app.payments.pages.desk.fees import desk as fees
from app.payments.pages.desk.ledger import desk as ledger
from app.payments.pages.desk.months import desk as months
from app.payments.pages.desk.orders import desk as orders
from app.payments.pages.desk.receipts import desk as receipts
from app.payments.pages.desk.refunds import desk as refunds
from app.payments.pages.desk.statements import desk as statements
from app.payments.pages.desk.vouchers import desk as vouchers

blueprints = (
    orders,
    refunds,
    disputes,
    days,
    months,
    differences,
    bills,
    card_flows,
    evidence,
    ledger,
    vouchers,
    receipts,
    statements,
    fees,
)

__all__ = ["blueprints"]
