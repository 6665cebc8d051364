"""Refunds: accepted first, finished later; sums, numbers and terms as WeChat checks them."""

from typing import Any

from sandbox.store import Row
from sandbox.world import say
from sandbox.wxpay.acquirer import Acquirer, Refusal, number, rfc3339, yuan
from sandbox.wxpay.checks import ABNORMAL, REFUND, check
from sandbox.wxpay.keys import Pair
from sandbox.wxpay.orders import move
from sandbox.wxpay.signing import open_secret
from sandbox.wxpay.tables import canonical, insert

MOST = 50
TERM = 365 * 86400
ENDS = {"refund.abnormal": "ABNORMAL", "refund.closed": "CLOSED", "refund.processing_forever": ""}


def request(a: Acquirer, mchid: str, asked: dict[str, Any]) -> tuple[Row, bool]:
    """The refund of this number, and whether it is new. Raises Refusal."""
    check(asked, REFUND)
    with a.store.tx():
        known = by_number(a, mchid, asked["out_refund_no"])
        if known:
            if known["asked"] != canonical(asked):
                raise Refusal(400, "INVALID_REQUEST", "请求参数与该退款单号首次请求时不一致")
            return known, False
        order, payment = _paid_order(a, mchid, asked)
        _check_sum(a, order, payment, asked)
        _check_balance(a, mchid, asked)
        return _insert(a, order, payment, asked), True


def by_number(a: Acquirer, mchid: str, refund_no: str) -> Row | None:
    return a.store.one("SELECT * FROM wxpay_refunds WHERE mchid = ? AND refund_no = ?", (mchid, refund_no))


def of_order(a: Acquirer, order: Row) -> list[Row]:
    return a.store.all(
        "SELECT * FROM wxpay_refunds WHERE mchid = ? AND order_no = ? ORDER BY accepted, refund_id",
        (order["mchid"], order["order_no"]),
    )


def _paid_order(a: Acquirer, mchid: str, asked: dict[str, Any]) -> tuple[Row, Row]:
    field = "transaction_id" if asked.get("transaction_id") else "order_no"
    value = asked.get("transaction_id") or asked.get("out_trade_no")
    if not value:
        raise Refusal(400, "PARAM_ERROR", "参数错误: transaction_id 和 out_trade_no 至少给一个")
    payment = a.store.one(
        f"SELECT * FROM wxpay_payments WHERE mchid = ? AND {field} = ? ORDER BY at LIMIT 1",  # noqa: S608
        (mchid, value),
    )
    order = a.order(mchid, payment["order_no"] if payment else str(value))
    if order is None:
        raise Refusal(404, "RESOURCE_NOT_EXISTS", "订单不存在")
    if payment is None:
        raise Refusal(400, "INVALID_REQUEST", "订单未支付，不能退款")
    return order, payment


def _check_sum(a: Acquirer, order: Row, payment: Row, asked: dict[str, Any]) -> None:
    amount = asked["amount"]
    if amount["total"] != payment["total"]:
        raise Refusal(400, "PARAM_ERROR", "订单金额与原订单不一致")
    if a.now() > payment["at"] + TERM:
        raise Refusal(400, "INVALID_REQUEST", "订单已超过一年，不能退款")
    live = [
        row
        for row in of_order(a, order)
        if row["status"] != "CLOSED" and row["transaction_id"] == payment["transaction_id"]
    ]
    if sum(row["fen"] for row in live) + amount["refund"] > payment["total"]:
        raise Refusal(400, "INVALID_REQUEST", "退款金额大于可退金额，或者订单已全额退款")
    if len(live) >= MOST:
        raise Refusal(400, "INVALID_REQUEST", "同一笔订单最多退款 50 次")
    spacing = float(a.knobs["wxpay_refund_spacing"])
    if live and a.now() < live[-1]["accepted"] + spacing:
        raise Refusal(429, "FREQUENCY_LIMITED", "同一笔订单的退款请间隔 1 分钟")


def _check_balance(a: Acquirer, mchid: str, asked: dict[str, Any]) -> None:
    short = a.merchant(mchid)["balance"] < asked["amount"]["refund"]
    if short or a.faults.take("refund.not_enough", asked["out_refund_no"], asked.get("out_trade_no", "")):
        raise Refusal(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")


def _insert(a: Acquirer, order: Row, payment: Row, asked: dict[str, Any]) -> Row:
    references, fen = (asked["out_refund_no"], order["order_no"]), asked["amount"]["refund"]
    end = next((end for name, end in ENDS.items() if a.faults.take(name, *references)), "SUCCESS")
    if a.faults.take("refund.success_then_abnormal", *references):
        end = "SUCCESS,ABNORMAL"
    fee = _fee_back(a, order, payment, fen)
    row = {
        "refund_id": number("50300", a.now(), 15),
        "mchid": order["mchid"],
        "refund_no": asked["out_refund_no"],
        "transaction_id": payment["transaction_id"],
        "order_no": order["order_no"],
        "fen": fen,
        "total": payment["total"],
        "fee": fee,
        "reason": asked.get("reason", ""),
        "notify_url": asked.get("notify_url", ""),
        "asked": canonical(asked),
        "status": "PROCESSING",
        "accepted": a.now(),
        "finish_at": a.now() + float(a.knobs["wxpay_refund_delay"]) if end else None,
        "finish_as": end,
        "succeeded": None,
    }
    insert(a.store, "wxpay_refunds", row)
    a.set_order(order, state="REFUND")
    note = f"退款总金额{yuan(fen)}元;含手续费{yuan(fee)}元"
    ids = (row["refund_id"], payment["transaction_id"], row["refund_no"])
    move(a, order["mchid"], "退款", fee - fen, ids, note)
    return row


def _fee_back(a: Acquirer, order: Row, payment: Row, fen: int) -> int:
    """Pro rata; the last refund takes what rounding left."""
    earlier = [row for row in of_order(a, order) if row["status"] != "CLOSED"]
    refunded, returned = sum(row["fen"] for row in earlier), sum(row["fee"] for row in earlier)
    if refunded + fen == payment["total"]:
        return int(payment["fee"]) - returned
    return int(payment["fee"]) * fen // int(payment["total"])


def finish(a: Acquirer, refund: Row, status: str) -> Row:
    """SUCCESS, ABNORMAL or CLOSED, whatever it was; the caller sends the notice."""
    with a.store.tx():
        succeeded = a.now() if status == "SUCCESS" else refund["succeeded"]
        a.store.run(
            "UPDATE wxpay_refunds SET status = ?, succeeded = ?, finish_at = NULL WHERE refund_id = ?",
            (status, succeeded, refund["refund_id"]),
        )
        if status == "CLOSED" and refund["status"] != "CLOSED":
            ids = (refund["refund_id"], refund["transaction_id"], refund["refund_no"])
            move(a, refund["mchid"], "退款关闭退回", refund["fen"] - refund["fee"], ids)
    if status == "SUCCESS":
        _show(a, refund)
    return {**refund, "status": status, "succeeded": succeeded, "finish_at": None}


def _show(a: Acquirer, refund: Row) -> None:
    openid = a.store.value(
        "SELECT openid FROM wxpay_payments WHERE transaction_id = ?", (refund["transaction_id"],)
    )
    if a.store.value("SELECT 1 FROM users WHERE openid = ?", (openid,)):
        rows = [["商户", a.merchant(refund["mchid"])["name"]], ["退款原因", refund["reason"] or "无"]]
        card = {"title": "退款到账通知", "sum": f"¥{yuan(refund['fen'])}", "rows": rows}
        say(a.store, openid, "account", "pay", card, conversation="pay")


def apply_abnormal(a: Acquirer, mchid: str, refund_id: str, asked: dict[str, Any], key: Pair) -> Row:
    """An ABNORMAL refund goes to another account; it is PROCESSING again."""
    check(asked, ABNORMAL)
    refund = a.store.one("SELECT * FROM wxpay_refunds WHERE mchid = ? AND refund_id = ?", (mchid, refund_id))
    if refund is None or refund["refund_no"] != asked["out_refund_no"]:
        raise Refusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    if refund["status"] != "ABNORMAL":
        raise Refusal(400, "INVALID_REQUEST", "退款单状态不是退款异常")
    if asked["type"] == "USER_BANK_CARD":
        for name in ("bank_account", "real_name"):
            if open_secret(key, str(asked.get(name, ""))) is None:
                raise Refusal(400, "PARAM_ERROR", f"参数错误: {name} 不能解密")
    a.store.run(
        "UPDATE wxpay_refunds SET status = 'PROCESSING', finish_as = 'SUCCESS', finish_at = ? "
        "WHERE refund_id = ?",
        (a.now() + float(a.knobs["wxpay_refund_delay"]), refund_id),
    )
    return {**refund, "status": "PROCESSING", "finish_at": a.now()}


def view(refund: Row) -> dict[str, Any]:
    """The answer to a request or a query."""
    fen, total = refund["fen"], refund["total"]
    amount = {"total": total, "refund": fen, "payer_total": total, "payer_refund": fen, "currency": "CNY"}
    amount |= {"settlement_refund": fen, "settlement_total": total, "discount_refund": 0}
    return {
        "refund_id": refund["refund_id"],
        "out_refund_no": refund["refund_no"],
        "transaction_id": refund["transaction_id"],
        "out_trade_no": refund["order_no"],
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        **({"success_time": rfc3339(refund["succeeded"])} if refund["status"] == "SUCCESS" else {}),
        "create_time": rfc3339(refund["accepted"]),
        "status": refund["status"],
        "funds_account": "AVAILABLE",
        "amount": amount | {"refund_fee": refund["fee"]},
        "promotion_detail": [],
    }


def notice_view(refund: Row) -> dict[str, Any]:
    """What a notice says: another name for the status, and no currency."""
    fen, total = refund["fen"], refund["total"]
    succeeded = {"success_time": rfc3339(refund["succeeded"])} if refund["status"] == "SUCCESS" else {}
    return {
        "mchid": refund["mchid"],
        "transaction_id": refund["transaction_id"],
        "out_trade_no": refund["order_no"],
        "refund_id": refund["refund_id"],
        "out_refund_no": refund["refund_no"],
        "refund_status": refund["status"],
        **succeeded,
        "user_received_account": "支付用户零钱",
        "amount": {"total": total, "refund": fen, "payer_total": total, "payer_refund": fen},
    }
