"""Bills with faults: what a careful reconciliation has to find."""

import copy
from collections.abc import Callable
from datetime import date

from sandbox.wxpay import bills
from sandbox.wxpay.acquirer import Acquirer, yuan
from sandbox.wxpay.bills import Bill

OLD_HEADER = (
    f"{bills.HEAD},{bills.REFUND_PART},商品名称,商户数据包,手续费,费率".replace("应结订单金额", "总金额")
    .replace("代金券金额", "代金券或立减优惠金额")
    .replace("充值券退款金额", "代金券或立减优惠退款金额")
)
OLD_SUMMARY = "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额"


def missing_line(bill: Bill, fault: dict) -> None:
    del bill.lines[at(bill, fault)]


def extra_line(bill: Bill, fault: dict) -> None:
    line = copy.copy(bill.lines[at(bill, fault)])
    line |= {"微信订单号": f"{'9' * 28}", "商户订单号": str(fault.get("extra", "NOTOURS0000001"))}
    bill.lines.append(line)


def dup_line(bill: Bill, fault: dict) -> None:
    bill.lines.append(copy.copy(bill.lines[at(bill, fault)]))


def amount(bill: Bill, fault: dict) -> None:
    line, more = bill.lines[at(bill, fault)], int(fault.get("fen", 1))
    for name in ("收支金额(元)", "订单金额", "应结订单金额", "退款金额", "申请退款金额"):
        if line.get(name, "0.00") != "0.00":
            whole, rest = line[name].split(".")
            line[name] = yuan(int(whole) * 100 + int(rest) + more)


def status(bill: Bill, fault: dict) -> None:
    line = bill.lines[at(bill, fault)]
    name = "退款状态" if line.get("退款状态") else "交易状态"
    line[name] = str(fault.get("status", "REVOKED" if name == "交易状态" else "FAIL"))


def total_mismatch(bill: Bill, fault: dict) -> None:
    which = 2 if bill.summary_columns[0].startswith("资金") else 1
    whole, rest = bill.summary[which].split(".")
    bill.summary[which] = yuan(int(whole) * 100 + int(rest) + int(fault.get("fen", 1)))


def old_header(bill: Bill, fault: dict) -> None:
    """As few merchants still get it: other names, three columns fewer."""
    renamed = dict(zip(bill.columns, OLD_HEADER.split(","), strict=False))
    bill.lines = [{renamed.get(name, name): value for name, value in line.items()} for line in bill.lines]
    bill.columns, bill.summary_columns = OLD_HEADER.split(","), OLD_SUMMARY.split(",")
    bill.summary = bill.summary[:5]


def reordered_columns(bill: Bill, fault: dict) -> None:
    bill.columns = [*bill.columns[5:], *bill.columns[:5]]


def fee_diff(bill: Bill, fault: dict) -> None:
    fee = next((line for line in bill.lines if line["业务名称"] == "扣除交易手续费"), None)
    if fee:
        fee["收支金额(元)"] = yuan(int(fee["收支金额(元)"].replace(".", "")) + int(fault.get("fen", 1)))


def missing_settlement(bill: Bill, fault: dict) -> None:
    bill.lines = [line for line in bill.lines if line["业务名称"] != "提现"]


LINE_FAULTS: dict[str, Callable[[Bill, dict], None]] = {
    "bill.missing_line": missing_line,
    "bill.extra_line": extra_line,
    "bill.dup_line": dup_line,
    "bill.amount": amount,
    "bill.status": status,
    "bill.total_mismatch": total_mismatch,
    "bill.old_header": old_header,
    "bill.reordered_columns": reordered_columns,
    "fund.fee_diff": fee_diff,
    "fund.missing_settlement": missing_settlement,
}


def at(bill: Bill, fault: dict) -> int:
    """The line that the fault names by `k` or by an order's number, else the first."""
    wanted = fault.get("line")
    for index, line in enumerate(bill.lines):
        if wanted and wanted in line.values():
            return index
    return int(fault.get("k", 0)) % len(bill.lines)


def shift(a: Acquirer, mchid: str, day: date) -> None:
    """The last payment of the day, a second before midnight, is billed the day after."""
    start, end = bills.span(day)
    if a.faults.take("bill.shift_day", day.isoformat()):
        a.store.run(
            "UPDATE wxpay_payments SET billed = ? WHERE transaction_id = (SELECT transaction_id FROM "
            "wxpay_payments WHERE mchid = ? AND billed >= ? AND billed < ? ORDER BY billed DESC LIMIT 1)",
            (end, mchid, start, end),
        )


def file(a: Acquirer, bill: Bill, day: str, op: str) -> tuple[bytes, str]:
    """The file and its digest, with whatever faults are armed for this day and kind."""
    for name, spoil in LINE_FAULTS.items():
        if fault := a.faults.take(name, day, op=op):
            spoil(bill, fault)
    is_plain = a.faults.take("bill.no_bom", day, op=op)
    content, digest = bills.packed(bill.encode(mark=b"", end="\n") if is_plain else bill.encode())
    if a.faults.take("bill.truncated", day, op=op):
        content = content[: len(content) * 3 // 5]
    if a.faults.take("bill.bad_hash", day, op=op):
        digest = digest[::-1]
    return content, digest
