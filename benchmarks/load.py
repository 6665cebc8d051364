"""A cheap load generator: prepared requests over kept connections, one thread each; every answer is counted."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Result:
    """What came back: seconds of each answer, how many of each status, body bytes of the last one."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    body_bytes: int = 0

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000

    def expect(self, status: int) -> "Result":
        assert set(self.statuses) == {status}, f"expected {status}: {dict(self.statuses)}"
        return self


def prepare(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run(port: int, requests: Sequence[bytes], *, connections: int = 4) -> Result:
    """Send them all, each connection its share one after the other."""
    result = Result()
    lock = threading.Lock()

    def work(share: Sequence[bytes]) -> None:
        latencies: list[float] = []
        statuses: Counter[int] = Counter()
        size = 0
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in share:
                started = time.perf_counter()
                connection.sendall(request)
                status, size = _answer(connection)
                latencies.append(time.perf_counter() - started)
                statuses[status] += 1
        with lock:
            result.latencies += latencies
            result.statuses.update(statuses)
            result.body_bytes = size

    threads = [threading.Thread(target=work, args=(requests[n::connections],)) for n in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - started
    assert len(result.latencies) == len(requests), "a connection broke"
    return result


def _answer(connection: socket.socket) -> tuple[int, int]:
    """Status and body length of one answer with a Content-Length."""
    buffer = b""
    while b"\r\n\r\n" not in buffer:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("closed in the middle of an answer")
        buffer += piece
    head, _, rest = buffer.partition(b"\r\n\r\n")
    lower = head.lower()
    at = lower.index(b"content-length:") + len(b"content-length:")
    length = int(lower[at:].split(b"\r\n", 1)[0])
    missing = length - len(rest)
    while missing > 0:
        missing -= len(connection.recv(min(missing, 65536)))
    return int(head[9:12]), length
