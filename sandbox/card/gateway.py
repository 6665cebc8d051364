"""TSM 2.0: signed and sealed, answers that are forms, and a bare GBK sentence when the gateway itself objects."""

import datetime as dt
import json
import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from sandbox.card.codes import CODES
from sandbox.card.methods import METHODS, Method, call_of, worked
from sandbox.card.operations import Bank, bank
from sandbox.card.page import told
from sandbox.machine import Call, Refusal, Trouble
from sandbox.wire import cut, serve, shaped

bp = Blueprint("card_gateway", __name__, url_prefix="/card")
TOKEN_METHOD = "synjones.authorize.access_token"
TOKEN = Method("token", "authorize_access_token", lambda made, given, trouble: fresh_token(made))
NO_TOKEN = "0" * 128
FIELDS = {
    "access_token",
    "app_key",
    "format",
    "method",
    "request",
    "sign_method",
    "timestamp",
    "v",
}


class Objection(Exception):
    """Said in one sentence, before anything is done."""


@bp.post("/tsm")
def tsm() -> Response:
    made = bank()
    try:
        name, method, given = opened(made, dict(request.form))
    except Objection as objection:
        return sentence(str(objection))

    def work(trouble: Trouble) -> dict[str, Any]:
        if method is not TOKEN:
            use_token(made, request.form["access_token"])
        return worked(made, method, given, trouble)

    def render(answer: dict[str, Any] | Refusal, trouble: Trouble) -> Response:
        return reply(made, method, answer, trouble)

    call = Call("token", name) if method is TOKEN else call_of(name, method, given)
    return serve(made.machine, call, work, render)


def opened(made: Bank, form: dict[str, str]) -> tuple[str, Method, dict[str, Any]]:
    """The method and its request. Raises Objection."""
    signature = form.pop("sign", "")
    if set(form) != FIELDS or form["app_key"] != made.keys.app_key:
        raise Objection("appkey错误或参数不完整")
    if not made.sealer.verify(form, signature):
        raise Objection("签名检验失败")
    if form["v"] != "2.0" or form["format"] != "json" or form["sign_method"] != "rsa":
        raise Objection("协议版本不支持")
    check_timestamp(form["timestamp"])
    name = form["method"]
    method = TOKEN if name == TOKEN_METHOD else METHODS.get(name)
    if method is None or (method is TOKEN and form["access_token"] != NO_TOKEN):
        raise Objection("接口未授权")
    try:
        given = json.loads(made.sealer.unseal(form["request"]).decode(made.machine["charset"]))[method.root]
        return name, method, dict(given)
    except (ValueError, LookupError, TypeError):
        raise Objection("请求数据解密失败") from None


def check_timestamp(text: str) -> None:
    try:
        dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - only its shape matters
    except ValueError:
        raise Objection("时间戳无效") from None


def fresh_token(made: Bank) -> dict[str, Any]:
    """Earlier tokens stay good until their own end."""
    token, lifetime = secrets.token_hex(64), int(made.machine["token_ttl"])
    made.store.run(
        "INSERT INTO card_tokens (token, expires) VALUES (?, ?)", (token, made.store.now() + lifetime)
    )
    return {"access_token": token, "expires_in": str(lifetime)}


def use_token(made: Bank, token: str) -> None:
    """Raises Refusal for one that is unknown, too old or used too often."""
    row = made.store.one("SELECT * FROM card_tokens WHERE token = ?", (token,))
    if row is None or row["expires"] <= made.store.now():
        raise Refusal("auth_expired")
    made.store.run("UPDATE card_tokens SET used = used + 1 WHERE token = ?", (token,))
    quota = int(made.machine["token_quota"])
    if quota and row["used"] >= quota:
        raise Refusal("token_quota")


def reply(made: Bank, method: Method, answer: dict[str, Any] | Refusal, trouble: Trouble) -> Response:
    """A refused token is told outside, everything else inside."""
    if trouble.kind == "gbk_plain_error":
        return sentence("系统异常，请联系管理员")
    if isinstance(answer, Refusal) and answer.reason == "auth_expired":
        fields = {"errcode": CODES["auth_expired"][0], "request": ""}
    else:
        text = cut(json.dumps({method.root: told(answer)}, ensure_ascii=False), trouble)
        fields = {
            "errcode": "0",
            "request": made.sealer.seal(shaped(text, trouble, made.machine["charset"])),
        }
    signature = made.sealer.sign(
        {**fields, "errcode": "forged"} if trouble.kind == "forged_reply" else fields
    )
    body = urlencode({**fields, "sign": signature})
    return Response(body, 200, content_type="application/x-www-form-urlencoded")


def sentence(words: str) -> Response:
    return Response(words.encode("gbk"), 200, content_type="text/html")
