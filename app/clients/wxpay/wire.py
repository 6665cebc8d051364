"""What goes out and what comes back. wechatpayv3 names paths and fields; sending and believing is ours.

Its own transport opens a connection per call, waits for ever, signs with the machine's clock, verifies by one
key, raises bare exceptions and logs keys and openids. All of that sits in one method, which is replaced here.
"""

import json
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType

from app.clients.line import Request
from app.clients.wxpay.errors import refusal, unreadable_kind
from app.clients.wxpay.keys import Verifier, is_signed_at_all, private_key, public_pem
from app.clients.wxpay.settings import WxPaySettings
from app.kit import clock
from app.kit.log import log

T = TypeVar("T")

SCHEME = "WECHATPAY2-SHA256-RSA2048"
ANSWERS = tuple(range(200, 500))


class Wire(Core):
    """The library's core, which writes requests down instead of sending them."""

    def __init__(self, settings: WxPaySettings) -> None:
        answer_key, pem = next(iter(settings.public_keys.items()))
        super().__init__(
            settings.mchid,
            settings.serial_no,
            None,
            settings.api_v3_key,
            public_key=public_pem(pem),
            public_key_id=answer_key,
        )
        self._private_key = private_key(settings.private_key)
        self._base = settings.api_base.rstrip("/")

    def request(
        self, path: str, method: RequestType = RequestType.GET, data: Any = None, **_: Any
    ) -> Request:
        """Signed as it will be sent, byte for byte."""
        body = json.dumps(data, ensure_ascii=False).encode() if data is not None else b""
        return self.write(path, method.value, body)

    def write(self, path: str, method: str = "GET", body: bytes = b"") -> Request:
        headers = {
            "Authorization": self._authorization(method, path, body),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "weilife (wechatpayv3)",
            "Wechatpay-Serial": self._public_key_id,
        }
        return Request(method, self._base + path, body, headers, ANSWERS)

    def _authorization(self, method: str, path: str, body: bytes) -> str:
        timestamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(16)
        signature = self.sign([method, path, timestamp, nonce, body.decode()])
        return (
            f'{SCHEME} mchid="{self._mchid}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{timestamp}",serial_no="{self._cert_serial_no}"'
        )


def reader(
    verifier: Verifier, call: str, then: Callable[[dict[str, Any]], T], *, has_effect: bool
) -> Callable[[requests.Response], T]:
    """Reads one answer: `then` of its object ({} for 204), or a VendorError. Only what is proved is believed."""

    def read(response: requests.Response) -> T:
        status, answer = response.status_code, _object(response.content)
        is_success = 200 <= status < 300
        if is_success or is_signed_at_all(response.headers):
            _believe(response, verifier, call, has_effect=has_effect)
        if is_success and (answer is not None or status == 204):
            return then(answer or {})
        if status >= 400 and answer is not None and isinstance(answer.get("code"), str):
            said = str(answer.get("message", ""))
            raise refusal(status, answer["code"], said, call, has_effect=has_effect)
        raise unreadable_kind(has_effect=has_effect)(f"HTTP {status}", call=call)

    return read


def _believe(response: requests.Response, verifier: Verifier, call: str, *, has_effect: bool) -> None:
    flaw = verifier.flaw(response.headers, response.content)
    if flaw:
        request_id = response.headers.get("Request-ID", "")[:80]
        log.warning("wxpay.answer_not_proved", call=call, reason=flaw, request_id=request_id)
        raise unreadable_kind(has_effect=has_effect)(flaw, call=call)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
