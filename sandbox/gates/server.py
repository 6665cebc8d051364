"""`/gates/allow-list`, `/gates/passings`; `/_sim/gates/*`: faults, the list they hold, somebody who passes."""

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, request

from sandbox.card.flow import spoilt
from sandbox.control.api import body, reply
from sandbox.control.machines import add_switches
from sandbox.days import local
from sandbox.gates import keys
from sandbox.gates.lists import DEFAULTS, AllowList
from sandbox.machine import Call, Machine, Refusal, Trouble
from sandbox.store import Store
from sandbox.wire import cut, serve, shaped

CODES = {
    "auth_expired": ("TOKEN_ERROR", "令牌无效"),
    "rate_limited": ("BUSY", "请求过于频繁"),
    "service_closed": ("BUSY", "控制器正在重启"),
    "query_unavailable": ("ERROR", "系统异常"),
    "bad_request": ("PARAM_ERROR", "参数错误"),
    "duplicate": ("DUPLICATE", "同一编号的内容不同"),
    "stale": ("STALE", "已有更新的名单"),
    "base": ("BASE_MISMATCH", "名单的起点不对"),
    "too_many": ("TOO_MANY", "名单太长"),
}
MOST = 1000
bp = Blueprint("gates", __name__, url_prefix="/gates")
control = Blueprint("gates_control", __name__, url_prefix="/_sim/gates")


@dataclass(frozen=True)
class Controller:
    store: Store
    machine: Machine
    token: str
    list: AllowList


def controller() -> Controller:
    return cast("Controller", current_app.extensions["gates"])


add_switches(control, lambda: controller().machine)


@bp.post("/allow-list")
def give() -> Response:
    key, text = request.headers.get("Idempotency-Key", ""), request.get_data(as_text=True)
    return answer(Call("give", order_no=key), lambda trouble: controller().list.give(key, text, trouble))


@bp.get("/allow-list")
def held() -> Response:
    return answer(Call("held"), lambda _trouble: controller().list.held())


@bp.get("/passings")
def passings() -> Response:
    after, size = request.args.get("after", 0, type=int), request.args.get("limit", 200, type=int)
    return answer(
        Call("flow", wire="passings"), lambda trouble: page(controller().store, after, size, trouble)
    )


def answer(call: Call, work: Callable[[Trouble], dict[str, Any]]) -> Response:
    made = controller()

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


def page(store: Store, after: int, size: int, trouble: Trouble) -> dict[str, Any]:
    """Of `flow_…` all but `flow_changed`, which is of money."""
    rows = store.all(
        "SELECT * FROM gate_passings WHERE no > ? ORDER BY no LIMIT ?", (after, max(1, min(size, MOST)))
    )
    told = [
        {
            "no": row["no"],
            "gate": row["gate"],
            "number": row["number"],
            "direction": row["direction"],
            "time": local(row["moment"]).isoformat(timespec="seconds"),
        }
        for row in rows
    ]
    given = spoilt(told, trouble) if trouble.kind != "flow_changed" else told
    last = int(store.value("SELECT coalesce(max(no), 0) FROM gate_passings"))
    count = len(told) if trouble.kind == "flow_truncated" else len(given)
    return {"code": "OK", "series": series(store), "last": last, "count": count, "rows": given}


def series(store: Store) -> str:
    found = store.setting("gates_series")
    if found is None:
        store.keep("gates_series", found := secrets.token_hex(6))
    return str(found)


@control.get("/list")
def entries() -> Response:
    """What the gates hold."""
    made = controller()
    rows = made.store.all("SELECT * FROM gate_entries ORDER BY number, id")
    return reply({**made.list.held(), "entries": rows})


@control.post("/pass")
def walk() -> Response:
    """`{number, direction, gate, moment}`: somebody stands before it; `forced` lets him through whatever the list says.

    `skip`: the number stays empty for ever.
    """
    made, given = controller(), body()
    moment = float(given.get("moment") or made.store.now())
    number, direction = str(given.get("number", "")), str(given.get("direction", "out"))
    allowed = made.list.allows(number, direction, moment) or bool(given.get("forced"))
    with made.store.tx():
        no = 1 + int(made.store.value("SELECT coalesce(max(no), 0) FROM gate_passings"))
        no += bool(given.get("skip"))
        if allowed:
            made.store.run(
                "INSERT INTO gate_passings (no, gate, number, direction, moment) VALUES (?, ?, ?, ?, ?)",
                (no, str(given.get("gate", "G1")), number, direction, moment),
            )
    return reply({"is_allowed": allowed})


@control.post("/replace")
def replace() -> Response:
    """A new controller: no list, and its log counts from 1 again; `{"only": "list"}` loses the list alone."""
    made = controller()
    made.list.lose()
    if body().get("only") != "list":
        made.store.run("DELETE FROM gate_passings")
        made.store.keep("gates_series", secrets.token_hex(6))
    return reply({"ok": True})


def install(app: Flask) -> None:
    world = app.extensions["sandbox"]
    machine = Machine("gates", DEFAULTS, world.store, world.knobs)
    app.extensions["gates"] = Controller(
        world.store, machine, keys.load_or_make(world.config.data_dir), AllowList(world.store, machine)
    )
    for part in (bp, control):
        app.register_blueprint(part)
