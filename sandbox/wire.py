"""How a vendor's machine answers over HTTP, and how it fails to."""

import os
import socket
import struct
from collections.abc import Callable, Iterator
from typing import TypeVar

from flask import Response, request

from sandbox.machine import BEFORE, REFUSE, SMS, Call, Machine, Refusal, Trouble, pause

T = TypeVar("T")

NO_LINGER = struct.pack("ii", 1, 0)
SORRY = "<html><head><title>系统繁忙</title></head><body>系统繁忙，请稍后再试</body></html>"


def serve(
    machine: Machine,
    call: Call,
    work: Callable[[Trouble], T],
    render: Callable[[T | Refusal, Trouble], Response],
) -> Response:
    """Do the work once, unless a fault comes before it; answer, unless one comes after it."""
    trouble = machine.meet(call)
    if trouble.kind in BEFORE:
        return fail(trouble)
    answer: T | Refusal
    try:
        if trouble.kind in REFUSE | SMS:
            raise Refusal(trouble.kind)
        answer = work(trouble)
    except Refusal as refusal:
        answer = refusal
    if trouble.kind in ("timeout_after", "reset_after", "http500_after", "late_apply"):
        return fail(trouble)
    if trouble.kind == "slow":
        pause(trouble)
    if trouble.kind == "empty_body_after":
        return Response(b"", 200, content_type="text/plain")
    return render(answer, trouble)


def fail(trouble: Trouble) -> Response:
    """No answer, or one from something in between."""
    if trouble.kind in ("timeout_before", "timeout_after"):
        pause(trouble)
        return hang_up(reset=False)
    if trouble.kind in ("reset_after", "flap"):
        return hang_up(reset=True)
    if trouble.kind == "http502_html":
        return Response(SORRY.replace("系统繁忙", "502 Bad Gateway"), 502, mimetype="text/html")
    if trouble.kind == "late_apply":
        return Response("Gateway Timeout", 504, mimetype="text/plain")
    if trouble.kind == "http200_html":
        return Response(SORRY.encode("gbk"), 200, content_type="text/html; charset=GBK")
    return Response("Internal Server Error", 500, mimetype="text/plain")


def hang_up(*, reset: bool) -> Response:
    """Close the connection without a byte; with `reset` the other side gets an RST."""
    connection: socket.socket = request.environ["werkzeug.socket"]

    def nothing() -> Iterator[bytes]:
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            stand_in, far_end = socket.socketpair()
            far_end.close()
            os.dup2(
                stand_in.fileno(), connection.fileno()
            )  # closes the real one; the server goes on with this
            stand_in.close()
        raise ConnectionResetError
        yield b""

    return Response(nothing(), 200)


def shaped(text: str, trouble: Trouble, charset: str, errors: str = "replace") -> bytes:
    """The body of a JSON or XML answer, perhaps cut off, with a BOM, or in another charset than it says."""
    if trouble.kind == "bom":
        return b"\xef\xbb\xbf" + text.encode("utf-8")
    if trouble.kind == "wrong_charset":
        charset = "utf-8" if charset == "gbk" else "gbk"
    return text.encode(charset, errors)


def cut(text: str, trouble: Trouble) -> str:
    """Half of it, when that is the fault."""
    return text[: len(text) // 2] if trouble.kind == "truncated_json_after" else text
