"""ISIMS over SOAP 1.1: the envelope in GBK, the key, and JSON in the answer's one string.

GetRoomList, QueryOrder and the member CBSJ are inventions; the other calls and names are the vendor's, down to
`code` being a number in one answer and a text in the next.
"""

import hashlib
import json
import re
from typing import Any
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from flask import Blueprint, Response, request

from sandbox.days import number_of
from sandbox.machine import Call, Refusal, Trouble
from sandbox.meters import answers
from sandbox.meters.plant import Plant, plant
from sandbox.statement import statement
from sandbox.wire import cut, serve, shaped

bp = Blueprint("meters", __name__, url_prefix="/meters")
NAMESPACE = "www.cdgf.com"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
FILE = re.compile(r"DZ_(\w+)_(\d{8})\.txt")

WORDS = {
    "no_room": "房间不存在",
    "no_meter": "表计不存在",
    "bad_amount": "金额不正确",
    "closed_room": "房间已停用",
    "duplicate": "订单号重复",
    "no_order": "订单不存在",
    "bad_sign": "签名错误",
    "auth_expired": "授权已过期",
    "rate_limited": "请求过于频繁",
    "service_closed": "不在服务时间内",
    "query_unavailable": "系统繁忙",
    "bad_request": "参数错误",
}


def sign(values: dict[str, str], key: str) -> str:
    """Upper case MD5 over the values, sorted by name, joined by bars, and the key."""
    joined = "|".join(value for _, value in sorted(values.items()))
    return hashlib.md5((joined + key).encode("gb18030")).hexdigest().upper()


@bp.post("/IAppService.svc")
def service() -> Response:
    try:
        name, given = opened(request.get_data())
    except (ParseError, DefusedXmlException, UnicodeDecodeError, LookupError):
        return fault("无法识别的请求")
    if name not in answers.CALLS:
        return fault(f"没有方法 {name}")
    made = plant()
    call = Call(
        op=answers.CALLS[name][0],
        wire=name,
        room=given.get("roomdm", ""),
        order_no=given.get("orderid", ""),
    )
    return serve(
        made.machine, call, lambda trouble: worked(made, name, given, trouble), lambda a, t: reply(name, a, t)
    )


def opened(raw: bytes) -> tuple[str, dict[str, str]]:
    """The call's name and its arguments; the body is GBK, as it says."""
    root = fromstring(DECLARATION.sub("", raw.decode("gbk")), forbid_dtd=True)
    body = root.find(f"{SOAP}Body")
    if body is None or not len(body):
        raise LookupError
    element = body[0]
    if not element.tag.startswith(f"{{{NAMESPACE}}}"):
        raise LookupError
    return element.tag.split("}")[1], {child.tag.split("}")[1]: child.text or "" for child in element}


def worked(made: Plant, name: str, given: dict[str, str], trouble: Trouble) -> dict[str, Any]:
    signature = given.pop("signkey", "")
    if signature != sign(given, made.signkey):
        raise Refusal("bad_sign")
    try:
        return answers.CALLS[name][1](made, given, trouble)
    except KeyError:
        raise Refusal("bad_request") from None


def reply(name: str, answer: dict[str, Any] | Refusal, trouble: Trouble) -> Response:
    if trouble.kind == "gbk_plain_error":
        return Response("服务器内部错误，请联系管理员".encode("gbk"), 200, content_type="text/html")
    if isinstance(answer, Refusal):
        answer = {"code": "1", "msg": WORDS[answer.reason]}
    inside = escape(cut(json.dumps(answer, ensure_ascii=False), trouble))
    text = (
        '<?xml version="1.0" encoding="GBK"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{name}Response xmlns="{NAMESPACE}"><{name}Result>{inside}</{name}Result></{name}Response>'
        "</soap:Body></soap:Envelope>"
    )
    body = shaped(text, trouble, "gbk", "xmlcharrefreplace")
    return Response(body, 200, content_type="text/xml; charset=GBK")


def fault(words: str) -> Response:
    text = (
        '<?xml version="1.0" encoding="GBK"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
        f"<faultcode>soap:Client</faultcode><faultstring>{escape(words)}</faultstring>"
        "</soap:Fault></soap:Body></soap:Envelope>"
    )
    return Response(text.encode("gbk", "replace"), 500, content_type="text/xml; charset=GBK")


@bp.get("/statements/<name>")
def statements(name: str) -> Response:
    """The file of a day, for whoever holds the key."""
    made, found = plant(), FILE.fullmatch(name)
    if found is None:
        return Response("", 404)
    merchant, day = found.groups()
    asked = {"date": request.args.get("date", ""), "merchant": merchant}
    if asked["date"] != day or request.args.get("sign") != sign(asked, made.signkey):
        return Response(WORDS["bad_sign"].encode("gbk"), 403)
    date = answers.compact_date(day)

    def work(trouble: Trouble) -> bytes:
        return statement(
            made.store, "isims", merchant, number_of(date), lambda d: answers.lines(made, "isims", d), trouble
        )

    return serve(made.machine, Call("statement"), work, file_or_not)


def file_or_not(answer: bytes | Refusal, trouble: Trouble) -> Response:
    if isinstance(answer, Refusal):
        return Response("", 404 if answer.reason == "no_statement" else 503)
    return Response(answer, 200, content_type="text/plain; charset=GBK")
