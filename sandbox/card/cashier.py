"""The page where the holder of a card types its PIN; the address is signed by whoever wants the money."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request

from sandbox.card.books import Move
from sandbox.card.codes import CODES
from sandbox.card.operations import Bank, bank
from sandbox.days import ZONE
from sandbox.machine import Call, Refusal, Trouble
from sandbox.store import Row
from sandbox.wire import serve

bp = Blueprint("card_cashier", __name__, url_prefix="/card", template_folder="templates")
PIN, WRONG = re.compile(r"[0-9]{6}"), "000000"
SENTENCES = {
    "bad_request": "请回到商户页面重新发起支付。",
    "late": "付款时间已过，请回到商户页面重新发起支付。",
}


@bp.get("/cashier")
def cashier() -> Response:
    made = bank()
    try:
        order = wanted(made, request.args)
        return page(made, order, request.args)
    except Refusal as refusal:
        return message("无法支付", refusal, 400)


@bp.post("/cashier")
def pay() -> Response:
    made, pin = bank(), request.form.get("pin", "")
    form = {name: value for name, value in request.form.items() if name != "pin"}
    try:
        order = wanted(made, form)
    except Refusal as refusal:
        return message("无法支付", refusal, 400)
    if not PIN.fullmatch(pin) or pin == WRONG:
        return page(made, order, form, "密码不对，请重新输入。")
    asked = Move("DEBIT", order["orderno"], order["account"], int(order["amt"]), memo=order["memo"])

    def render(answer: Row | Refusal, trouble: Trouble) -> Response:
        if isinstance(answer, Refusal) and answer.reason != "duplicate":
            return message("没有支付", answer, 409, order["returnurl"])
        return redirect(order["returnurl"], 303)  # type: ignore[return-value]

    call = Call(op="pin", wire="pin_page", room="", order_no=asked.order_no, account=asked.account)
    return serve(made.machine, call, lambda trouble: made.books.move(asked, trouble, "refuse"), render)


def wanted(made: Bank, given: Mapping[str, str]) -> dict[str, Any]:
    """What the signed address asks for. Raises Refusal."""
    fields = dict(given)
    signature = fields.pop("sign", "")
    if fields.get("app_key") != made.keys.app_key or not made.sealer.verify(fields, signature):
        raise Refusal("bad_request")
    try:
        order = dict(json.loads(made.sealer.unseal(fields["request"]))["pin_page"])
        expires = dt.datetime.strptime(order["expires"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    except (ValueError, LookupError, TypeError):
        raise Refusal("bad_request") from None
    if expires.timestamp() <= made.store.now():
        raise Refusal("late")
    return order


def page(made: Bank, order: dict[str, Any], fields: Mapping[str, str], problem: str = "") -> Response:
    account = made.books.account(order["account"])
    return make_response(
        render_template(
            "card_cashier.html", order=order, account=account, fields=dict(fields), problem=problem
        ),
        409 if problem else 200,
    )


def message(title: str, refusal: Refusal, status: int, back: str = "") -> Response:
    text = SENTENCES.get(refusal.reason) or CODES[refusal.reason][1]
    return make_response(render_template("unipay_message.html", title=title, text=text, back=back), status)
