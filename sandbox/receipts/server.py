"""`/receipts/<call>`: signed messages in and out; `/receipts/see/<no>`; `/_sim/receipts/*`: faults and the books."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, render_template, request

from sandbox.control.api import body, reply
from sandbox.control.machines import add_switches
from sandbox.days import local
from sandbox.machine import Call, Machine, Refusal, Trouble
from sandbox.receipts import keys
from sandbox.receipts.books import DEFAULTS, KINDS, Books
from sandbox.store import Row
from sandbox.wire import cut, serve, shaped

CODES = {
    "auth_expired": ("SIGN_ERROR", "签名错误"),
    "rate_limited": ("BUSY", "请求过于频繁"),
    "service_closed": ("BUSY", "系统维护中"),
    "query_unavailable": ("ERROR", "系统异常"),
    "bad_request": ("PARAM_ERROR", "参数错误"),
    "duplicate": ("DUPLICATE", "业务流水号已存在"),
    "not_found": ("NOT_FOUND", "没有这个业务流水号"),
    "no_receipt": ("NO_RECEIPT", "原票据不存在"),
    "no_stock": ("NO_STOCK", "票据库存不足"),
    "whole_only": ("WHOLE_ONLY", "财政电子票据只能全额冲红"),
    "booked": ("BOOKED", "票据已入账，须先由交款方取消入账"),
    "too_much": ("TOO_MUCH", "冲红金额大于可冲金额"),
}
bp = Blueprint("receipts", __name__, url_prefix="/receipts", template_folder="templates")
control = Blueprint("receipts_control", __name__, url_prefix="/_sim/receipts")


@dataclass(frozen=True)
class Issuer:
    books: Books
    machine: Machine
    app_id: str
    key: str


def issuer() -> Issuer:
    return cast("Issuer", current_app.extensions["receipts"])


add_switches(control, lambda: issuer().machine)


@bp.post("/<op>")
def call(op: str) -> Response:
    made, given = issuer(), request.get_json(silent=True) or {}
    work = OPS.get(op)
    if work is None:
        return Response("", 404)

    def checked(_trouble: Trouble) -> dict[str, Any]:
        if given.get("app_id") != made.app_id or not hmac.compare_digest(
            sign(made.key, given).encode(), str(given.get("sign", "")).encode()
        ):
            raise Refusal("auth_expired")
        try:
            return work(made.books, json.loads(base64.b64decode(given["data"])))
        except (KeyError, ValueError, TypeError):
            raise Refusal("bad_request") from None

    return serve(made.machine, Call(op), checked, lambda told, trouble: render(made, given, told, trouble))


def render(
    made: Issuer, given: Mapping[str, Any], told: dict[str, Any] | Refusal, trouble: Trouble
) -> Response:
    if trouble.kind == "gbk_plain_error":
        return Response("系统异常，请联系管理员".encode("gbk"), 200, content_type="text/html")
    if isinstance(told, Refusal):
        code, words = CODES[told.reason]
        told = {"code": code, "message": words}
    whole = {
        "app_id": made.app_id,
        "timestamp": str(int(made.books.store.now())),
        "nonce": str(given.get("nonce", "")),
        "data": base64.b64encode(json.dumps(told, ensure_ascii=False).encode()).decode(),
    }
    key = secrets.token_hex(32) if trouble.kind == "forged_reply" else made.key
    text = cut(json.dumps({**whole, "sign": sign(key, whole)}), trouble)
    return Response(shaped(text, trouble, "utf-8"), 200, content_type="application/json")


def sign(key: str, fields: Mapping[str, Any]) -> str:
    words = "\n".join(str(fields.get(name, "")) for name in ("app_id", "timestamp", "nonce", "data"))
    return hmac.new(key.encode(), words.encode(), hashlib.sha256).hexdigest()


def receipt_view(row: Row) -> dict[str, Any]:
    return {
        "code": "OK",
        "number": row["number"],
        "receipt_code": "00010126" if row["kind"] == "fiscal" else "",
        "receipt_no": receipt_no(row),
        "check_code": row["check_code"],
        "url": f"{request.host_url}receipts/see/{row['number']}?check={row['check_code']}",
    }


def receipt_no(row: Row) -> str:
    return f"{row['id']:010d}" if row["kind"] == "fiscal" else f"2611{row['id']:016d}"


def red_view(row: Row) -> dict[str, Any]:
    no = f"9{row['id']:09d}" if row["status"] == "DONE" else ""
    return {"code": "OK", "number": row["number"], "status": row["status"], "receipt_no": no}


OPS: dict[str, Callable[[Books, Mapping[str, Any]], dict[str, Any]]] = {
    "issue": lambda books, given: receipt_view(books.issue(given)),
    "query": lambda books, given: receipt_view(books.known(given["number"])),
    "red": lambda books, given: red_view(books.red(given)),
    "query_red": lambda books, given: red_view(books.known_red(given["number"])),
}


@bp.get("/see/<number>")
def see(number: str) -> Response:
    """The receipt as its holder sees it."""
    books = issuer().books
    found = books.find(number)
    if found is None or not hmac.compare_digest(found["check_code"], request.args.get("check", "")):
        return Response("没有这张票据，或校验码不对。", 404, mimetype="text/plain")
    page = render_template(
        "receipt.html",
        r=found,
        no=receipt_no(found),
        kind=KINDS[found["kind"]],
        taken_back=books.taken_back(found),
        day=f"{local(found['issued']):%Y-%m-%d}",
    )
    return Response(page)


@control.get("/receipts")
def receipts() -> Response:
    store = issuer().books.store
    return reply(
        {
            "receipts": store.all("SELECT * FROM receipts ORDER BY id DESC LIMIT 500"),
            "reds": store.all("SELECT * FROM red_receipts ORDER BY id DESC LIMIT 500"),
        }
    )


@control.post("/book")
def book() -> Response:
    """`{number, booked}`: the payer's accountants have booked the receipt, or take that back."""
    given = body()
    issuer().books.store.run(
        "UPDATE receipts SET booked = ? WHERE number = ?",
        (int(bool(given.get("booked", True))), str(given.get("number"))),
    )
    return reply({"ok": True})


@control.post("/confirm")
def confirm() -> Response:
    """`{number, agrees}`: the buyer's word about a reversal that waits for it."""
    given = body()
    issuer().books.store.run(
        "UPDATE red_receipts SET status = ? WHERE number = ? AND status = 'CONFIRMING'",
        ("DONE" if given.get("agrees", True) else "DECLINED", str(given.get("number"))),
    )
    return reply({"ok": True})


def install(app: Flask) -> None:
    world = app.extensions["sandbox"]
    machine = Machine("receipts", DEFAULTS, world.store, world.knobs)
    app_id, key = keys.load_or_make(world.config.data_dir)
    app.extensions["receipts"] = Issuer(Books(world.store, machine), machine, app_id, key)
    for part in (bp, control):
        app.register_blueprint(part)
