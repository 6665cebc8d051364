"""One call over the wire: wechatpy's and requests' exceptions become ours, and nothing of theirs is kept."""

from collections.abc import Callable
from typing import TypeVar

import requests
from wechatpy.exceptions import WeChatClientException

from app.clients.outbound import HostRewrite, OutboundSession, was_never_sent
from app.clients.wechat.codes import error_for
from app.clients.wechat.errors import WeChatError, WeChatUnavailable, WeChatUnknown
from app.clients.wechat.settings import API_HOST, WeChatSettings

T = TypeVar("T")


def open_session(settings: WeChatSettings) -> OutboundSession:
    """The process's session; its calls to WeChat's host go to the sandbox when the settings say so."""
    session = OutboundSession(timeout=settings.timeout)
    if settings.api_base.rstrip("/") != API_HOST:
        session.mount(API_HOST + "/", HostRewrite(settings.api_base, pool_maxsize=session.connections))
    return session


def guarded(path: str, send: Callable[[], T], *, has_effect: bool) -> T:
    """Run one call; raise only WeChatError.

    With `has_effect`, a request that went out without a readable answer is WeChatUnknown. The raise stands
    outside the `except`, so that not even `__context__` leads to the request with its token.
    """
    try:
        return send()
    except WeChatClientException as error:
        failure = _from_answer(error, path, has_effect)
    except requests.RequestException as error:
        silent = has_effect and not was_never_sent(error)
        failure = (WeChatUnknown if silent else WeChatUnavailable)(None, path, "", type(error).__name__)
    except (ValueError, KeyError, TypeError, AttributeError):
        failure = unreadable(path, has_effect=has_effect)
    raise failure


def unreadable(path: str, *, has_effect: bool) -> WeChatError:
    """The error for an answer that is not what the document says."""
    return (WeChatUnknown if has_effect else WeChatUnavailable)(None, path, "", "unreadable answer")


def _from_answer(error: WeChatClientException, path: str, has_effect: bool) -> WeChatError:
    if error.errcode is not None:
        return error_for(int(error.errcode), error.errmsg, path)
    status = getattr(error.response, "status_code", 0)
    kind = WeChatUnknown if has_effect and status >= 500 else WeChatUnavailable
    return kind(None, path, "", f"HTTP {status}")
