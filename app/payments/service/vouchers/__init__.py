"""Summary vouchers for the finance system: made from the ledger by rules that are rows."""

from app.payments.exporters.texts import FIELDS
from app.payments.service.vouchers.exporting import ExportFile, export_period
from app.payments.service.vouchers.making import make_vouchers
from app.payments.service.vouchers.periods import Period
from app.payments.service.vouchers.pushing import send_again, send_period
from app.payments.service.vouchers.rules import load_formats, load_rules

__all__ = [
    "FIELDS",
    "ExportFile",
    "Period",
    "export_period",
    "load_formats",
    "load_rules",
    "make_vouchers",
    "send_again",
    "send_period",
]
