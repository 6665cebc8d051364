"""The line to a vendor: what never went out, when it stops calling, how fast it calls."""

import datetime as dt
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.clients.line import Line, LineSettings, Pace, Request
from app.clients.vendor import AuthProblem, BadReply, OutcomeUnknown, Refused, Unavailable, VendorDown


class Peer:
    """A vendor that answers what it is told to."""

    def __init__(self) -> None:
        self.status, self.body, self.asked, self.port = 200, b"ok", 0, 0
        self.callers: list[tuple[str, int]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            made.asked += 1
            made.callers.append(self.client_address)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def line(**changes) -> Line:
    given = {"connect_seconds": 2.0, "read_seconds": 5.0, "write_seconds": 5.0, "calls_per_second": 5000.0}
    return Line("vendor", LineSettings(**{**given, "burst": 5000, **changes}))


def post(url: str) -> Request:
    return Request("POST", url, {"key": "secret-key-of-ours"})


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


@pytest.mark.parametrize("ask", [Line.ask, Line.write])
def test_it_works(peer, ask):
    assert ask(line(), "hello", post(peer.url), text) == "ok"


@pytest.mark.parametrize("ask", [Line.ask, Line.write])
def test_what_never_went_out_is_unavailable(nobody, ask):
    with pytest.raises(VendorDown):
        ask(line(), "hello", post(nobody), text)


@pytest.mark.parametrize("url", ["", "vendor.example/x", "http://", "ftp://127.0.0.1/"])
def test_an_address_that_is_none_is_unavailable(url):
    for ask in (Line.ask, Line.write):
        with pytest.raises(VendorDown):
            ask(line(), "hello", post(url), text)


@pytest.mark.parametrize("ask", [Line.ask, Line.write])
def test_a_certificate_that_we_refuse_is_unavailable(tmp_path, ask):
    with tls_server(tmp_path) as port, pytest.raises(VendorDown):
        ask(line(), "hello", post(f"https://127.0.0.1:{port}/"), text)


@pytest.mark.parametrize("status", [201, 204, 302, 400, 401, 403, 404, 405, 413, 429, 500, 502, 503, 504])
def test_any_status_but_200_leaves_a_write_unknown(peer, status):
    peer.status = status
    with pytest.raises(OutcomeUnknown):
        line().write("hello", post(peer.url), text)
    with pytest.raises(AuthProblem if status in (401, 403) else VendorDown):
        line().ask("hello", post(peer.url), text)


@pytest.mark.parametrize("trouble", [ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError])
def test_an_answer_that_cannot_be_read(peer, trouble):
    def read(response):
        raise trouble("x")

    with pytest.raises(OutcomeUnknown):
        line().write("hello", post(peer.url), read)
    with pytest.raises(BadReply):
        line().ask("hello", post(peer.url), read)


def test_reads_share_a_connection_and_every_write_has_its_own(peer):
    made = line()
    for _ in range(3):
        made.ask("hello", post(peer.url), text)
    assert len(set(peer.callers)) == 1
    for _ in range(3):
        made.write("hello", post(peer.url), text)
    assert len(set(peer.callers)) == 4


def test_an_answer_that_drips(dripping):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    for ask, error in ((Line.ask, VendorDown), (Line.write, OutcomeUnknown)):
        with dripping(head, b"x", 0.5) as base, pytest.raises(error):
            ask(line(read_seconds=0.2, write_seconds=0.2), "hello", post(base), text)


def test_five_failures_in_a_row_open_the_breaker_and_it_closes_again(peer):
    made = line(failures=5, cool_down_seconds=0.2)
    peer.status = 500
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            made.write("hello", post(peer.url), text)
    peer.status = 200
    for ask in (made.write, made.ask):
        with pytest.raises(Unavailable) as caught:
            ask("hello", post(peer.url), text)
        assert caught.value.code == "circuit_open"
    assert peer.asked == 5
    time.sleep(0.2)
    assert [made.write("hello", post(peer.url), text) for _ in range(3)] == ["ok"] * 3


def test_out_of_the_box_the_breaker_opens_within_five_calls_and_closes_within_a_minute():
    settings = LineSettings()
    assert settings.failures <= 5 and settings.cool_down_seconds < 60


def test_answers_that_say_no_do_not_open_it(peer):
    made = line(failures=2, cool_down_seconds=60.0)
    for error in (Refused, AuthProblem, Unavailable):
        for _ in range(4):
            with pytest.raises(error):
                made.write("hello", post(peer.url), lambda _: (_ for _ in ()).throw(error("1")))  # noqa: B023
    assert made.ask("hello", post(peer.url), text) == "ok"


def test_a_burst_passes_and_then_the_pace_holds():
    pace = Pace(per_second=50.0, burst=5, patience=5.0)
    started = time.monotonic()
    assert all(pace.take() for _ in range(10))
    assert time.monotonic() - started >= 0.09


def test_who_would_wait_too_long_is_told_at_once():
    pace = Pace(per_second=1.0, burst=2, patience=0.1)
    assert [pace.take() for _ in range(4)] == [True, True, False, False]


def test_threads_share_one_pace():
    pace, taken = Pace(per_second=100.0, burst=10, patience=0.05), []
    started = time.monotonic()
    threads = [threading.Thread(target=lambda: taken.append(pace.take())) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert 10 < sum(taken) <= 11 + 100 * (time.monotonic() - started)


def test_too_fast_is_unavailable_and_does_not_count_against_the_vendor(peer):
    made = line(calls_per_second=0.1, burst=3, patience_seconds=0.0, failures=1)
    for _ in range(3):
        made.write("hello", post(peer.url), text)
    with pytest.raises(Unavailable) as caught:
        made.write("hello", post(peer.url), text)
    assert caught.value.code == "too_fast" and peer.asked == 3


def test_nothing_shows_what_was_sent(nobody, peer):
    peer.status = 500
    for url in (nobody, peer.url):
        with pytest.raises((VendorDown, OutcomeUnknown)) as caught:
            line().write("hello", post(url), text)
        seen, error = [], caught.value
        while error is not None:
            seen.append(repr(error) + str(error) + repr(vars(error)))
            error = error.__context__ or error.__cause__
        assert "secret" not in "".join(seen) and len(seen) == 1
    assert "secret" not in repr(post(peer.url))


def test_a_fork_makes_its_own_connection(peer):
    made = line()
    made.ask("hello", post(peer.url), text)
    before = made._own_connection()
    child = os.fork()
    if child == 0:
        fine = made.ask("hello", post(peer.url), text) == "ok" and made._own_connection() is not before
        os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert made._own_connection() is before


@pytest.mark.parametrize("wrong", [{"calls_per_second": 0.0}, {"burst": 0}, {"failures": 0}])
def test_impossible_settings(wrong):
    with pytest.raises(ValueError):
        LineSettings(**wrong)


class tls_server:  # noqa: N801 - used like a function
    """A listener with a certificate that nobody vouches for."""

    def __init__(self, folder) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        now = dt.datetime.now(dt.UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(now - dt.timedelta(days=1))
        certificate = made.not_valid_after(now + dt.timedelta(days=1)).sign(key, hashes.SHA256())
        path = folder / "server.pem"
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(secret + certificate.public_bytes(pem))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(path)
        self._listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return self._listener.getsockname()[1]

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
            self._context.wrap_socket(connection, server_side=True).close()
        except OSError:
            return
