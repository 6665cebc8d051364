"""Orders: NOTPAY → SUCCESS → REFUND, or NOTPAY → CLOSED; who may pay, what a merchant is told."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.store import Row
from sandbox.world import say
from sandbox.wxpay.acquirer import Acquirer, Refusal, number, rfc3339, yuan
from sandbox.wxpay.checks import JSAPI, ORDER, check
from sandbox.wxpay.tables import canonical, insert

PREPAY_LASTS = 7200
WEEK = 7 * 86400
DESCRIPTIONS = {"SUCCESS": "支付成功", "REFUND": "转入退款", "NOTPAY": "订单未支付", "CLOSED": "订单已关闭"}


class NotPaid(Exception):
    """WeChat does not let this person pay; the sentence is what the phone shows."""


@dataclass(frozen=True)
class Payment:
    """Somebody pays. With `force` whatever the order's state, person or sum: that is how faults are made."""

    openid: str
    total: int | None = None
    bank_type: str = "OTHERS"
    force: bool = False


def place(a: Acquirer, mchid: str, asked: dict[str, Any], trade_type: str) -> Row:
    """A new order, or the same once more; the row of its fresh prepay_id."""
    check(asked, JSAPI if trade_type == "JSAPI" else ORDER)
    if asked["mchid"] != mchid:
        raise Refusal(400, "PARAM_ERROR", "参数错误: mchid 与签名的商户号不一致")
    if asked["appid"] != a.config.appid:
        raise Refusal(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    with a.store.tx():
        order = a.order(mchid, asked["out_trade_no"])
        if order is None:
            _insert(a, asked, trade_type)
        else:
            _same_again(order, asked, trade_type)
        return _prepay(a, mchid, asked["out_trade_no"])


def _insert(a: Acquirer, asked: dict[str, Any], trade_type: str) -> None:
    now = a.now()
    wanted = asked.get("time_expire")
    expires = max(datetime.fromisoformat(wanted).timestamp(), now + 60) if wanted else now + WEEK
    row = {
        "mchid": asked["mchid"],
        "order_no": asked["out_trade_no"],
        "trade_type": trade_type,
        "description": asked["description"],
        "notify_url": asked["notify_url"],
        "total": asked["amount"]["total"],
        "openid": asked.get("payer", {}).get("openid", ""),
        "attach": asked.get("attach", ""),
        "expires": expires,
        "asked": canonical(asked),
        "created": now,
    }
    insert(a.store, "wxpay_orders", row)


def _same_again(order: Row, asked: dict[str, Any], trade_type: str) -> None:
    if order["state"] in {"SUCCESS", "REFUND"}:
        raise Refusal(400, "ORDERPAID", "该订单已支付")
    if order["state"] == "CLOSED":
        raise Refusal(400, "ORDER_CLOSED", "该订单已失效")
    if order["trade_type"] != trade_type or order["asked"] != canonical(asked):
        raise Refusal(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致")


def _prepay(a: Acquirer, mchid: str, order_no: str) -> Row:
    stamp = rfc3339(a.now())[:19]
    made = "".join(char for char in stamp if char.isdigit())
    row = {
        "prepay_id": f"wx{made}{secrets.token_hex(10)}",
        "mchid": mchid,
        "order_no": order_no,
        "code": secrets.token_urlsafe(6),
        "made": a.now(),
    }
    insert(a.store, "wxpay_prepays", row)
    return row


def order_to_pay(a: Acquirer, *, prepay_id: str = "", code: str = "") -> Row:
    """The order of a prepay_id or of the code in a QR picture. Raises NotPaid."""
    field, value = ("prepay_id", prepay_id) if prepay_id else ("code", code)
    prepay = a.store.one(f"SELECT * FROM wxpay_prepays WHERE {field} = ?", (value,))  # noqa: S608
    if prepay is None or a.now() > prepay["made"] + PREPAY_LASTS:
        raise NotPaid("二维码或支付会话已失效，请返回后重新发起支付")
    newest = a.store.value(
        "SELECT code FROM wxpay_prepays WHERE mchid = ? AND order_no = ? ORDER BY made DESC, rowid DESC LIMIT 1",
        (prepay["mchid"], prepay["order_no"]),
    )
    if code and newest != code:
        raise NotPaid("二维码已失效，请扫新的二维码")
    order = a.order(prepay["mchid"], prepay["order_no"])
    assert order is not None
    return order


def objection(a: Acquirer, order: Row, openid: str) -> str:
    """Why this person cannot pay this order now, or ""."""
    if order["state"] in {"SUCCESS", "REFUND"}:
        return "该订单已支付"
    if order["state"] == "CLOSED":
        return "该订单已关闭"
    if a.now() > order["expires"]:
        return "订单已超过支付时间"
    if order["openid"] and order["openid"] != openid:
        return "下单账号与支付账号不一致"
    return ""


def pay(a: Acquirer, order: Row, payment: Payment) -> Row:
    """The row of the payment; the caller sends the notice. Raises NotPaid."""
    with a.store.tx():
        order = a.order(order["mchid"], order["order_no"]) or order
        if not payment.force and (why := objection(a, order, payment.openid)):
            raise NotPaid(why)
        merchant, total = a.merchant(order["mchid"]), payment.total or order["total"]
        row = {
            "transaction_id": number("42000", a.now(), 15),
            "mchid": order["mchid"],
            "order_no": order["order_no"],
            "openid": payment.openid,
            "total": total,
            "fee": fee_of(total, merchant["fee_rate"]),
            "bank_type": payment.bank_type,
            "at": a.now(),
            "billed": a.now(),
        }
        insert(a.store, "wxpay_payments", row)
        if order["state"] in {"NOTPAY", "CLOSED"}:
            a.set_order(order, state="SUCCESS")
        ids = (row["transaction_id"], number("10000", a.now(), 20), order["order_no"])
        move(a, order["mchid"], "交易", total, ids)
        if row["fee"]:
            move(a, order["mchid"], "扣除交易手续费", -row["fee"], ids)
    _show(a, order, payment.openid, total)
    return row


def _show(a: Acquirer, order: Row, openid: str, total: int) -> None:
    """WeChat's own message to the person who paid."""
    if a.store.value("SELECT 1 FROM users WHERE openid = ?", (openid,)):
        card = {
            "title": "微信支付凭证",
            "sum": f"¥{yuan(total)}",
            "rows": [["收款方", a.merchant(order["mchid"])["name"]], ["商品", order["description"]]],
        }
        say(a.store, openid, "account", "pay", card, conversation="pay")


def fee_of(fen: int, rate: int) -> int:
    """Half a fen up; the rate is in ten-thousandths."""
    return (fen * rate + 5000) // 10000


def move(a: Acquirer, mchid: str, name: str, fen: int, ids: tuple[str, str, str], note: str = "") -> None:
    """One movement of the merchant's money; `ids` are WeChat's number, the flow's, and the voucher's."""
    a.store.run("UPDATE wxpay_merchants SET balance = balance + ? WHERE mchid = ?", (fen, mchid))
    row = {
        "mchid": mchid,
        "at": a.now(),
        "business_no": ids[0],
        "flow_no": ids[1],
        "name": name,
        "fen": fen,
        "balance": a.merchant(mchid)["balance"],
        "note": note,
        "voucher": ids[2],
    }
    insert(a.store, "wxpay_flows", row)


def close(a: Acquirer, mchid: str, order_no: str) -> None:
    with a.store.tx():
        order = a.order(mchid, order_no)
        if order is None:
            raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
        if order["state"] in {"SUCCESS", "REFUND"}:
            raise Refusal(400, "ORDERPAID", "该订单已支付")
        if order["state"] == "NOTPAY":
            a.set_order(order, state="CLOSED", closed=a.now())


def view(a: Acquirer, order: Row) -> dict[str, Any]:
    """The answer to a query."""
    payments = a.payments(order)
    if payments:
        return paid_view(a, order, payments[0])
    state = str(order["state"])
    return {
        "appid": a.config.appid,
        "mchid": order["mchid"],
        "out_trade_no": order["order_no"],
        "trade_state": state,
        "trade_state_desc": DESCRIPTIONS[state],
        "amount": {"total": order["total"], "currency": "CNY"},
        "promotion_detail": [],
    }


def paid_view(a: Acquirer, order: Row, payment: Row, state: str = "") -> dict[str, Any]:
    """What a query and a notice say of a payment."""
    state = state or str(order["state"])
    amount = {"total": payment["total"], "payer_total": payment["total"]}
    return {
        "appid": a.config.appid,
        "mchid": order["mchid"],
        "out_trade_no": order["order_no"],
        "transaction_id": payment["transaction_id"],
        "trade_type": order["trade_type"],
        "trade_state": state,
        "trade_state_desc": DESCRIPTIONS[state],
        "bank_type": payment["bank_type"],
        "attach": order["attach"],
        "success_time": rfc3339(payment["at"]),
        "payer": {"openid": payment["openid"]},
        "amount": {**amount, "currency": "CNY", "payer_currency": "CNY"},
        "promotion_detail": [],
    }
