"""HTTP towards outside systems: waits bounded, answers capped, no secret in the library's own log."""

import logging
import re
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

TIMEOUT = (3.05, 10.0)
"""Seconds to connect, and between two packets of the answer."""
LONGEST = 20.0
"""Seconds that one answer may take in all, however slowly it drips."""
LARGEST = 1 << 20
"""Bytes of an answer that is not a file."""

_QUERY = re.compile(r"\?[^\s\"']*")


class AnswerTooLarge(requests.RequestException):
    """The answer has more bytes than the caller takes."""


class AnswerTooSlow(requests.Timeout):
    """The answer is dripping in and would take for ever."""


class OutboundSession(requests.Session):
    """A `requests` session that cannot hang, fill the memory, follow a redirect or keep cookies.

    One per process and outside system, made after the fork; threads may share it.
    """

    def __init__(
        self, *, timeout: tuple[float, float] = TIMEOUT, largest: int = LARGEST, connections: int = 16
    ) -> None:
        super().__init__()
        self.timeout = timeout
        self.largest = largest
        self.connections = connections
        self.headers["Accept-Encoding"] = "identity"
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=connections))
        _silence_queries()

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """As in `requests`, but the body is read here; with `stream=True` the caller uses `read_capped`."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout
        kwargs["allow_redirects"] = False
        streamed = kwargs.pop("stream", False)
        response = super().request(method, url, stream=True, **kwargs)
        if not streamed:
            response._content = read_capped(response, self.largest)
            response._content_consumed = True  # type: ignore[attr-defined]
        return response


class HostRewrite(HTTPAdapter):
    """Sends what was meant for one host to another root address, path and query unchanged."""

    def __init__(self, base: str, **kwargs: Any) -> None:
        self.base = base.rstrip("/")
        super().__init__(**kwargs)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        meant = urlsplit(str(request.url))
        request.url = self.base + (meant.path or "/") + (f"?{meant.query}" if meant.query else "")
        kwargs["proxies"] = {}  # chosen for the host that was meant, wrong for this one
        return super().send(request, *args, **kwargs)


def read_capped(response: requests.Response, largest: int, longest: float = LONGEST) -> bytes:
    """The whole body, or AnswerTooLarge, AnswerTooSlow or another `requests` exception."""
    try:
        return _read(response, largest, longest)
    except (AnswerTooLarge, AnswerTooSlow) as error:
        failure: requests.RequestException = error
    except urllib3.exceptions.ReadTimeoutError:
        failure = requests.ReadTimeout("the answer stopped in the middle")
    except urllib3.exceptions.HTTPError as error:
        failure = requests.ConnectionError(type(error).__name__)
    response.close()
    raise failure


def was_never_sent(error: requests.RequestException) -> bool:
    """Whether the other side cannot have seen the request (no connection came about)."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ProxyError)


def _read(response: requests.Response, largest: int, longest: float) -> bytes:
    parts: list[bytes] = []
    size, until = 0, time.monotonic() + longest
    while chunk := response.raw.read1(65536, decode_content=True):
        parts.append(chunk)
        size += len(chunk)
        if size > largest:
            raise AnswerTooLarge(f"more than {largest} bytes")
        if time.monotonic() > until:
            raise AnswerTooSlow(f"more than {longest:.0f} s")
    return b"".join(parts)


class _NoQueries(logging.Filter):
    """urllib3 logs whole addresses at debug level, and WeChat's carry the token and the secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?…", record.getMessage()), ()
        return True


def _silence_queries() -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    if not any(isinstance(known, _NoQueries) for known in logger.filters):
        logger.addFilter(_NoQueries())
