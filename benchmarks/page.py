"""What a phone fetches when somebody opens the account for the first time: bytes over the wire."""

import gzip
import http.client
import re
from urllib.parse import urljoin, urlsplit

from benchmarks.report import heading, line
from dev import static
from tests.chaos.stage import Stage, session_headers

FIRST = "/m/"
LINKS = re.compile(rb"""<(?:link|script|img|use)[^>]*?\b(?:href|src)=["']([^"'#]+)""")
IN_STYLES = re.compile(rb"""url\(["']?([^"')#]+)|@import\s+["']([^"']+)""")


def main() -> bool:
    heading("The phone's first page, nothing cached, over the wire with headers")
    static.main()
    with Stage() as stage:
        seeded = stage.seed("3", "1")
        stage.web()
        held = True
        for first in (FIRST, "/m/repairs/new"):
            sizes = fetch_all(stage, session_headers(seeded.students[0]), first)
            for path, size in sorted(sizes.items(), key=lambda pair: -pair[1]):
                print(f"  {size / 1024:7.1f} KB  {path}")
            held &= line(f"{first} with all it needs", sum(sizes.values()) / 1024, "KB", most=60)
        return held


def fetch_all(stage: Stage, headers: dict[str, str], first: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    waiting = [first]
    while waiting:
        path = waiting.pop()
        if path in sizes:
            continue
        sizes[path], body, kind = fetch(stage.port, path, headers)
        pattern = {"text/html": LINKS, "text/css": IN_STYLES}.get(kind)
        for groups in pattern.findall(body) if pattern else ():
            found = next(filter(None, groups)) if isinstance(groups, tuple) else groups
            target = urlsplit(urljoin(path, found.decode()))
            if not target.netloc and target.scheme in ("", "http"):
                waiting.append(target.path)
    return sizes


def fetch(port: int, path: str, headers: dict[str, str]) -> tuple[int, bytes, str]:
    """Bytes on the wire, the decoded body, its type."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": headers["Cookie"], "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    raw = answer.read()
    assert answer.status == 200, f"{path}: {answer.status}"
    on_wire = len(raw) + sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 17
    if answer.headers.get("Content-Encoding") == "gzip":
        raw = gzip.decompress(raw)
    return on_wire, raw, answer.headers.get_content_type()
