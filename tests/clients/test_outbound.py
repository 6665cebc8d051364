"""The session under all clients: bounded in time and size, and it forgets."""

import time

import pytest
import requests

from app.clients.outbound import AnswerTooLarge, AnswerTooSlow, HostRewrite, OutboundSession, read_capped

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"


def test_it_works(world):
    answer = OutboundSession().get(f"{world.base}/healthz")
    assert answer.json() == {"status": "ok"}


def test_a_session_without_a_time_out_of_its_own_has_one_all_the_same(world):
    world.fault("/cgi-bin/token", hang=3)
    with pytest.raises(requests.ReadTimeout):
        OutboundSession(timeout=(1.0, 0.3)).get(f"{world.base}/cgi-bin/token")


def test_an_answer_larger_than_asked_for_is_not_kept(dripping):
    with dripping(HEAD, b"x" * 1000, 0.001) as base, pytest.raises(AnswerTooLarge):
        OutboundSession(largest=5000).get(base)


def test_an_answer_that_drips_is_given_up(dripping):
    with dripping(HEAD, b"x", 0.05) as base:
        response = OutboundSession().get(base, stream=True)
        started = time.monotonic()
        with pytest.raises(AnswerTooSlow):
            read_capped(response, 1000, longest=0.5)
        assert time.monotonic() - started < 1


def test_an_answer_cut_short_is_no_answer(dripping):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"
    with dripping(head, b"", 60) as base, pytest.raises(requests.ReadTimeout):
        OutboundSession(timeout=(1.0, 0.3)).get(base)


def test_redirects_are_not_followed_and_cookies_not_kept(dripping):
    head = (
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    )
    session = OutboundSession()
    with dripping(head, b"", 60) as base:
        assert session.get(base).status_code == 302
    assert not list(session.cookies)


def test_a_host_is_rewritten_and_path_and_query_are_not(world):
    session = OutboundSession()
    session.mount("https://api.weixin.qq.com/", HostRewrite(world.base + "/"))
    answer = session.get("https://api.weixin.qq.com/cgi-bin/token?appid=x&b=%E4%BF%AE")
    assert answer.request.url == f"{world.base}/cgi-bin/token?appid=x&b=%E4%BF%AE"
    assert "errcode" in answer.json()
