"""The gates' list and log, against every fault on the menu: what the client says, and what the gates hold."""

import hashlib
import io
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.clients.gates import GateSettings
from app.clients.vendor import (
    AuthProblem,
    BadReply,
    DuplicateOrder,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VendorError,
)
from tests.vendors import HANG, Vendors, patience

BEFORE = ("timeout_before", "http500_before", "http502_html", "http200_html")
AFTER = (
    "timeout_after",
    "reset_after",
    "http500_after",
    "empty_body_after",
    "truncated_json_after",
    "gbk_plain_error",
)
SPAN = ("2026-11-16T01:00:00+00:00", "2026-11-17T01:00:00+00:00")


def entry(ident: str, number: str = "2023010101", **changes: Any) -> dict[str, Any]:
    return {"id": ident, "number": number, "from": SPAN[0], "until": SPAN[1], "direction": "out", **changes}


def whole(version: int, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": version, "base": None, "entries": list(entries), "gone": []}


def ids(vendors: Vendors) -> list[str]:
    return [row["id"] for row in vendors.get("/_sim/gates/list")["entries"]]


def walk(vendors: Vendors, times: int = 1, **given: Any) -> None:
    for nth in range(times):
        vendors.post("/_sim/gates/pass", {"number": f"20230101{nth:02d}", "forced": True, **given})


def test_a_list_is_given_whole_and_by_difference(vendors: Vendors):
    client = vendors.gates()
    nothing = client.held()
    assert (nothing.version, nothing.count) == (0, 0)
    client.give(whole(1, entry("a"), entry("b", "2023010102", until=None, direction="in")), key="1")
    change = {"version": 2, "base": 1, "entries": [entry("c", direction="both")], "gone": ["a"]}
    held = client.give(change, key="2")
    lines = (
        "b|2023010102|2026-11-16T01:00:00Z||in\nc|2023010101|2026-11-16T01:00:00Z|2026-11-17T01:00:00Z|both\n"
    )
    assert (held.version, held.count) == (2, 2)
    assert held.digest == hashlib.sha256(lines.encode()).hexdigest()
    assert client.held() == held
    assert client.give(change, key="2") == held, "the same key again changes nothing"


@pytest.mark.parametrize(
    ("change", "key", "code"),
    [
        (whole(2), "2", "STALE"),
        ({"version": 4, "base": 2, "entries": [], "gone": []}, "4", "BASE_MISMATCH"),
        ({"version": 2, "base": 1, "entries": [], "gone": []}, "2", "STALE"),
        (whole(4, entry("x", direction="up")), "4", "PARAM_ERROR"),
        (whole(4, *(entry(str(nth)) for nth in range(4))), "4", "TOO_MANY"),
    ],
)
def test_a_clear_no_leaves_the_list_alone(vendors: Vendors, change: dict[str, Any], key: str, code: str):
    vendors.set("gates", most_entries=3)
    client = vendors.gates()
    client.give(whole(3, entry("a")), key="3")
    with pytest.raises(Refused) as caught:
        client.give(change, key=key)
    assert caught.value.code == code
    assert ids(vendors) == ["a"]
    with pytest.raises(DuplicateOrder):
        client.give(whole(3, entry("b")), key="3")


@pytest.mark.parametrize("fault", BEFORE + AFTER)
def test_whatever_is_no_clear_answer_is_unknown_until_asked(vendors: Vendors, fault: str):
    client = vendors.gates(**patience(fault))
    vendors.fault("gates", fault, op="give", delay=HANG)
    with pytest.raises(OutcomeUnknown):
        client.give(whole(1, entry("a")), key="1")
    assert client.held().version == (1 if fault in AFTER else 0)
    assert vendors.gates().give(whole(1, entry("a")), key="1").count == 1
    assert ids(vendors) == ["a"]


@pytest.mark.parametrize("op", ["held", "flow"])
@pytest.mark.parametrize(
    "fault", ["http500_before", "gbk_plain_error", "truncated_json_after", "timeout_before", "reset_after"]
)
def test_a_question_without_an_answer_is_never_taken_for_nothing(vendors: Vendors, fault: str, op: str):
    vendors.fault("gates", fault, op=op, delay=HANG)
    client = vendors.gates(**patience(fault))
    with pytest.raises((BadReply, Unavailable)):
        client.held() if op == "held" else client.passings(0, 10)


def test_not_now_and_not_you_are_told_apart(vendors: Vendors):
    vendors.fault("gates", "service_closed")
    with pytest.raises(Unavailable):
        vendors.gates().held()
    with pytest.raises(AuthProblem):
        vendors.gates(token="another token of ours").held()


def test_the_log_comes_in_pages(vendors: Vendors):
    walk(vendors, 5, moment=1_795_000_000.0)
    client = vendors.gates()
    page = client.passings(2, 2)
    assert ([line.no for line in page.lines], page.last) == ([3, 4], 5)
    line = page.lines[0]
    assert (line.gate, line.number, line.direction) == ("G1", "2023010102", "out")
    assert line.at.timestamp() == 1_795_000_000.0
    assert client.passings(5, 2).lines == ()


@pytest.mark.parametrize("fault", ["flow_repeat", "flow_reorder"])
def test_repeated_and_reordered_lines_are_each_once_and_in_order(vendors: Vendors, fault: str):
    walk(vendors, 4)
    vendors.fault("gates", fault)
    assert [line.no for line in vendors.gates().passings(1, 10).lines] == [2, 3, 4]


def test_a_page_that_is_cut_off_is_no_page(vendors: Vendors):
    walk(vendors, 4)
    vendors.fault("gates", "flow_truncated")
    with pytest.raises(BadReply):
        vendors.gates().passings(0, 10)


@contextmanager
def answering(told: dict[str, Any]) -> Iterator[str]:
    """A controller that says nothing but this; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


HALF = "\ud800"
"""Of a character: JSON can write it, a database has no bytes for it."""


@pytest.mark.parametrize("odd", [{"number": HALF}, {"gate": HALF}, {"number": "1\0"}], ids=ascii)
def test_a_line_that_can_not_be_kept_makes_no_sense(vendors: Vendors, odd: dict[str, str]):
    good = {"gate": "G1", "number": "2023010101", "direction": "in", "time": SPAN[0]}
    rows = [{"no": 1, **good, **odd}, {"no": 2, **good}]
    with answering({"code": "OK", "series": "a", "last": 2, "count": 2, "rows": rows}) as url:
        lines = vendors.gates(url=url).passings(0, 10).lines
    assert [(line.no, line.direction) for line in lines] == [(1, ""), (2, "in")]


def test_a_series_that_can_not_be_kept_is_no_page(vendors: Vendors):
    told = {"code": "OK", "series": HALF, "last": 0, "count": 0, "rows": []}
    with answering(told) as url, pytest.raises(BadReply):
        vendors.gates(url=url).passings(0, 10)


def test_a_new_controller_counts_anew_under_another_series(vendors: Vendors):
    walk(vendors, 2)
    client = vendors.gates()
    before = client.passings(0, 10)
    vendors.post("/_sim/gates/replace")
    assert client.held().version == 0
    assert client.passings(0, 10).series != before.series


def test_the_token_and_the_numbers_are_shown_nowhere(vendors: Vendors):
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    logging.getLogger().addHandler(handler)
    try:
        client = vendors.gates(token="token-that-nobody-may-see")
        with pytest.raises(VendorError) as caught:
            client.give(whole(1, entry("a", "2099990101")), key="1")
    finally:
        logging.getLogger().removeHandler(handler)
    said = f"{told.getvalue()} {caught.value!r} {caught.value} {client.settings!r}"
    assert "token-that" not in said and "2099990101" not in said


@pytest.mark.parametrize("given", [{"url": "ftp://x"}, {"token": "short"}, {"silent_minutes": 0}])
def test_settings_that_can_not_be(given: dict[str, Any]):
    with pytest.raises(ValueError, match=next(iter(given))):
        GateSettings(**{"url": "https://gates.example.edu.cn", "token": "x" * 16, **given})
