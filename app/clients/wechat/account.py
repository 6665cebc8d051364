"""wechatpy's client with a token that processes share, one retry at most, and our errors."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from redis import Redis
from wechatpy.client import WeChatClient

from app.clients.outbound import OutboundSession
from app.clients.wechat.errors import ConfigWrong, TokenRefused, WeChatError
from app.clients.wechat.settings import API_HOST, WeChatSettings
from app.clients.wechat.shared import SharedValue
from app.clients.wechat.wire import guarded, unreadable

T = TypeVar("T")

STABLE_TOKEN = API_HOST + "/cgi-bin/stable_token"


class Account(WeChatClient):
    """One per process and official account; threads share it.

    wechatpy's own retry (endless), its token call (no time-out, one per thread) and its exceptions (they
    carry the request) are all out of the way. wechatpy reads every property before `__init__` has run, so
    properties may raise nothing but AttributeError then.
    """

    def __init__(self, settings: WeChatSettings, redis: Redis, http: OutboundSession) -> None:
        super().__init__(settings.appid, settings.secret, timeout=settings.timeout, auto_retry=False)
        self._http = http
        self.tokens = SharedValue(redis, f"wechat:{settings.appid}:token", self._fetch_token)

    @property
    def access_token(self) -> str:
        return self.tokens.get()

    def fetch_access_token(self) -> dict[str, Any]:
        return {"access_token": self.tokens.get()}

    def with_token(self, attempt: Callable[[str], T]) -> T:
        """Run `attempt` with the token; if WeChat refuses that token, once more with another."""
        token = self.access_token
        try:
            return attempt(token)
        except TokenRefused:
            refused = token
        return attempt(self.tokens.replace(refused))

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        """Every call of wechatpy passes here. `has_effect=False` marks a POST that may be repeated freely."""
        path = path_of(url_or_endpoint)
        has_effect = kwargs.pop("has_effect", method.lower() != "get")
        rewind = _bookmark(kwargs.get("files"))

        def attempt(token: str) -> Any:
            rewind()
            call = {**kwargs, "params": {**(kwargs.get("params") or {}), "access_token": token}}
            send = functools.partial(super(Account, self)._request, method, url_or_endpoint, **call)
            answer = guarded(path, send, has_effect=has_effect)
            if not isinstance(answer, dict):
                raise unreadable(path, has_effect=has_effect)
            return answer

        return self.with_token(attempt)

    def _fetch_token(self) -> tuple[str, int]:
        """POST stable_token: the same token for every asker, and the secret in the body, not the address."""
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        call = functools.partial(self._ask_token, body)
        try:
            return guarded("stable_token", call, has_effect=False)
        except TokenRefused as error:  # here 40001 means the secret
            failure: WeChatError = ConfigWrong(error.errcode, error.path, error.rid)
        raise failure

    def _ask_token(self, body: dict[str, str]) -> tuple[str, int]:
        response = self._http.post(STABLE_TOKEN, json=body)
        response.raise_for_status()
        answer = self._handle_result(response)
        return str(answer["access_token"]), int(answer.get("expires_in", 7200))


def path_of(url_or_endpoint: str) -> str:
    """The call's name for errors and logs, never with a query."""
    return urlsplit(url_or_endpoint).path.removeprefix("/cgi-bin/").strip("/")


def _bookmark(files: Any) -> Callable[[], None]:
    """A function that puts every file back to where it is now, for the second attempt."""
    found = [
        part for value in (files or {}).values() for part in (value if isinstance(value, tuple) else (value,))
    ]
    marks = [(part, part.tell()) for part in found if hasattr(part, "seek")]

    def rewind() -> None:
        for part, position in marks:
            part.seek(position)

    return rewind
