"""Answers as WeChat gives them: HTTP 200, `errcode`, and an errmsg that ends with a request id."""

import json
import secrets
from typing import Any

from flask import Response, request

TEXTS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40004: "invalid media type",
    40006: "invalid meida size",  # sic: WeChat's own spelling
    40007: "invalid media_id",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40029: "invalid code",
    40030: "invalid refresh_token",
    40032: "invalid openid list size",
    40035: "invalid parameter",
    40037: "invalid template_id",
    40053: "invalid action info",
    40054: "invalid sub button url domain",
    40055: "invalid button url domain",
    40097: "invalid args",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41008: "missing code",
    41009: "openid missing",
    42001: "access_token expired",
    42003: "code expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44001: "empty media data",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45056: "too many tags",
    45058: "can not modify sys tag",
    45059: "can not add more tag to user",
    45157: "tag name exist",
    45158: "invalid tag name",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48006: "forbid to clear quota because of reaching the limit",
    49003: "not match openid with appid",
    65301: "no conditional menu",
    65303: "no default menu",
    65320: "matchrule is not supported any more",
}


class ApiError(Exception):
    """Raised anywhere inside a call; becomes the answer."""

    def __init__(self, errcode: int, note: str = "") -> None:
        super().__init__(errcode, note)
        self.errcode = errcode
        self.note = note


def rid() -> str:
    return "-".join(secrets.token_hex(4) for _ in range(3))


def answer(body: dict[str, Any], mimetype: str = "application/json") -> Response:
    if request.path.startswith("/sns/"):
        mimetype = "text/plain"
    return Response(json.dumps(body, ensure_ascii=False), 200, content_type=f"{mimetype}; charset=utf-8")


def ok(**extra: Any) -> Response:
    return answer({"errcode": 0, "errmsg": "ok", **extra})


def failure(errcode: int, note: str = "") -> Response:
    text = TEXTS.get(errcode, "error")
    if note:
        text = f"{text} {note}"
    return answer({"errcode": errcode, "errmsg": f"{text}, rid: {rid()}"})


def body_json() -> dict[str, Any]:
    """The posted object; clients send it with any content type."""
    if request.method != "POST":
        raise ApiError(43002)
    raw = request.get_data()
    if not raw.strip():
        raise ApiError(44002)
    try:
        found = json.loads(raw.decode("utf-8"))
    except ValueError as error:
        raise ApiError(47001, "hint: not JSON in UTF-8") from error
    if not isinstance(found, dict):
        raise ApiError(47001, "hint: not an object")
    return found


def need(body: dict[str, Any], name: str, errcode: int = 47001, kind: type | tuple[type, ...] = str) -> Any:
    """A member that must be there and of its type."""
    value = body.get(name)
    if not isinstance(value, kind) or value in ("", None):
        raise ApiError(errcode, f"hint: {name}")
    return value
