"""Fetching what a person sent: streamed, capped, and only of a type we asked for."""

import functools
import json
from dataclasses import dataclass

import requests

from app.clients.outbound import LARGEST, AnswerTooLarge, read_capped
from app.clients.wechat.account import Account
from app.clients.wechat.codes import error_for
from app.clients.wechat.errors import MediaRefused, WeChatUnavailable
from app.clients.wechat.settings import API_HOST
from app.clients.wechat.wire import guarded

MEDIA_GET = API_HOST + "/cgi-bin/media/get"
PATH = "media/get"
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/heif")


@dataclass(frozen=True)
class Media:
    """Bytes as WeChat gave them: their type is WeChat's word, look at the bytes before trusting it."""

    content: bytes
    content_type: str


def download(account: Account, media_id: str, max_bytes: int, accept: tuple[str, ...] = PICTURES) -> Media:
    """Raises MediaGone, MediaRefused (too large, other type), WeChatUnavailable."""

    def attempt(token: str) -> Media:
        fetch = functools.partial(_fetch, account, token, media_id, max_bytes, accept)
        return guarded(PATH, fetch, has_effect=False)

    return account.with_token(attempt)


def _fetch(account: Account, token: str, media_id: str, max_bytes: int, accept: tuple[str, ...]) -> Media:
    params = {"access_token": token, "media_id": media_id}
    response = account._http.get(MEDIA_GET, params=params, stream=True)
    try:
        response.raise_for_status()
        return _judge(response, max_bytes, accept)
    finally:
        response.close()


def _judge(response: requests.Response, max_bytes: int, accept: tuple[str, ...]) -> Media:
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind in ("text/plain", "application/json", "text/json"):
        answer = json.loads(read_capped(response, LARGEST))
        if not isinstance(answer, dict) or not answer.get("errcode"):
            raise MediaRefused(None, PATH, "", "not a picture")
        raise error_for(int(answer["errcode"]), answer.get("errmsg"), PATH)
    if response.status_code != 200:
        raise WeChatUnavailable(None, PATH, "", f"HTTP {response.status_code}")
    if kind not in accept:
        raise MediaRefused(None, PATH, "", "not an accepted type")
    if int(response.headers.get("Content-Length") or 0) > max_bytes:
        raise MediaRefused(None, PATH, "", "too large")
    try:
        return Media(read_capped(response, max_bytes), kind)
    except AnswerTooLarge:
        pass
    raise MediaRefused(None, PATH, "", "too large")
