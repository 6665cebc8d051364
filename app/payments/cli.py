"""`flask payments …`: what finance does by the clock or by hand."""

from flask.cli import AppGroup

from app.payments.cli_bills import fetch_bill, import_bill
from app.payments.cli_close import close_day
from app.payments.cli_flow import card_flow
from app.payments.cli_reconcile import reconcile
from app.payments.cli_vouchers import load_vouchers, write_vouchers

payments = AppGroup("payments", help="Bills, reconciliation, closing and vouchers.")
for command in (fetch_bill, import_bill, card_flow, reconcile, close_day, load_vouchers, write_vouchers):
    payments.add_command(command)
