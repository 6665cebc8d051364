"""`/_sim/wxpay/*`: pay, refund, look into the queue, arm faults; what a test or the control page needs."""

import json
from datetime import date
from typing import Any

from flask import Blueprint, Response, make_response, request

from sandbox.cast import BY_NUMBER, CAST
from sandbox.store import Row
from sandbox.wxpay import bills, forgeries, keys, orders, refunds, tables
from sandbox.wxpay.acquirer import Acquirer, acquirer, number
from sandbox.wxpay.faults import UnknownFault

bp = Blueprint("wxpay_control", __name__, url_prefix="/_sim/wxpay")


class NoSuch(Exception):
    """What the caller names does not exist."""


@bp.errorhandler(NoSuch)
def no_such(error: NoSuch) -> Response:
    return reply({"error": f"没有这个{error}"}, 404)


@bp.errorhandler(orders.NotPaid)
def not_paid(error: orders.NotPaid) -> Response:
    return reply({"error": str(error)}, 409)


@bp.errorhandler(UnknownFault)
@bp.errorhandler(ValueError)
def senseless(error: ValueError) -> Response:
    return reply({"error": str(error)}, 400)


def reply(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return make_response(text, status, {"Content-Type": "application/json; charset=utf-8"})


def given() -> dict[str, Any]:
    found = request.get_json(force=True, silent=True)
    return found if isinstance(found, dict) else {}


def order_of(a: Acquirer, body: dict[str, Any]) -> Row:
    order_no, mchid = str(body.get("order_no") or ""), body.get("mchid")
    order = a.order(str(mchid), order_no) if mchid else a.order_by_number(order_no)
    if order is None:
        raise NoSuch("订单")
    return order


def openid_of(body: dict[str, Any], order: Row) -> str:
    """`openid`, or `person` by number; else whom the order is for."""
    person = BY_NUMBER.get(str(body.get("person") or ""))
    return str(body.get("openid") or (person.openid if person else order["openid"]) or CAST[0].openid)


@bp.post("/pay")
def pay() -> Response:
    """`{order_no, person?, amount?, force?, delay?, wait?}`; with `force` after closing, twice, by anybody.

    `wait: true` answers when the merchant has answered the notice.
    """
    a, body = acquirer(), given()
    order = order_of(a, body)
    amount, force = body.get("amount"), bool(body.get("force"))
    payment = orders.Payment(
        openid_of(body, order),
        int(amount) if amount else None,
        str(body.get("bank_type") or "OTHERS"),
        force or bool(amount and int(amount) != order["total"]),
    )
    paid = orders.pay(a, order, payment)
    if body.get("wait"):
        a.notifier.payment_at_once(order, paid)
    else:
        a.notifier.payment(order, paid, after=float(body.get("delay") or 0))
    return reply(paid)


@bp.post("/refunds/finish")
def finish_refund() -> Response:
    """`{refund_no, status: SUCCESS|ABNORMAL|CLOSED, wait?}`."""
    a, body = acquirer(), given()
    row = a.store.one("SELECT * FROM wxpay_refunds WHERE refund_no = ?", (str(body.get("refund_no")),))
    status = str(body.get("status") or "SUCCESS")
    if row is None or status not in {"SUCCESS", "ABNORMAL", "CLOSED"}:
        raise NoSuch("退款单")
    finished = refunds.finish(a, row, status)
    (a.notifier.refund_at_once if body.get("wait") else a.notifier.refund)(finished)
    return reply(finished)


@bp.get("/orders")
def listed_orders() -> Response:
    """The newest first; or all of one `order_no`: payments, refunds, notices, tries."""
    a = acquirer()
    if "order_no" in request.args:
        return reply(everything_of(a, order_of(a, dict(request.args))))
    limit = max(1, min(request.args.get("limit", 50, type=int), 5000))
    return reply(a.store.all("SELECT * FROM wxpay_orders ORDER BY created DESC LIMIT ?", (limit,)))


def everything_of(a: Acquirer, order: Row) -> dict[str, Any]:
    notices = a.store.all(
        "SELECT * FROM wxpay_notices WHERE mchid = ? AND order_no = ? ORDER BY id",
        (order["mchid"], order["order_no"]),
    )
    tries = a.store.all("SELECT * FROM wxpay_attempts WHERE order_no = ? ORDER BY id", (order["order_no"],))
    return {
        "order": order,
        "payments": a.payments(order),
        "refunds": refunds.of_order(a, order),
        "notices": notices,
        "attempts": tries,
    }


@bp.get("/notices")
def listed_notices() -> Response:
    a, state = acquirer(), request.args.get("state", "")
    limit = max(1, min(request.args.get("limit", 50, type=int), 5000))
    rows = a.store.all(
        "SELECT * FROM wxpay_notices WHERE ? = '' OR state = ? ORDER BY id DESC LIMIT ?",
        (state, state, limit),
    )
    return reply(rows)


@bp.post("/notices/flush")
def flush() -> Response:
    """Everything that waits goes now, or that of one `order_no`; answers when it has gone."""
    return reply({"sent": acquirer().notifier.flush(str(given().get("order_no") or ""))})


@bp.post("/notices/drop")
def drop() -> Response:
    """`{order_no}`: its notices never go; without, none."""
    order_no = str(given().get("order_no") or "")
    dropped = acquirer().store.run(
        "UPDATE wxpay_notices SET state = 'dropped' WHERE state IN ('waiting', 'held') "
        "AND (? = '' OR order_no = ?)",
        (order_no, order_no),
    )
    return reply({"dropped": dropped})


@bp.post("/notices/again")
def again() -> Response:
    """`{order_no}`: what was delivered is delivered once more."""
    a, order_no = acquirer(), str(given().get("order_no") or "")
    a.store.run(
        "UPDATE wxpay_notices SET state = 'waiting' WHERE order_no = ? AND state IN ('delivered', 'given_up')",
        (order_no,),
    )
    return reply({"sent": a.notifier.flush(order_no)})


@bp.post("/fault")
def arm() -> Response:
    return reply(acquirer().faults.add(given()))


@bp.get("/faults")
def armed() -> Response:
    a = acquirer()
    return reply({"armed": a.faults.all(), "names": sorted(a.faults.names)})


@bp.post("/faults/clear")
def disarm() -> Response:
    acquirer().faults.clear()
    return reply({"ok": True})


@bp.post("/balance")
def balance() -> Response:
    """`{mchid, fen}`: top up, or take to the bank (提现) what is more, until this is left."""
    a, body = acquirer(), given()
    mchid, wanted = str(body.get("mchid")), int(body.get("fen", 0))
    change = wanted - int(merchant_of(a, mchid)["balance"])
    if change:
        ident = number("17000", a.now(), 15)
        orders.move(a, mchid, "充值" if change > 0 else "提现", change, (ident, ident, ident))
    return reply(merchant_of(a, mchid))


def merchant_of(a: Acquirer, mchid: str) -> Row:
    row = a.store.one("SELECT * FROM wxpay_merchants WHERE mchid = ?", (mchid,))
    if row is None:
        raise NoSuch("商户")
    return row


@bp.post("/fee")
def fee() -> Response:
    """`{mchid, rate}`: ten-thousandths, for payments from now on."""
    a, body = acquirer(), given()
    mchid = str(body.get("mchid"))
    merchant_of(a, mchid)
    a.store.run("UPDATE wxpay_merchants SET fee_rate = ? WHERE mchid = ?", (int(body["rate"]), mchid))
    return reply(merchant_of(a, mchid))


@bp.post("/settle")
def settle() -> Response:
    """`{mchid, day}`: the net sum of the day goes to the bank; what a bank statement will show."""
    a, body = acquirer(), given()
    mchid, day = str(body.get("mchid")), date.fromisoformat(str(body.get("day")))
    merchant_of(a, mchid)
    net = a.store.value(
        "SELECT coalesce(sum(fen), 0) FROM wxpay_flows WHERE mchid = ? AND at >= ? AND at < ? "
        "AND name NOT IN ('提现', '充值')",
        (mchid, *bills.span(day)),
    )
    if net > 0:
        ident = number("17000", a.now(), 15)
        orders.move(a, mchid, "提现", -net, (ident, ident, ident), f"结算 {day.isoformat()}")
    return reply({"fen": max(0, net), "day": day.isoformat()})


@bp.post("/keys")
def rotate() -> Response:
    """`{add: public_key|certificate|expired_certificate|merchant}`; then what merchants are told now."""
    a, what = acquirer(), str(given().get("add") or "")
    fresh = a.lazy_keys.change(lambda old: keys.add(old, what))
    return reply({mchid: fresh.environment(mchid) for mchid in fresh.merchants})


@bp.get("/keys")
def told() -> Response:
    known = acquirer().keys
    return reply({mchid: known.environment(mchid) for mchid in known.merchants})


@bp.get("/bill")
def bill() -> Response:
    """`?mchid=&day=&kind=ALL|SUCCESS|REFUND|FUND`: the file as it would be, with no rule about its time."""
    a, args = acquirer(), request.args
    mchid, day = args.get("mchid", next(iter(keys.MERCHANTS))), date.fromisoformat(args.get("day", ""))
    kind = args.get("kind", "ALL")
    made = bills.fund(a, mchid, day) if kind == "FUND" else bills.trade(a, mchid, day, kind)
    return make_response(made.encode(), 200, {"Content-Type": "text/csv; charset=utf-8"})


@bp.post("/forge")
def forge() -> Response:
    """`{variant: 1–25 or first|duplicate|fresh|rotated|late, order_no}` goes to the order's notify_url."""
    a, body = acquirer(), given()
    order, variant = order_of(a, body), body.get("variant")
    person = openid_of(body, order)
    if str(variant) in forgeries.GENUINE:
        letters = forgeries.genuine(a, order, str(variant), person)
    elif int(variant or 0) in forgeries.NAMES:
        letters = [forgeries.forged(a, forgeries.genuine_draft(a, order, person), int(variant or 0))]
    else:
        raise NoSuch("变体")
    answers = [a.notifier.post(order["notify_url"], letter) for letter in letters]
    told = [{"status": status, "ms": took, "said": said} for status, took, said in answers]
    return reply({"variant": variant, "status": told[-1]["status"], "answers": told})


@bp.get("/dump")
def dump() -> Response:
    """The whole truth, for assertions."""
    a = acquirer()
    wanted = [name for name in tables.NAMES if name != "wxpay_files"]
    return reply({name.removeprefix("wxpay_"): a.store.all(f"SELECT * FROM {name}") for name in wanted})  # noqa: S608
