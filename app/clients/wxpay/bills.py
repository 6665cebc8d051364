"""Fetching a bill: streamed, unpacked, and believed only when WeChat's own digest of it agrees.

The answer that names the file is signed, the file is not: the digest (SHA-1 over the unpacked bytes, byte
order mark and line ends included) ties the two.
"""

import hashlib
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests

from app.clients.line import Request
from app.clients.outbound import OutboundSession
from app.clients.vendor import BadReply, Unavailable, VendorError
from app.clients.wxpay.wire import Wire

LARGEST_BILL = 1 << 30
"""Bytes of an unpacked bill."""
LONGEST = 600.0
"""Seconds that one download may take."""
CHUNK = 1 << 16


def download(
    wire: Wire, timeout: tuple[float, float], answer: Mapping[str, Any], call: str, into: BinaryIO
) -> None:
    """Write the bill that `answer` names; what was written counts only when this returns."""
    path, wanted = _named(answer, call)
    digest = hashlib.sha1(usedforsecurity=False)
    for part in _unpacked(_packed(wire.write(path), timeout, call), call):
        digest.update(part)
        into.write(part)
    if digest.hexdigest() != wanted:
        raise BadReply("digest", call=call)


def _named(answer: Mapping[str, Any], call: str) -> tuple[str, str]:
    """Path and digest. The file is asked of the host we know, whatever host the address names."""
    url, kind, wanted = (str(answer.get(name, "")) for name in ("download_url", "hash_type", "hash_value"))
    parts = urlsplit(url)
    if kind != "SHA1" or not wanted or not parts.path.startswith("/v3/"):
        raise BadReply("download_url", call=call)
    return f"{parts.path}?{parts.query}", wanted.lower()


def _packed(request: Request, timeout: tuple[float, float], call: str) -> Iterator[bytes]:
    failure: VendorError | None = None
    until = time.monotonic() + LONGEST
    try:
        with (
            OutboundSession(timeout=timeout) as http,
            http.request(
                request.method, request.url, headers=dict(request.headers or {}), stream=True
            ) as response,
        ):
            if response.status_code != 200:
                raise Unavailable(f"HTTP {response.status_code}", call=call)
            for chunk in response.iter_content(CHUNK):
                if time.monotonic() > until:
                    raise Unavailable("slow", call=call)
                yield chunk
    except requests.RequestException as error:
        failure = Unavailable("", type(error).__name__, call=call)
    if failure:
        raise failure


def _unpacked(packed: Iterator[bytes], call: str) -> Iterator[bytes]:
    """gzip, in pieces; one that swells without end is a BadReply. One cut short fails by its digest."""
    unpacker, size = zlib.decompressobj(wbits=31), 0
    for chunk in packed:
        while chunk:
            try:
                part = unpacker.decompress(chunk, CHUNK * 16)
            except zlib.error:
                raise BadReply("gzip", call=call) from None
            chunk, size = unpacker.unconsumed_tail, size + len(part)
            if size > LARGEST_BILL:
                raise BadReply("size", call=call)
            yield part
