"""Signing pages, ours only."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.clients.wechat.errors import ForeignUrl
from app.clients.wechat.js import page_to_sign, signature_of

HOSTS = ("life.example.edu", "127.0.0.1:8000")
TICKET = "/cgi-bin/ticket/getticket"


def test_it_works(wechat):
    found = wechat.js_signature("http://127.0.0.1:8000/m/repairs?x=1#top", HOSTS)
    page = "http://127.0.0.1:8000/m/repairs?x=1"
    assert found.signature == signature_of(wechat.js_ticket(), found.nonce, found.timestamp, page)
    assert wechat.js_ticket() not in repr(found)


def test_the_official_vector():
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    found = signature_of(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value")
    assert found == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_the_fragment_is_not_signed_and_the_query_is():
    assert page_to_sign("https://life.example.edu/m?a=%E4#b#c", HOSTS) == "https://life.example.edu/m?a=%E4"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/m/repairs",
        "//life.example.edu/m",
        "https://evil.example/m",
        "https://life.example.edu.evil.example/",
        "https://life.example.edu@evil.example/",
        "https://evil.example/https://life.example.edu/",
        "https://evil.example\\@life.example.edu/",
        "https://life.example.edu:8443/",
        "http://127.0.0.1:8001/",
        "http://127.0.0.1/",
        "javascript:alert(1)",
        "ftp://life.example.edu/",
        "https://life.example.edu/\nx",
        "https://life.example.edu/ x",
        "https://[life.example.edu/",
    ],
)
def test_a_foreign_page_is_refused_without_asking_wechat(wechat, world, url):
    with pytest.raises(ForeignUrl):
        wechat.js_signature(url, HOSTS)
    assert world.calls(TICKET) == 0


def test_ten_threads_fetch_one_ticket_and_it_ends_before_wechats(wechat, world, cache, settings):
    gate = threading.Barrier(10)

    def ask(_):
        gate.wait()
        return wechat.js_ticket()

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(ask, range(10)))) == 1
    assert world.calls(TICKET) == 1
    assert 0 < cache.ttl(f"wechat:{settings.appid}:jsapi") <= 3600
