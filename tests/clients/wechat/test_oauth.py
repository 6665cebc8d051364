"""Sign-in: the way out, the code that comes back, and what can be wrong with it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.clients.wechat import errors
from app.clients.wechat.client import WeChat

BACK = "http://127.0.0.1:8000/callbacks/wechat/login?x=1&y=2"


def test_it_works(wechat, world):
    openid = world.person("李")["openid"]
    answer = wechat.exchange_code(world.code_of(openid, wechat))
    assert (answer.openid, answer.is_snapshot) == (openid, False)


def test_the_address_has_wechats_order_and_everything_quoted(wechat, world):
    found = wechat.authorize_url("st&te#1", BACK)
    assert found == (
        f"{world.base}/connect/oauth2/authorize?appid=wx5a11db0c5a11db0c"
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcallbacks%2Fwechat%2Flogin%3Fx%3D1%26y%3D2"
        "&response_type=code&scope=snsapi_base&state=st%26te%231#wechat_redirect"
    )


def test_a_code_works_once(wechat, world):
    code = world.code_of(world.person("李")["openid"], wechat)
    wechat.exchange_code(code)
    with pytest.raises(errors.CodeUsed) as caught:
        wechat.exchange_code(code)
    assert caught.value.permanent


@pytest.mark.parametrize("code", ["made-up", "", "x" * 513])
def test_a_made_up_code_is_invalid(wechat, code):
    with pytest.raises(errors.CodeInvalid) as caught:
        wechat.exchange_code(code)
    assert not isinstance(caught.value, errors.CodeUsed)


def test_an_old_code_is_invalid(wechat, world):
    code = world.code_of(world.person("李")["openid"], wechat)
    world.set(clock_offset=301)
    with pytest.raises(errors.CodeInvalid) as caught:
        wechat.exchange_code(code)
    assert caught.value.errcode == 42003


def test_a_snapshot_visitor_is_marked(wechat, world):
    openid = world.person("李")["openid"]
    answer = wechat.exchange_code(world.code_of(f"{openid}#snapshot", wechat))
    assert answer.is_snapshot
    assert answer.openid != openid


def test_people_at_the_same_time_stay_apart(wechat, world):
    people = [person["openid"] for person in world.get("cast")]
    codes = [world.code_of(openid, wechat) for openid in people]
    with ThreadPoolExecutor(8) as pool:
        assert [answer.openid for answer in pool.map(wechat.exchange_code, codes)] == people


def test_a_wrong_secret_is_wrong_set_up(settings, cache, world):
    wechat = WeChat(replace(settings, secret="wrong"), cache)
    with pytest.raises(errors.ConfigWrong):
        wechat.exchange_code("code")


def test_40001_does_not_touch_our_own_token(wechat, world):
    wechat.callback_ips()
    world.fault("/sns/oauth2/access_token", errcode=40001, times=5)
    with pytest.raises(errors.ConfigWrong):
        wechat.exchange_code("code")
    assert (world.faults_left(), world.calls("/cgi-bin/stable_token")) == (4, 1)


def test_an_answer_without_refresh_token_is_enough(wechat, world):
    world.fault("/sns/oauth2/access_token", body={"access_token": "a", "openid": "o1", "unionid": "u1"})
    assert wechat.exchange_code("code").unionid == "u1"


@pytest.mark.parametrize(
    "fault", [{"hang": 2}, {"status": 502}, {"body": "<html>"}, {"body": "[]"}, {"body": "{}"}]
)
def test_no_answer_is_unavailable(settings, cache, world, fault):
    wechat = WeChat(replace(settings, timeout=(1.0, 0.5)), cache)
    world.fault("/sns/oauth2/access_token", **fault)
    with pytest.raises(errors.WeChatUnavailable):
        wechat.exchange_code("code")
