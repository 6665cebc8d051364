"""ISIMS on the wire: an envelope in GBK, our key over the arguments, and JSON inside the answer's one string."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar
from xml.sax.saxutils import escape

import requests
from defusedxml.ElementTree import fromstring

from app.clients.charset import text_of
from app.clients.line import Line, Request
from app.clients.verdicts import Verdicts, error_of

T = TypeVar("T")

NAMESPACE = "www.cdgf.com"  # no scheme, as the vendor has it
ENVELOPE = (
    '<?xml version="1.0" encoding="GBK"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    f'<{{call}} xmlns="{NAMESPACE}">{{arguments}}</{{call}}></soap:Body></soap:Envelope>'
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


class Isims:
    """One per process; threads share it."""

    def __init__(self, url: str, key: str, line: Line, known: Verdicts) -> None:
        self._url, self._key, self._line, self._known = url, key, line, known

    def ask(self, call: str, arguments: Mapping[str, str], understand: Callable[[Mapping[str, Any]], T]) -> T:
        """A read. `understand` may raise what `line.UNREADABLE` names."""
        return self._line.ask(
            call,
            self._request(call, arguments),
            lambda response: understand(self._read(response, call, False)),
        )

    def write(
        self, call: str, arguments: Mapping[str, str], understand: Callable[[Mapping[str, Any]], T]
    ) -> T:
        """A call that moves money, sent once."""
        return self._line.write(
            call,
            self._request(call, arguments),
            lambda response: understand(self._read(response, call, True)),
        )

    def _request(self, call: str, arguments: Mapping[str, str]) -> Request:
        """What GBK lacks goes as a numbered character reference, which every XML reader knows."""
        signed = {"signkey": sign(arguments, self._key), **arguments}
        inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in signed.items())
        body = ENVELOPE.format(call=call, arguments=inside).encode("gbk", "xmlcharrefreplace")
        headers = {
            "Content-Type": "text/xml; charset=GBK",
            "SOAPAction": f'"{NAMESPACE}/IAppService/{call}"',
        }
        return Request("POST", self._url, body, headers)

    def _read(self, response: requests.Response, call: str, writes: bool) -> Mapping[str, Any]:
        """`code` is a number in some answers and a text in others; answers about a state have none."""
        answer = json.loads(_result(response, call), parse_float=Decimal)
        code = str(answer["code"] if writes else answer.get("code", "0"))
        if code != "0":
            raise error_of(self._known, code, str(answer.get("msg", "")), call=call, writes=writes)
        return dict(answer)


def sign(arguments: Mapping[str, str], key: str) -> str:
    """The values in the order of their names, joined by bars, then the key. MD5 is the vendor's choice."""
    joined = "|".join(arguments[name] for name in sorted(arguments)) + key
    return hashlib.md5(joined.encode("gb18030"), usedforsecurity=False).hexdigest().upper()


def _result(response: requests.Response, call: str) -> str:
    """Python's parser knows no GBK, so it gets text without a declaration. Raises what is UNREADABLE."""
    text = text_of(response.content, response.headers.get("Content-Type", ""))
    root = fromstring(_DECLARATION.sub("", text), forbid_dtd=True)
    return str(root.findtext(f".//{{{NAMESPACE}}}{call}Result") or "")
