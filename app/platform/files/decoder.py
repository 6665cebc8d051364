"""Handing one picture to the child that decodes it (decoding.py), and believing little of what comes back."""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHILD = Path(__file__).with_name("decoding.py")
SECONDS = 25.0
"""By the clock; the child has a limit of its own in CPU time. Well below a third of the outbox's lease."""
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
REASONS = ("not_a_photo", "too_many_pixels", "too_heavy")
LARGEST_SIDE = 2048


class DecoderInterrupted(Exception):
    """The child was killed or starved from outside: worth another try."""


@dataclass(frozen=True)
class Decoded:
    """Two JPEGs; width and height are those of the large one."""

    width: int
    height: int
    large: bytes
    thumb: bytes


@dataclass(frozen=True)
class Refusal:
    """Why the picture can't be kept."""

    reason: str


def decode(original: BinaryIO) -> Decoded | Refusal:
    """Run the child on these bytes. Raises DecoderInterrupted."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as taken:
        shutil.copyfileobj(original, given)
        given.seek(0)
        code = _run(given, taken)
        if code < 0 and -code in (9, 15):
            raise DecoderInterrupted(f"signal {-code}")
        if code < 0:
            return Refusal("too_heavy")  # out of CPU time, or the decoder crashed
        taken.seek(0)
        return _answer(taken)


def _run(given: BinaryIO, taken: BinaryIO) -> int:
    try:
        return subprocess.run(  # noqa: S603 - our own script, no argument from outside
            [sys.executable, "-I", str(CHILD)],
            stdin=given,
            stdout=taken,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            timeout=SECONDS,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        raise DecoderInterrupted("out of time") from None


def _answer(taken: BinaryIO) -> Decoded | Refusal:
    try:
        answer = json.loads(taken.readline(1000))
        if not answer["ok"]:
            return Refusal(answer["reason"] if answer["reason"] in REASONS else "not_a_photo")
        files = [taken.read(int(size)) for size in answer["sizes"]]
        decoded = Decoded(int(answer["width"]), int(answer["height"]), *files)
    except (ValueError, KeyError, TypeError):
        return Refusal("too_heavy")
    return decoded if _looks_right(decoded) else Refusal("not_a_photo")


def _looks_right(decoded: Decoded) -> bool:
    """Only JPEG leaves the house, even if the child was taken over."""
    sides = (decoded.width, decoded.height)
    files = (decoded.large, decoded.thumb)
    return all(0 < side <= LARGEST_SIDE for side in sides) and all(
        file.startswith(b"\xff\xd8\xff") and file.endswith(b"\xff\xd9") for file in files
    )
