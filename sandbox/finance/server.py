"""`/finance/vouchers`: hand in and ask; `/_sim/finance/*`: faults, knobs, the books."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, request

from sandbox.control.api import reply
from sandbox.control.machines import add_switches
from sandbox.finance import keys
from sandbox.machine import Call, Machine, Refusal, Trouble
from sandbox.store import Row, Store
from sandbox.wire import cut, serve, shaped

CODES = {
    "auth_expired": ("TOKEN_ERROR", "令牌无效"),
    "rate_limited": ("BUSY", "请求过于频繁"),
    "service_closed": ("BUSY", "系统正在结账，请稍后再试"),
    "query_unavailable": ("ERROR", "系统异常"),
    "bad_request": ("PARAM_ERROR", "参数错误"),
    "unbalanced": ("UNBALANCED", "借贷合计不相等，保存会提示不能通过"),
    "closed_period": ("PERIOD_CLOSED", "会计期间已结账"),
    "account": ("ACCOUNT_UNKNOWN", "科目不存在或非末级"),
    "duplicate": ("DUPLICATE", "凭证号已存在"),
    "not_found": ("NOT_FOUND", "凭证不存在"),
}
DEFAULTS = {
    "closed_until": "",  # the last month that is closed: 2026-10
    "unknown_accounts": "",  # blank-separated
}
bp = Blueprint("finance", __name__, url_prefix="/finance")
control = Blueprint("finance_control", __name__, url_prefix="/_sim/finance")


@dataclass(frozen=True)
class System:
    store: Store
    machine: Machine
    token: str


def system() -> System:
    return cast("System", current_app.extensions["finance"])


add_switches(control, lambda: system().machine)


@bp.post("/vouchers")
def push() -> Response:
    body = request.get_data(as_text=True)
    number = request.headers.get("Idempotency-Key", "")
    return answer(Call("push", order_no=number), lambda trouble: book(system(), number, body, trouble))


@bp.get("/vouchers/<number>")
def query(number: str) -> Response:
    return answer(Call("query", order_no=number), lambda _trouble: view(known(system(), number)))


def answer(call: Call, work: Callable[[Trouble], dict[str, Any]]) -> Response:
    made = system()

    def checked(trouble: Trouble) -> dict[str, Any]:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {made.token}"):
            raise Refusal("auth_expired")
        return work(trouble)

    return serve(made.machine, call, checked, render)


def render(told: dict[str, Any] | Refusal, trouble: Trouble) -> Response:
    if trouble.kind == "gbk_plain_error":
        return Response("系统异常，请联系管理员".encode("gbk"), 200, content_type="text/html")
    if isinstance(told, Refusal):
        code, words = CODES[told.reason]
        told = {"code": code, "message": words}
    text = cut(json.dumps(told, ensure_ascii=False), trouble)
    return Response(shaped(text, trouble, "utf-8"), 200, content_type="application/json; charset=utf-8")


def book(made: System, number: str, body: str, trouble: Trouble) -> dict[str, Any]:
    """One number is booked once; with `duplicate_refused` a repetition is refused instead of answered."""
    with made.store.tx():
        found = made.store.one("SELECT * FROM finance_vouchers WHERE number = ?", (number,))
        if found and (trouble.kind == "duplicate_refused" or found["body"] != body):
            raise Refusal("duplicate")
        if found:
            return view(found)
        month, debit = check(made, number, body)
        no = made.store.value(
            "SELECT coalesce(max(no), 0) + 1 FROM finance_vouchers WHERE month = ?", (month,)
        )
        made.store.insert(
            "INSERT INTO finance_vouchers (number, body, month, no, debit_fen, booked) VALUES (?, ?, ?, ?, ?, ?)",
            (number, body, month, no, debit, made.store.now()),
        )
        return view(known(made, number))


def check(made: System, number: str, body: str) -> tuple[str, int]:
    """The month and the sum of a voucher that can be booked. Raises Refusal."""
    try:
        given = json.loads(body)
        month, lines = given["voucher_on"][:7], given["lines"]
        sides: dict[str, list[int]] = {}
        for line in lines:
            sums = sides.setdefault(line["side"], [0, 0])
            sums[0], sums[1] = sums[0] + line["debit_fen"], sums[1] + line["credit_fen"]
        accounts = {line["account"] for line in lines}
    except (ValueError, KeyError, TypeError):
        raise Refusal("bad_request") from None
    if given["number"] != number or not lines:
        raise Refusal("bad_request")
    if month <= str(made.machine["closed_until"]):
        raise Refusal("closed_period")
    if any(debit != credit for debit, credit in sides.values()):
        raise Refusal("unbalanced")
    if accounts & set(str(made.machine["unknown_accounts"]).split()):
        raise Refusal("account")
    return month, sides.get("financial", [0, 0])[0]


def known(made: System, number: str) -> Row:
    found = made.store.one("SELECT * FROM finance_vouchers WHERE number = ?", (number,))
    if found is None:
        raise Refusal("not_found")
    return found


def view(row: Row) -> dict[str, Any]:
    return {
        "code": "OK",
        "number": row["number"],
        "finance_no": f"{row['month']}-记-{row['no']}",
        "debit_fen": row["debit_fen"],
    }


@control.get("/vouchers")
def vouchers() -> Response:
    """What is booked, the newest first."""
    return reply(system().store.all("SELECT * FROM finance_vouchers ORDER BY id DESC LIMIT 500"))


def install(app: Flask) -> None:
    world = app.extensions["sandbox"]
    machine = Machine("finance", DEFAULTS, world.store, world.knobs)
    app.extensions["finance"] = System(world.store, machine, keys.load_or_make(world.config.data_dir))
    for part in (bp, control):
        app.register_blueprint(part)
