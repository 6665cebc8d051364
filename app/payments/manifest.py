"""What payments tells the house."""

from datetime import time, timedelta

from flask import Flask

from app.kit.i18n import N_
from app.kit.module import AsFlow, MenuItem, Module, Permission, Role, Schedule, Seen
from app.payments import cli, jobs
from app.payments.callbacks import callbacks
from app.payments.events import (
    BillDue,
    BillUploaded,
    OrderClosed,
    PaymentSucceeded,
    ReceiptReady,
    RefundReady,
    VoucherReady,
)
from app.payments.flows import fulfilling, reconciling
from app.payments.messages import KINDS
from app.payments.pages import bills, cashier, desk, fees
from app.payments.queries.desk.differences import differences_waiting
from app.payments.queries.desk.disputes import disputes_waiting
from app.payments.queries.desk.orders import reviews_waiting
from app.payments.queries.desk.receipts import claims_waiting, receipts_waiting
from app.payments.queries.desk.refunds import refunds_waiting
from app.payments.queries.desk.vouchers import vouchers_refused
from app.payments.service import agreements
from app.payments.service.people import erase_person, export_person, merge_person
from app.platform.privacy.service import LIST_TAKEN, lists_of

(
    READ,
    REFUND,
    APPROVE,
    SETTLE,
    RECONCILE,
    APPROVE_RECONCILE,
    MANAGE_FEES,
    VOUCHERS,
    CLAIM,
    CHECK_CLAIM,
    STATEMENTS,
    CONFIRM,
) = (
    "payments.read",
    "payments.refund",
    "payments.approve_refund",
    "payments.settle",
    "payments.reconcile",
    "payments.approve_reconcile",
    "payments.manage_fees",
    "payments.vouchers",
    "payments.claim",
    "payments.check_claim",
    "payments.statements",
    "payments.confirm_statement",
)


def _start(app: Flask) -> None:
    fulfilling.configure(app.extensions["registry"])
    reconciling.configure(app.extensions["registry"])


module = Module(
    key="payments",
    title="支付",
    owner="财务处",
    blueprints=(callbacks, cashier, bills, fees, *desk.blueprints),
    menu=(
        MenuItem("订单", "/desk/payments/", READ, icon="wallet", order=20, count=reviews_waiting),
        MenuItem("退款", "/desk/payments/refunds", READ, icon="undo", order=21, count=refunds_waiting),
        MenuItem("支付异常", "/desk/payments/disputes", READ, icon="alert", order=22, count=disputes_waiting),
        MenuItem(
            "对账",
            "/desk/payments/days",
            READ,
            icon="calendar",
            order=23,
            count=differences_waiting,
            also=("/desk/payments/differences", "/desk/payments/months"),
        ),
        MenuItem(
            "账单",
            "/desk/payments/bills",
            READ,
            icon="list",
            order=24,
            also=("/desk/payments/card-flows",),
        ),
        MenuItem("账目", "/desk/payments/ledger", READ, icon="chart", order=25),
        MenuItem("凭证", "/desk/payments/vouchers", READ, icon="file", order=26, count=vouchers_refused),
        MenuItem("来款认领", "/desk/payments/claims", READ, icon="hand", order=27, count=claims_waiting),
        MenuItem("部门确认", "/desk/payments/statements", STATEMENTS, icon="check", order=28),
        MenuItem("票据", "/desk/payments/receipts", READ, icon="print", order=29, count=receipts_waiting),
        MenuItem("审计抽样", "/desk/payments/evidence", READ, icon="search", order=30),
        MenuItem("收费项目", "/desk/payments/fees", READ, icon="tag", order=31),
    ),
    permissions=(
        Permission(READ, "查看订单、账目和异常"),
        Permission(REFUND, "申请退款、经办线下退款"),
        Permission(APPROVE, "复核退款"),
        Permission(SETTLE, "处理未到账和支付异常"),
        Permission(RECONCILE, "导入账单、对账、经办差错"),
        Permission(APPROVE_RECONCILE, "复核差错、关账"),
        Permission(MANAGE_FEES, "维护收费项目和商户号"),
        Permission(VOUCHERS, "生成、导出、推送凭证"),
        Permission(CLAIM, "认领来款"),
        Permission(CHECK_CLAIM, "复核来款认领"),
        Permission(STATEMENTS, "查看部门月度收费情况"),
        Permission(CONFIRM, "确认本部门月度收费情况"),
    ),
    roles=(
        Role("payments.cashier", "财务经办", (READ, REFUND, SETTLE, RECONCILE, VOUCHERS, CLAIM, STATEMENTS)),
        Role("payments.reviewer", "财务复核", (READ, APPROVE, APPROVE_RECONCILE, CHECK_CLAIM, STATEMENTS)),
        Role("payments.auditor", "审计（只读）", (READ, STATEMENTS)),
        Role("payments.administrator", "收费管理员", (READ, MANAGE_FEES)),
        Role("payments.department", "收费部门", (STATEMENTS, CONFIRM), scopes=("all", "unit")),
    ),
    message_kinds=KINDS,
    subscriptions=(
        AsFlow(PaymentSucceeded, jobs.on_payment_succeeded),
        AsFlow(OrderClosed, jobs.on_order_closed),
        AsFlow(RefundReady, jobs.on_refund_ready),
        AsFlow(VoucherReady, jobs.on_voucher_ready),
        AsFlow(ReceiptReady, jobs.on_receipt_ready),
        AsFlow(BillDue, jobs.on_bill_due),
        AsFlow(BillUploaded, jobs.on_bill_uploaded),
    ),
    commands=(cli.payments,),
    schedules=(
        Schedule("check_attempts", jobs.check_attempts, every=timedelta(seconds=5)),
        Schedule("deliver", jobs.deliver, every=timedelta(seconds=5)),
        Schedule("send_refunds", jobs.send_refunds, every=timedelta(seconds=10)),
        Schedule("reconcile_days", jobs.reconcile_days, every=timedelta(minutes=10)),
        Schedule("tell_finance", jobs.tell_finance, daily_at=time(10, 40)),
        Schedule("close_quiet_days", jobs.close_quiet_days, every=timedelta(minutes=10)),
        Schedule("push_vouchers", jobs.push_vouchers, every=timedelta(seconds=30)),
        Schedule("issue_receipts", jobs.issue_receipts, every=timedelta(seconds=15)),
        Schedule("ask_for_bills", jobs.ask_for_bills, every=timedelta(minutes=5)),
        Schedule("read_card_flow", jobs.read_card_flow, every=timedelta(minutes=5)),
        Schedule("tell_missing_bills", jobs.tell_missing_bills, daily_at=time(10, 45)),
    ),
    merge_person=merge_person,
    seen=(
        Seen(
            LIST_TAKEN,
            "list",
            N_("导出订单，核对收费"),
            (N_("姓名（隐去部分）"), N_("付款内容和金额")),
            lists_of,
            "payments.orders",
        ),
        Seen(
            LIST_TAKEN,
            "list",
            N_("导出退款名册，办理退款"),
            (N_("姓名（隐去部分）"), N_("退款原因和金额")),
            lists_of,
            "payments.refunds",
        ),
    ),
    export_person=export_person,
    erase_person=erase_person,
    agreements=agreements.agreements_of,
    withdraw=agreements.withdraw,
    on_app=_start,
)
