"""`/sms/api`: the gateway in Tencent Cloud's words; `/sms`: what lies in the phones; `/_sim/sms/*`: faults and truth."""

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
from sandbox.sms import keys
from sandbox.sms.gateway import DEFAULTS, Gateway
from sandbox.wire import cut, serve, shaped

CODES = {
    "auth_expired": "AuthFailure.SignatureFailure",
    "rate_limited": "RequestLimitExceeded",
    "service_closed": "RequestLimitExceeded",
    "query_unavailable": "InternalError.OtherError",
    "bad_request": "InvalidParameter",
    "half_minute": "LimitExceeded.PhoneNumberThirtySecondLimit",
    "hour": "LimitExceeded.PhoneNumberOneHourLimit",
    "day": "LimitExceeded.PhoneNumberDailyLimit",
    "sms_limit": "LimitExceeded.PhoneNumberDailyLimit",
    "sms_template": "FailedOperation.TemplateIncorrectOrUnapproved",
    "sms_blacklist": "FailedOperation.PhoneNumberInBlacklist",
    "bad_sign": "FailedOperation.SignatureIncorrectOrUnapproved",
    "bad_params": "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
    "bad_number": "InvalidParameterValue.IncorrectPhoneNumber",
    "duplicate": "FailedOperation.RepeatedSessionContext",
}
WHOLE = {"auth_expired", "rate_limited", "service_closed", "query_unavailable", "bad_request"}
"""Refused before any number was looked at."""
OPS = {"SendSms": "send", "PullSmsSendStatusByPhoneNumber": "report"}
bp = Blueprint("sms", __name__, url_prefix="/sms", template_folder="templates")
control = Blueprint("sms_control", __name__, url_prefix="/_sim/sms")


@dataclass(frozen=True)
class Account:
    gateway: Gateway
    machine: Machine
    secret_id: str
    secret_key: str


def account() -> Account:
    return cast("Account", current_app.extensions["sms"])


add_switches(control, lambda: account().machine)


@bp.post("/api/")
def call() -> Response:
    made, action = account(), request.headers.get("X-TC-Action", "")
    if action not in OPS:
        return Response("", 404)
    given = request.get_json(silent=True) or {}
    phone = str((given.get("PhoneNumberSet") or [given.get("PhoneNumber", "")])[0])

    def work(trouble: Trouble) -> dict[str, Any]:
        if not is_signed(made, request.get_data()):
            raise Refusal("auth_expired")
        try:
            return WORK[action](made.gateway, given, trouble)
        except (KeyError, ValueError, TypeError):
            raise Refusal("bad_request") from None

    return serve(
        made.machine,
        Call(OPS[action], action, account=phone, order_no=str(given.get("SessionContext", ""))),
        work,
        lambda told, trouble: render(told, trouble, phone),
    )


def is_signed(made: Account, raw: bytes) -> bool:
    """TC3-HMAC-SHA256 over content type, host and body."""
    given = request.headers.get("Authorization", "")
    scope = given.partition("Credential=")[2].partition(",")[0].partition("/")[2]
    stamp = request.headers.get("X-TC-Timestamp", "")
    headers = f"content-type:{request.headers.get('Content-Type')}\nhost:{request.headers.get('Host')}\n"
    whole = f"POST\n/\n\n{headers}\ncontent-type;host\n{hashlib.sha256(raw).hexdigest()}"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(whole.encode()).hexdigest()}"
    key = f"TC3{made.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    wanted = (
        f"TC3-HMAC-SHA256 Credential={made.secret_id}/{scope}, SignedHeaders=content-type;host, "
        f"Signature={hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}"
    )
    return hmac.compare_digest(wanted.encode(), given.encode())


def render(told: dict[str, Any] | Refusal, trouble: Trouble, phone: str) -> Response:
    if trouble.kind == "gbk_plain_error":
        return Response("系统异常，请联系管理员".encode("gbk"), 200, content_type="text/html")
    if isinstance(told, Refusal):
        code = CODES[told.reason]
        if told.reason in WHOLE:
            told = {"Error": {"Code": code, "Message": "refused"}}
        else:
            told = {"SendStatusSet": [{"SerialNo": "", "PhoneNumber": phone, "Fee": 0, "Code": code}]}
    whole = {"Response": {**told, "RequestId": secrets.token_hex(16)}}
    text = cut(json.dumps(whole, ensure_ascii=False), trouble)
    return Response(shaped(text, trouble, "utf-8"), 200, content_type="application/json")


def send(gateway: Gateway, given: Mapping[str, Any], trouble: Trouble) -> dict[str, Any]:
    row = gateway.send(given, trouble)
    one = {
        "SerialNo": row["serial"],
        "PhoneNumber": row["phone"],
        "Fee": 1,
        "SessionContext": row["context"],
        "Code": "Ok",
        "Message": "send success",
        "IsoCode": "CN",
    }
    return {"SendStatusSet": [one]}


def pull(gateway: Gateway, given: Mapping[str, Any], _trouble: Trouble) -> dict[str, Any]:
    """All reports of the number: a test's clock may stand still, so the times asked for don't count."""
    lines = [
        {
            "UserReceiveTime": int(row["created"]),
            "CountryCode": "86",
            "SubscriberNumber": row["phone"][-11:],
            "PhoneNumber": row["phone"],
            "SerialNo": row["serial"],
            "ReportStatus": row["status"],
            "Description": row["description"],
        }
        for row in gateway.reports(given["PhoneNumber"])
    ]
    return {"PullSmsSendStatusSet": lines}


WORK: dict[str, Callable[[Gateway, Mapping[str, Any], Trouble], dict[str, Any]]] = {
    "SendSms": send,
    "PullSmsSendStatusByPhoneNumber": pull,
}


@bp.get("", strict_slashes=False)
def inbox() -> Response:
    """The messages of one number, or of all."""
    phone = request.args.get("phone", "")
    rows = [{**row, "at": f"{local(row['created']):%m-%d %H:%M}"} for row in account().gateway.inbox(phone)]
    return Response(render_template("sms_inbox.html", phone=phone, rows=rows))


@control.get("/messages")
def messages() -> Response:
    """What arrived at a number (`phone`), newest first; all of it without one."""
    return reply(account().gateway.inbox(request.args.get("phone", "")))


@control.get("/sent")
def sent() -> Response:
    """Whatever was accepted, delivered or not."""
    return reply(account().gateway.store.all("SELECT * FROM sms ORDER BY id DESC LIMIT 1000"))


@control.post("/blacklist")
def blacklist() -> Response:
    """`{phone, off}`: the owner wants no messages, or does again."""
    given = body()
    phone = f"+86{str(given.get('phone', '')).removeprefix('+86')}"
    store = account().gateway.store
    if given.get("off"):
        store.run("DELETE FROM sms_blacklist WHERE phone = ?", (phone,))
    else:
        store.run("INSERT OR IGNORE INTO sms_blacklist (phone) VALUES (?)", (phone,))
    return reply({"ok": True})


def install(app: Flask) -> None:
    world = app.extensions["sandbox"]
    machine = Machine("sms", DEFAULTS, world.store, world.knobs)
    made = keys.load_or_make(world.config.data_dir)
    app.extensions["sms"] = Account(
        Gateway(world.store, machine), machine, made["secret_id"], made["secret_key"]
    )
    for part in (bp, control):
        app.register_blueprint(part)
