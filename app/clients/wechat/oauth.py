"""Sign-in by snsapi_base: who is it, and nothing more."""

import functools
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from wechatpy.oauth import WeChatOAuth

from app.clients.outbound import OutboundSession
from app.clients.wechat.errors import CodeInvalid, ConfigWrong, TokenRefused, WeChatError
from app.clients.wechat.settings import WeChatSettings
from app.clients.wechat.wire import guarded, unreadable

PATH = "sns/oauth2/access_token"


@dataclass(frozen=True)
class OAuthAnswer:
    """With `is_snapshot` the ids are made up by WeChat for a preview: never bind or charge them."""

    openid: str
    unionid: str | None
    is_snapshot: bool


def authorize_url(settings: WeChatSettings, state: str, redirect_uri: str) -> str:
    """WeChat checks the parameters' order and the fragment; wechatpy has both right, but quotes no state."""
    oauth = _new(settings, redirect_uri)
    oauth.state = quote(state, safe="")
    return str(oauth.authorize_url)


def exchange_code(settings: WeChatSettings, http: OutboundSession, code: str) -> OAuthAnswer:
    """Raises CodeUsed, CodeInvalid, ConfigWrong, or WeChatUnavailable (then the code may be spent).

    A new WeChatOAuth each time, because it remembers the last person it saw.
    """
    if not code or len(code) > 512:
        raise CodeInvalid(None, PATH)
    oauth = _new(settings, "")
    oauth._http = http
    params = {
        "appid": settings.appid,
        "secret": settings.secret,
        "code": code,
        "grant_type": "authorization_code",
    }
    ask = functools.partial(oauth._request, "get", PATH, params=params)
    try:
        return _read(guarded(PATH, ask, has_effect=False))
    except TokenRefused as error:  # 40001 means the secret here, and is no reason to change our token
        failure: WeChatError = ConfigWrong(error.errcode, error.path, error.rid)
    raise failure


def _new(settings: WeChatSettings, redirect_uri: str) -> Any:
    oauth = WeChatOAuth(settings.appid, settings.secret, redirect_uri)
    oauth.OAUTH_BASE_URL = settings.open_base.rstrip("/") + "/connect/"
    return oauth


def _read(answer: Any) -> OAuthAnswer:
    openid = answer.get("openid") if isinstance(answer, dict) else None
    if not isinstance(openid, str) or not openid:
        raise unreadable(PATH, has_effect=False)
    unionid = answer.get("unionid")
    return OAuthAnswer(openid, str(unionid) if unionid else None, bool(answer.get("is_snapshotuser")))
