"""The merchants' door: signed forms in, signed JSON out."""

import base64
import datetime as dt
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from sandbox.days import local, number_of
from sandbox.machine import Call, Refusal, Trouble
from sandbox.statement import statement
from sandbox.store import Row
from sandbox.unipay.books import Platform, platform, refund_id
from sandbox.unipay.codes import CODES, UNSIGNED
from sandbox.unipay.signing import is_signed, sign
from sandbox.wire import cut, serve, shaped

bp = Blueprint("unipay_gateway", __name__, url_prefix="/unipay")
WINDOW = 300
Fields = Mapping[str, str]
Work = Callable[[Platform, str, Fields, Trouble], dict[str, Any]]


@bp.post("/gateway/<op>")
def gateway(op: str) -> Response:
    made, given = platform(), dict(request.form.items())
    work = OPS.get(op)
    if work is None:
        return Response("", 404)

    def checked(trouble: Trouble) -> dict[str, Any]:
        merchant_no = proved(made, given)
        check_time(made, given)
        try:
            return work(made, merchant_no, given, trouble)
        except (KeyError, ValueError):
            raise Refusal("bad_request") from None

    def render(answer: dict[str, Any] | Refusal, trouble: Trouble) -> Response:
        return reply(made, given, answer, trouble)

    order_no = given.get("refund_no") or given.get("order_no", "")
    call = Call("statement" if op == "day_file" else op, op, order_no=order_no)
    return serve(made.machine, call, checked, render)


def proved(made: Platform, given: Fields) -> str:
    """The merchant who signed. Raises Refusal."""
    merchant_no = given.get("merchant_no", "")
    if merchant_no not in made.keys:
        raise Refusal("merchant")
    if not is_signed(made.keys[merchant_no], given):
        raise Refusal("sign")
    return merchant_no


def check_time(made: Platform, given: Fields) -> None:
    stamp = given.get("timestamp", "")
    if not stamp.isdecimal() or abs(made.store.now() - int(stamp)) > WINDOW or not given.get("nonce"):
        raise Refusal("timestamp")


def query(made: Platform, merchant_no: str, given: Fields, _: Trouble) -> dict[str, Any]:
    order = made.books.known(merchant_no, given["order_no"])
    if order["paid"] is None:
        return {"order_no": order["order_no"], "state": order["state"], "total_fen": order["fen"]}
    return {**paid_view(order), "state": "REFUND" if made.books.refunds_of(order) else "SUCCESS"}


def paid_view(order: Row) -> dict[str, Any]:
    """What a notice says as well."""
    return {
        "order_no": order["order_no"],
        "state": "SUCCESS",
        "total_fen": order["fen"],
        "transaction_id": order["transaction_id"],
        "paid_at": local(order["paid"]).isoformat(timespec="seconds"),
        "bank": order["bank"],
    }


def close(made: Platform, merchant_no: str, given: Fields, _: Trouble) -> dict[str, Any]:
    made.books.close(merchant_no, given["order_no"])
    return {"order_no": given["order_no"]}


def refund(made: Platform, merchant_no: str, given: Fields, trouble: Trouble) -> dict[str, Any]:
    return refund_view(made.books.refund(merchant_no, given, trouble))


def query_refund(made: Platform, merchant_no: str, given: Fields, _: Trouble) -> dict[str, Any]:
    found = made.books.find_refund(merchant_no, given["refund_no"])
    if found is None:
        raise Refusal("no_refund")
    return refund_view(found)


def refund_view(row: Row) -> dict[str, Any]:
    return {
        "refund_no": row["refund_no"],
        "refund_id": refund_id(row),
        "order_no": row["order_no"],
        "refund_fen": row["fen"],
        "status": row["status"],
    }


def day_file(made: Platform, merchant_no: str, given: Fields, trouble: Trouble) -> dict[str, Any]:
    day = number_of(dt.datetime.strptime(given["day"], "%Y%m%d").date())  # noqa: DTZ007 - a day, no moment
    content = statement(
        made.store,
        f"unipay_{merchant_no}",
        merchant_no,
        day,
        lambda number: made.books.lines(merchant_no, number),
        trouble,
    )
    return {"day": given["day"], "file": base64.b64encode(content).decode()}


OPS: dict[str, Work] = {
    "query": query,
    "close": close,
    "refund": refund,
    "query_refund": query_refund,
    "day_file": day_file,
}


def reply(made: Platform, given: Fields, answer: dict[str, Any] | Refusal, trouble: Trouble) -> Response:
    if trouble.kind == "gbk_plain_error":
        return Response("系统异常，请联系管理员".encode("gbk"), 200, content_type="text/html")
    told = told_of(answer)
    if told["code"] not in UNSIGNED:
        told |= {"merchant_no": given.get("merchant_no", ""), "nonce": given.get("nonce", "")}
        told["timestamp"] = str(int(made.store.now()))
        key = secrets.token_hex(32) if trouble.kind == "forged_reply" else made.keys[told["merchant_no"]]
        told["sign"] = sign(key, told)
    body = shaped(cut(json.dumps(told, ensure_ascii=False), trouble), trouble, "utf-8")
    return Response(body, 200, content_type="application/json; charset=utf-8")


def told_of(answer: dict[str, Any] | Refusal) -> dict[str, str]:
    """Texts throughout."""
    if isinstance(answer, Refusal):
        code, words = CODES[answer.reason]
        return {"code": code, "message": words}
    return {"code": "SUCCESS", "message": "", **{name: str(value) for name, value in answer.items()}}
