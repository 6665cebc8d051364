"""Pages of payments: the cashier and one's own bills on the phone, the desk of finance."""

from app.payments.pages import desk
from app.payments.pages.bills import bills, fees
from app.payments.pages.cashier import cashier

__all__ = ["bills", "cashier", "desk", "fees"]
