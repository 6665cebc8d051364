"""The watch sees what is personal wherever it is said."""

import pytest
from flask.signals import request_finished
from redis import Redis

from app.kit.export import Column, xlsx_response
from app.kit.log import log
from tests.leak_watch import MAY_SHOW, Watch, search_redis


@pytest.fixture
def watch(_watch) -> Watch:
    _watch.take()
    return _watch


@pytest.fixture
def cache(_cache) -> Redis:
    return _cache


def test_it_works(watch):
    watch.search("here", "电话 10000000001".encode())
    watch.search("here", b"44010020080101002X")
    watch.search("here", b'{"openid": "o-of-the-tests"}')
    assert [line.split(" shows a ")[1].split(":")[0] for line in watch.take()] == [
        "phone",
        "identity number",
        "openid",
    ]


def test_masked_values_and_other_numbers_are_no_find(watch):
    watch.search(
        "here", "100****0001 42000000012026112712345678 ¥10000000001.00 2026111610000000001".encode()
    )
    assert [line for line in watch.take() if "identity" in line] == []


def test_logs_are_searched_at_every_level(app, watch):
    log.debug("called", number="10000000001")
    assert len(watch.take()) == 1


def test_redis_is_searched(app, watch, cache):
    cache.hset("cache:person:1", "phone", "10000000001")
    search_redis(watch, cache)
    cache.delete("cache:person:1")
    assert watch.take() == ["Redis cache:person:1 shows a phone: 10000000001"]


def test_answers_are_searched(app, watch, monkeypatch):
    monkeypatch.delitem(MAY_SHOW, "style.phone")
    app.test_client().get("/m/_style?part=form")
    assert [line for line in watch.take() if line.startswith("GET style.phone shows a phone")]


def test_exported_workbooks_are_searched(app, watch):
    with app.test_request_context("/desk/somewhere"):
        answer = xlsx_response("电话", [Column("电话", str)], ["10000000001"])
        request_finished.send(app, response=answer)
        answer.get_data()
    assert [line for line in watch.take() if "shows a phone" in line]
