"""One token for all: fetched once, replaced once, and never for ever."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from redis import Redis

from app.clients.wechat.client import WeChat
from app.clients.wechat.errors import ConfigWrong, TokenRefused, WeChatUnavailable
from app.clients.wechat.shared import SharedValue

STABLE = "/cgi-bin/stable_token"
INFO = "/cgi-bin/user/info"


@pytest.fixture
def openid(world) -> str:
    return world.person("李")["openid"]


def all_at_once(works):
    """Every result, or the exception in its place, of works started at the same moment."""
    gate = threading.Barrier(len(works))

    def run(work):
        gate.wait()
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_it_works(wechat, world, openid, cache, settings):
    assert wechat.user_info(openid).follows
    assert world.calls(STABLE) == 1
    assert world.calls("/cgi-bin/token") == 0
    assert 3500 < cache.ttl(f"wechat:{settings.appid}:token") <= 3600


def test_twenty_threads_fetch_one_token(wechat, world, openid):
    answers = all_at_once([lambda: wechat.user_info(openid).follows] * 20)
    assert answers == [True] * 20
    assert world.calls(STABLE) == 1


def test_eight_clients_fetch_one_token(settings, cache, world, openid):
    world.set(latency={STABLE: 0.3})
    clients = [WeChat(settings, cache) for _ in range(8)]
    answers = all_at_once([lambda client=client: client.user_info(openid).follows for client in clients])
    assert answers == [True] * 8
    assert world.calls(STABLE) == 1


def test_four_processes_of_ten_threads_fetch_one_token(settings, cache_server, cache, world, openid, forks):
    world.set(latency={STABLE: 0.2})

    def work():
        wechat = WeChat(settings, Redis.from_url(cache_server.url))
        return all_at_once([lambda: wechat.user_info(openid).follows] * 10) == [True] * 10

    assert forks(work, 4)
    assert world.calls(STABLE) == 1


def test_a_mass_revocation_costs_one_refresh(settings, cache, world, openid):
    clients = [WeChat(settings, cache) for _ in range(4)]
    clients[0].user_info(openid)
    world.set(revoke_tokens=True)
    answers = all_at_once([lambda client=client: client.user_info(openid).follows for client in clients * 10])
    assert answers == [True] * 40
    assert world.calls(STABLE) == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_refused_token_is_replaced_and_the_call_repeated_once(wechat, world, openid, errcode):
    world.fault(INFO, errcode=errcode, times=1)
    assert wechat.user_info(openid).follows
    assert world.calls(STABLE) == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_refused_for_ever_means_two_calls_at_most(wechat, world, openid, errcode):
    world.fault(INFO, errcode=errcode, times=50)
    with pytest.raises(TokenRefused) as caught:
        wechat.user_info(openid)
    assert caught.value.errcode == errcode
    assert world.faults_left() == 48
    assert world.calls(STABLE) == 2


def test_a_token_given_again_though_refused_is_not_asked_for_again_at_once(wechat, world, openid):
    world.fault(INFO, errcode=40001, times=50)
    answers = all_at_once([lambda: wechat.user_info(openid)] * 10)
    assert {type(answer) for answer in answers} == {TokenRefused}
    assert world.faults_left() >= 30
    assert world.calls(STABLE) <= 2


def test_a_wrong_secret_is_no_reason_to_try_again(cache, world, settings, openid):
    for errcode in (40125, 40164, 40243):
        world.fault(STABLE, errcode=errcode, times=5)
        with pytest.raises(ConfigWrong) as caught:
            WeChat(settings, cache).user_info(openid)
        assert (caught.value.errcode, world.faults_left()) == (errcode, 4)


def test_40001_for_the_secret_is_wrong_set_up_not_a_refused_token(wechat, world, openid):
    world.fault(STABLE, errcode=40001, times=5)
    with pytest.raises(ConfigWrong):
        wechat.user_info(openid)
    assert world.faults_left() == 4


def test_a_token_endpoint_that_hangs_times_out_and_the_waiting_share_the_failure(
    settings, cache, world, openid
):
    world.fault(STABLE, hang=20, times=None)
    quick = WeChat(replace(settings, timeout=(1.0, 1.0)), cache)
    started = time.monotonic()
    answers = all_at_once([lambda: quick.user_info(openid)] * 10)
    assert {type(answer) for answer in answers} == {WeChatUnavailable}
    assert time.monotonic() - started < 4


def test_after_a_slow_failure_the_next_ones_fail_at_once_for_a_while(settings, cache, world, openid):
    world.fault(STABLE, hang=20, times=None)
    quick = WeChat(replace(settings, timeout=(1.0, 1.0)), cache)
    started = time.monotonic()
    for _ in range(10):
        with pytest.raises(WeChatUnavailable):
            quick.user_info(openid)
    assert time.monotonic() - started < 3


def test_after_a_quick_failure_the_next_try_may_succeed(wechat, world, openid):
    world.fault(STABLE, status=502)
    with pytest.raises(WeChatUnavailable):
        wechat.user_info(openid)
    assert wechat.user_info(openid).follows


def test_a_token_near_its_end_is_kept_for_half_of_what_is_left(wechat, world, openid, cache, settings):
    world.set(token_ttl=40)
    for _ in range(5):
        wechat.user_info(openid)
    assert world.calls(STABLE) == 1
    assert 10 < cache.ttl(f"wechat:{settings.appid}:token") <= 20


def test_redis_stopped_is_survived(settings, world, openid, cache_server):
    wechat = WeChat(settings, Redis.from_url(cache_server.url, socket_timeout=1))
    cache_server.stop()
    try:
        answers = all_at_once([lambda: wechat.user_info(openid).follows] * 20)
        assert answers == [True] * 20
        assert world.calls(STABLE) == 1
        world.set(revoke_tokens=True)
        assert all_at_once([lambda: wechat.user_info(openid).follows] * 20) == [True] * 20
        assert world.calls(STABLE) == 2
    finally:
        cache_server.start()


def test_a_redis_that_answers_nobody_is_survived(settings, world, openid, cache_server):
    wechat = WeChat(settings, Redis.from_url(cache_server.url, socket_timeout=0.3))
    cache_server.pause()
    try:
        started = time.monotonic()
        for _ in range(10):
            assert wechat.user_info(openid).follows
        assert time.monotonic() - started < 3
    finally:
        cache_server.resume()


def test_a_redis_that_was_emptied_is_survived(wechat, world, openid, cache):
    for _ in range(3):
        wechat.user_info(openid)
        cache.flushall()
    assert world.calls(STABLE) == 3


def test_a_lock_left_by_the_dead_is_waited_for_and_a_foreign_one_never_removed(cache):
    value = SharedValue(cache, "wechat:x", lambda: ("fresh", 7200))
    cache.set("wechat:x:lock", "somebody", px=400)
    started = time.monotonic()
    assert value.get() == "fresh"
    assert 0.2 < time.monotonic() - started < 2

    def lose_the_lock():
        cache.set("wechat:y:lock", "somebody else")
        return "fresh", 7200

    SharedValue(cache, "wechat:y", lose_the_lock).get()
    assert cache.get("wechat:y:lock") == b"somebody else"


def test_a_redis_client_that_decodes_works_too(settings, world, openid, cache_server, cache):
    wechat = WeChat(settings, Redis.from_url(cache_server.url, decode_responses=True))
    assert wechat.user_info(openid).follows
    assert wechat.user_info(openid).follows
    assert world.calls(STABLE) == 1


def test_a_child_process_gets_its_own_connection(wechat, openid, forks):
    assert wechat.user_info(openid).follows
    parents = id(wechat._connection.http)
    assert forks(lambda: wechat.user_info(openid).follows and id(wechat._connection.http) != parents, 1)
    assert wechat.user_info(openid).follows
