"""`/_sim/unipay/*`: faults and knobs of the platform, pay as if the payer had, look into its books."""

from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, request

from sandbox.control.api import body, reply
from sandbox.control.machines import add_switches
from sandbox.machine import Refusal
from sandbox.store import Row
from sandbox.unipay.books import Platform, platform
from sandbox.unipay.cashier import asked
from sandbox.unipay.codes import CODES
from sandbox.unipay.keys import MERCHANTS

bp = Blueprint("unipay_control", __name__, url_prefix="/_sim/unipay")
add_switches(bp, lambda: platform().machine)


@bp.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    code, words = CODES[refusal.reason]
    return reply({"error": f"{code}：{words}"}, 409)


@bp.post("/pay")
def pay() -> Response:
    """`{order_no or url, bank?, fen?, force?, wait?}`: as if the payer had, who opened `url` before.

    `force` also where it is closed; `wait: true` answers when the merchant has answered the notice.
    """
    made, given = platform(), body()
    if given.get("url"):
        order = made.books.open(asked(made, dict(parse_qsl(urlsplit(str(given["url"])).query))))
    else:
        order = order_of(made, str(given.get("order_no")))
    bank, fen = str(given.get("bank") or "CCB"), given.get("fen")
    paid = made.books.pay(order, bank, fen=int(fen) if fen else None, force=bool(given.get("force")))
    made.notifier.tell(paid, wait=bool(given.get("wait")))
    return reply(paid)


@bp.get("/orders")
def orders() -> Response:
    """The newest first; or all of one `order_no`: the order, its refunds, its notices."""
    made = platform()
    if "order_no" not in request.args:
        return reply(made.store.all("SELECT * FROM unipay_orders ORDER BY created DESC LIMIT 200"))
    order = order_of(made, request.args["order_no"])
    notices = made.store.all(
        "SELECT * FROM unipay_notices WHERE merchant_no = ? AND order_no = ? ORDER BY id",
        (order["merchant_no"], order["order_no"]),
    )
    return reply({"order": order, "refunds": made.books.refunds_of(order), "notices": notices})


@bp.post("/notices/flush")
def flush() -> Response:
    """Everything that waits goes now; answers when it has gone."""
    return reply({"sent": platform().notifier.flush()})


@bp.post("/refunds/finish")
def finish_refund() -> Response:
    """`{refund_no, status: SUCCESS|ABNORMAL|CLOSED}`."""
    made, given = platform(), body()
    status = str(given.get("status") or "SUCCESS")
    found = made.store.one("SELECT * FROM unipay_refunds WHERE refund_no = ?", (str(given.get("refund_no")),))
    if found is None:
        raise Refusal("no_refund")
    if status not in ("SUCCESS", "ABNORMAL", "CLOSED"):
        raise Refusal("bad_request")
    made.books.finish(found, status)
    return reply({**found, "status": status})


@bp.post("/balance")
def balance() -> Response:
    """`{merchant_no, fen?}`: what the merchant has, or has from now on."""
    made, given = platform(), body()
    merchant_no = str(given.get("merchant_no"))
    if merchant_no not in MERCHANTS:
        raise Refusal("merchant")
    if "fen" in given:
        made.books.set_balance(merchant_no, int(given["fen"]))
    return reply({"merchant_no": merchant_no, "fen": made.books.balance(merchant_no)})


def order_of(made: Platform, order_no: str) -> Row:
    found = made.store.value("SELECT merchant_no FROM unipay_orders WHERE order_no = ?", (order_no,))
    return made.books.known(str(found), order_no)
