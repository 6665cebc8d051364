"""What the phone asks when a page or a QR code wants money."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.store import Row
from sandbox.world import world
from sandbox.wxpay import orders, signing
from sandbox.wxpay.acquirer import Acquirer, acquirer, yuan

bp = Blueprint("wxpay_phone", __name__, url_prefix="/phone/api/wxpay")


@bp.errorhandler(orders.NotPaid)
def refused(error: orders.NotPaid) -> Response:
    return jsonify(error=str(error))


def given() -> dict[str, Any]:
    found = request.get_json(force=True, silent=True)
    return found if isinstance(found, dict) else {}


def openid_of(body: dict[str, Any]) -> str:
    user = world().user_by_number(str(body.get("person") or ""))
    if user is None:
        raise orders.NotPaid("没有这个人")
    return str(user["openid"])


def wanted_order(a: Acquirer, body: dict[str, Any]) -> Row:
    """By the code of a QR picture, or by what the page hands over, whose signature is checked."""
    if body.get("code"):
        return orders.order_to_pay(a, code=str(body["code"]))
    order = orders.order_to_pay(a, prepay_id=str(body.get("package", "")).removeprefix("prepay_id="))
    if body.get("appId") != a.config.appid or body.get("signType") != "RSA":
        raise orders.NotPaid("支付验证签名失败：appId 或 signType 不对")
    if not signing.is_invocation(a, a.keys.merchants[order["mchid"]], body):
        raise orders.NotPaid("支付验证签名失败")
    return order


@bp.post("/sheet")
def sheet() -> Response:
    """What the sheet shows, or why it does not open."""
    a, body = acquirer(), given()
    openid, order = openid_of(body), wanted_order(a, body)
    if why := orders.objection(a, order, openid):
        raise orders.NotPaid(why)
    merchant = a.merchant(order["mchid"])["name"]
    return jsonify(merchant=merchant, description=order["description"], sum=yuan(order["total"]))


@bp.post("/pay")
def pay() -> Response:
    """Six digits were typed."""
    a, body = acquirer(), given()
    openid, order = openid_of(body), wanted_order(a, body)
    paid = orders.pay(a, order, orders.Payment(openid, bank_type="CFT"))
    a.notifier.payment(order, paid)
    return jsonify(ok=True)


@bp.get("/codes")
def codes() -> Response:
    """QR codes that could be scanned now, the newest first."""
    a = acquirer()
    rows = a.store.all(
        "SELECT o.description, o.total, max(p.made) AS made, p.code FROM wxpay_orders o JOIN wxpay_prepays p "
        "USING (mchid, order_no) WHERE o.trade_type = 'NATIVE' AND o.state = 'NOTPAY' AND o.expires > ? "
        "AND p.made > ? GROUP BY o.mchid, o.order_no ORDER BY made DESC LIMIT 4",
        (a.now(), a.now() - orders.PREPAY_LASTS),
    )
    return jsonify(
        [
            {
                "text": f"weixin://wxpay/bizpayurl?pr={row['code']}",
                "label": f"{row['description']} ¥{yuan(row['total'])}",
            }
            for row in rows
        ]
    )
