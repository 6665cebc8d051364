"""`/v3/*`: the calls of a merchant. Everything is checked before, and everything answered is signed."""

import functools
import json
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, g, request

from sandbox.knobs import sleep_at_most
from sandbox.wxpay import bills, orders, refunds, signing, spoilt_bills
from sandbox.wxpay.acquirer import Acquirer, Refusal, acquirer
from sandbox.wxpay.checks import CLOSE, check
from sandbox.wxpay.keys import Merchant

bp = Blueprint("wxpay", __name__, url_prefix="/v3")
View = Callable[..., Response]
HTTP_ERRORS = {
    "api.500": (500, "SYSTEM_ERROR", "系统异常，请使用相同参数稍后重新调用"),
    "api.429": (429, "FREQUENCY_LIMITED", "频率限制，请稍后再试"),
}


def reply(body: Any, status: int = 200) -> Response:
    return Response(signing.dumps(body), status, mimetype="application/json")


def refused(refusal: Refusal) -> Response:
    return reply({"code": refusal.code, "message": refusal.message}, refusal.status)


def call(op: str) -> Callable[[View], View]:
    """Who asks, is it signed, are there faults; then the view; then the signature of the answer."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def run(**path: str) -> Response:
            a = acquirer()
            try:
                merchant = who(a)
                g.references = references(path)
                answer = before(a, op) or view(a, merchant, **path)
            except Refusal as refusal:
                answer = refused(refusal)
            return after(a, op, answer)

        return run

    return wrap


def who(a: Acquirer) -> Merchant:
    g.references = ()
    headers = request.headers
    if not headers.get("User-Agent") or not headers.get("Accept"):
        raise Refusal(400, "PARAM_ERROR", "Http头缺少Accept或User-Agent")
    target = str(request.environ.get("REQUEST_URI") or request.full_path.rstrip("?"))
    return signing.authenticate(
        a, headers.get("Authorization", ""), request.method, target, request.get_data()
    )


def references(path: dict[str, str]) -> tuple[str, ...]:
    """The numbers by which faults find this request."""
    found = request.get_json(force=True, silent=True) if request.method == "POST" else None
    given = found if isinstance(found, dict) else {}
    names = (given.get("out_refund_no"), given.get("out_trade_no"), request.args.get("bill_date"))
    return tuple(str(each) for each in (*path.values(), *names) if each)


def body() -> Any:
    try:
        return json.loads(request.get_data())
    except ValueError:
        raise Refusal(400, "PARAM_ERROR", "请求体不是 JSON") from None


def before(a: Acquirer, op: str) -> Response | None:
    """Faults that strike before anything has happened."""
    if fault := a.faults.take("api.timeout_before_commit", *g.references, op=op):
        return hang_up(fault)
    for name, error in HTTP_ERRORS.items():
        if a.faults.take(name, *g.references, op=op):
            return refused(Refusal(*error))
    return None


def after(a: Acquirer, op: str, answer: Response) -> Response:
    """Sign; and the faults that strike when it has happened already."""
    taken = functools.partial(a.faults.take, op=op)
    if fault := taken("api.timeout_after_commit", *g.references):
        return hang_up(fault)
    if taken("api.500_after_commit", *g.references):
        answer = refused(Refusal(*HTTP_ERRORS["api.500"]))
    if taken("api.partial_json", *g.references):
        answer.set_data(answer.get_data()[: len(answer.get_data()) // 2])
    answer.headers["Request-ID"] = f"{secrets.token_hex(16).upper()}-{answer.status_code}"
    if op == "download" or answer.status_code == 401 or taken("api.unsigned", *g.references):
        return answer
    pair = signing.answering_key(a, request.headers.get("Wechatpay-Serial", ""))
    headers = signing.headers(pair, answer.get_data(), a.now())
    if taken("api.bad_resp_sig", *g.references):
        headers["Wechatpay-Signature"] = headers["Wechatpay-Signature"][::-1]
    if taken("api.signtest", *g.references):
        headers["Wechatpay-Signature"] = signing.probe(headers["Wechatpay-Signature"])
    answer.headers.update(headers)
    return answer


def hang_up(fault: dict[str, Any]) -> Response:
    """No answer at all: after `seconds` (0) the connection breaks."""
    sleep_at_most(float(fault.get("seconds", 0)))
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response(b"", 500)


@bp.post("/pay/transactions/jsapi")
@call("prepay")
def jsapi(a: Acquirer, merchant: Merchant) -> Response:
    return reply({"prepay_id": placed(a, merchant, "JSAPI")["prepay_id"]})


@bp.post("/pay/transactions/native")
@call("prepay")
def native(a: Acquirer, merchant: Merchant) -> Response:
    return reply({"code_url": f"weixin://wxpay/bizpayurl?pr={placed(a, merchant, 'NATIVE')['code']}"})


def placed(a: Acquirer, merchant: Merchant, trade_type: str) -> dict[str, Any]:
    asked = body()
    prepay = orders.place(a, merchant.mchid, asked, trade_type)
    if a.faults.take("notify.before_response", *g.references, op="prepay"):
        order = a.order(merchant.mchid, asked["out_trade_no"])
        assert order is not None
        paid = orders.pay(a, order, orders.Payment(order["openid"] or "o-somebody-else-at-once"))
        a.notifier.payment_at_once(order, paid)
    return prepay


@bp.get("/pay/transactions/out-trade-no/<order_no>")
@call("query")
def query(a: Acquirer, merchant: Merchant, order_no: str) -> Response:
    own_number(merchant, request.args.get("mchid"))
    order = a.order(merchant.mchid, order_no)
    if order is None:
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
    return reply(orders.view(a, order))


@bp.get("/pay/transactions/id/<transaction_id>")
@call("query")
def query_by_id(a: Acquirer, merchant: Merchant, transaction_id: str) -> Response:
    own_number(merchant, request.args.get("mchid"))
    payment = a.store.one("SELECT * FROM wxpay_payments WHERE transaction_id = ?", (transaction_id,))
    order = a.order(merchant.mchid, payment["order_no"]) if payment else None
    if payment is None or order is None:
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
    return reply(orders.paid_view(a, order, payment))


@bp.post("/pay/transactions/out-trade-no/<order_no>/close")
@call("close")
def close(a: Acquirer, merchant: Merchant, order_no: str) -> Response:
    asked = body()
    check(asked, CLOSE)
    own_number(merchant, asked["mchid"])
    orders.close(a, merchant.mchid, order_no)
    return Response(b"", 204)


def own_number(merchant: Merchant, mchid: Any) -> None:
    if mchid != merchant.mchid:
        raise Refusal(400, "PARAM_ERROR", "参数错误: mchid 与签名的商户号不一致")


@bp.post("/refund/domestic/refunds")
@call("refund")
def refund(a: Acquirer, merchant: Merchant) -> Response:
    row, is_new = refunds.request(a, merchant.mchid, body())
    if is_new and a.faults.take("notify.before_response", *g.references, op="refund"):
        a.notifier.refund_at_once(refunds.finish(a, row, "SUCCESS"))
    elif is_new:
        a.notifier.finish_later(row)
    return reply(refunds.view(row))


@bp.get("/refund/domestic/refunds/<refund_no>")
@call("query_refund")
def query_refund(a: Acquirer, merchant: Merchant, refund_no: str) -> Response:
    row = refunds.by_number(a, merchant.mchid, refund_no)
    if row is None:
        raise Refusal(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return reply(refunds.view(row))


@bp.post("/refund/domestic/refunds/<refund_id>/apply-abnormal-refund")
@call("abnormal_refund")
def abnormal_refund(a: Acquirer, merchant: Merchant, refund_id: str) -> Response:
    pair = signing.answering_key(a, request.headers.get("Wechatpay-Serial", ""))
    row = refunds.apply_abnormal(a, merchant.mchid, refund_id, body(), pair)
    a.notifier.finish_later(row)
    return reply(refunds.view(row))


@bp.get("/bill/tradebill")
@call("trade_bill")
def trade_bill(a: Acquirer, merchant: Merchant) -> Response:
    kind, text = request.args.get("bill_type", "ALL"), request.args.get("bill_date", "")
    if kind not in {"ALL", "SUCCESS", "REFUND"} or request.args.get("tar_type") != "GZIP":
        raise Refusal(400, "PARAM_ERROR", "参数错误: bill_type 或 tar_type")
    day = bills.check_day(a, text, "trade_bill")
    spoilt_bills.shift(a, merchant.mchid, day)
    return offered(a, merchant, bills.trade(a, merchant.mchid, day, kind), "trade_bill")


@bp.get("/bill/fundflowbill")
@call("fund_flow_bill")
def fund_flow_bill(a: Acquirer, merchant: Merchant) -> Response:
    account, text = request.args.get("account_type", "BASIC"), request.args.get("bill_date", "")
    if account not in {"BASIC", "OPERATION", "FEES"} or request.args.get("tar_type") != "GZIP":
        raise Refusal(400, "PARAM_ERROR", "参数错误: account_type 或 tar_type")
    day = bills.check_day(a, text, "fund_flow_bill")
    bill = bills.fund(a, merchant.mchid, day)
    if account != "BASIC":
        bill.lines.clear()
    return offered(a, merchant, bill, "fund_flow_bill")


def offered(a: Acquirer, merchant: Merchant, bill: bills.Bill, op: str) -> Response:
    if not bill.lines:
        raise Refusal(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    content, digest = spoilt_bills.file(a, bill, request.args["bill_date"], op)
    lasts = -1 if a.faults.take("bill.expired", *g.references, op=op) else bills.TOKEN_LASTS
    base = request.host_url.rstrip("/")
    return reply(bills.offer(a, merchant.mchid, content, digest, base, lasts=lasts))


@bp.get("/billdownload/file")
@call("download")
def download(a: Acquirer, merchant: Merchant) -> Response:
    content = bills.file_of(a, merchant.mchid, request.args.get("token", ""))
    return Response(content, 200, mimetype="application/octet-stream")


@bp.get("/certificates")
@call("certificates")
def certificates(a: Acquirer, merchant: Merchant) -> Response:
    if a.knobs["wxpay_mode"] == "public_key":
        raise Refusal(
            404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"
        )
    listed = [
        {
            "serial_no": pair.ident,
            "effective_time": pair.certificate.not_valid_before_utc.isoformat(),
            "expire_time": pair.certificate.not_valid_after_utc.isoformat(),
            "encrypt_certificate": signing.seal(merchant.api_v3_key, pair.public_pem.encode(), "certificate"),
        }
        for pair in a.keys.certificates
    ]
    return reply({"data": listed})


@bp.route("/<path:_rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nowhere(_rest: str) -> Response:
    return reply({"code": "RESOURCE_NOT_EXISTS", "message": "没有这个接口"}, 404)
