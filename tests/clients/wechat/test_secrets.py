"""No secret, token or code in any text that an exception or a log line could become."""

import io
from dataclasses import replace

import pytest

from app.clients.wechat.client import WeChat
from app.clients.wechat.errors import WeChatError
from app.clients.wechat.settings import WeChatSettings
from tests.leaks import every_text_of, logged

__all__ = ["logged"]

CODE = "-".join(("the", "code", "of", "a", "person"))  # a traceback shows source lines
PATHS = ("/cgi-bin/stable_token", "/cgi-bin/user/info", "/cgi-bin/media/*", "/sns/oauth2/access_token")
FAULTS = (
    {"errcode": 40001},
    {"errcode": 40125},
    {"hang": 1},
    {"status": 502},
    {"body": "<html>"},
    {"body": "{}"},
)


def calls(wechat: WeChat, openid: str):
    return (
        lambda: wechat.user_info(openid),
        lambda: wechat.download_media("m1", 1000),
        lambda: wechat.upload_image(io.BytesIO(b"\xff\xd8"), "p.jpg"),
        lambda: wechat.exchange_code(CODE),
    )


def test_it_works(settings, cache, world, logged):
    """Every path, every fault, and a host that is away."""
    openid, texts, count = world.person("李")["openid"], "", 0
    secrets = {settings.secret, settings.token, settings.aes_key, CODE}
    WeChat(settings, cache).user_info(
        openid
    )  # with time for it: on a slow machine no quick one may get a token
    quick = replace(settings, timeout=(1.0, 0.3))
    for path in (*PATHS, "*"):
        for fault in FAULTS if path != "*" else ({"status": 502},):
            wechat = WeChat(quick if path != "*" else replace(quick, api_base="http://127.0.0.1:1"), cache)
            for call in calls(wechat, openid):
                world.fault(path, times=None, **fault)
                cache.delete(f"wechat:{settings.appid}:token:lock")
                try:
                    call()
                except WeChatError as error:
                    texts += every_text_of(error)
                    count += 1
                token = cache.get(f"wechat:{settings.appid}:token")
                secrets |= {token.decode()} if token else set()
                if fault != FAULTS[1]:
                    cache.delete(f"wechat:{settings.appid}:token")
    assert count > 40
    texts += logged.getvalue()
    assert "/cgi-bin/user/info?…" in texts
    assert "wechat.value_fetched" in texts
    for secret in secrets:
        assert secret not in texts


def test_settings_and_clients_show_nothing(settings, wechat):
    texts = repr(settings) + repr(wechat) + repr(wechat._account.tokens) + str(settings)
    for secret in (settings.secret, settings.token, settings.aes_key):
        assert secret not in texts


@pytest.mark.parametrize(
    "changes",
    [
        {"token": ""},
        {"secret": " "},
        {"appid": ""},
        {"account_id": ""},
        {"aes_key": "A" * 42},
        {"aes_key": "é" * 43},
    ],
)
def test_settings_that_cannot_work_are_refused_without_showing_them(settings, changes):
    with pytest.raises(ValueError) as caught:
        replace(settings, **changes)
    assert settings.secret not in str(caught.value)
    assert isinstance(settings, WeChatSettings)
