"""The cashier: what a payer's browser is sent to. Choose a bank and pay, or turn back."""

import datetime as dt
from pathlib import Path

from flask import Blueprint, Response, make_response, redirect, render_template, request, send_from_directory

from sandbox.machine import Refusal
from sandbox.store import Row
from sandbox.unipay.books import Asked, Platform, platform
from sandbox.unipay.codes import CODES
from sandbox.unipay.gateway import proved
from sandbox.unipay.keys import MERCHANTS

bp = Blueprint("unipay_cashier", __name__, url_prefix="/unipay", template_folder="templates")
STATIC = Path(__file__).parent / "static"
BANKS = {"CCB": "建设银行", "ICBC": "工商银行", "BOC": "中国银行", "ABC": "农业银行", "CMB": "招商银行"}


@bp.get("/cashier")
def cashier() -> Response:
    made = platform()
    try:
        return page(made.books.open(asked(made, request.args.to_dict())))
    except Refusal as refusal:
        return message("无法支付", CODES[refusal.reason][1], 400)


def asked(made: Platform, given: dict[str, str]) -> Asked:
    """The order of a signed address. Raises Refusal."""
    merchant_no = proved(made, given)
    try:
        return Asked(
            merchant_no=merchant_no,
            order_no=given["order_no"],
            subject=given["subject"],
            fen=int(given["total_fen"]),
            payer=given["payer"],
            expires=dt.datetime.fromisoformat(given["expires_at"]).timestamp(),
            notify_url=given["notify_url"],
            return_url=given["return_url"],
        )
    except (KeyError, ValueError):
        raise Refusal("bad_request") from None


@bp.post("/cashier")
def pay() -> Response:
    """A bank was chosen."""
    made, bank = platform(), request.form.get("bank", "")
    order = made.store.one("SELECT * FROM unipay_orders WHERE ticket = ?", (request.form.get("ticket", ""),))
    if order is None or bank not in BANKS:
        return message("无法支付", "请回到商户页面重新发起支付。", 400)
    try:
        made.notifier.tell(made.books.pay(order, bank))
    except Refusal as refusal:
        return message("没有支付", CODES[refusal.reason][1], 409, order["return_url"])
    found = redirect(order["return_url"], 303)
    found.headers["Cache-Control"] = "no-store"
    return found  # type: ignore[return-value]


@bp.get("/static/<path:name>")
def static(name: str) -> Response:
    return send_from_directory(STATIC, name, conditional=True, max_age=0)


def page(order: Row) -> Response:
    if order["paid"] is not None:
        return message("订单已支付", order["subject"], 200, order["return_url"])
    if order["state"] == "CLOSED":
        return message("订单已关闭", "请回到商户页面重新发起支付。", 200, order["return_url"])
    text = render_template(
        "unipay_cashier.html", order=order, merchant=MERCHANTS[order["merchant_no"]], banks=BANKS
    )
    return make_response(text, 200, {"Cache-Control": "no-store"})


def message(title: str, text: str, status: int, back: str = "") -> Response:
    found = render_template("unipay_message.html", title=title, text=text, back=back)
    return make_response(found, status, {"Cache-Control": "no-store"})
