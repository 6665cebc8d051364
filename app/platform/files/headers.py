"""What a picture says it is, read from its first bytes without decoding anything.

Pure Python on purpose: in the web process no C library sees a byte that a stranger sent.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.platform.files.errors import NotAPhoto, PhotoHasTooManyPixels

MAX_PIXELS = 50_000_000
HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1"))
HEVC_BRANDS = HEIF_BRANDS - {b"mif1"}
MAX_META = 1024 * 1024
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BARE_MARKERS = frozenset((0x01, *range(0xD0, 0xD9)))


@dataclass(frozen=True)
class Header:
    """Format (JPEG, PNG, WEBP or HEIF), width and height as announced."""

    format: str
    width: int
    height: int


class _Malformed(Exception):
    """The bytes do not go on as the format wants."""


def read_header(stream: BinaryIO) -> Header:
    """Raises NotAPhoto for anything but the four formats, PhotoHasTooManyPixels above 50 megapixels."""
    try:
        header = _read(stream)
    except (_Malformed, struct.error):
        raise NotAPhoto() from None
    if min(header.width, header.height) < 1:
        raise NotAPhoto()
    if header.width * header.height > MAX_PIXELS:
        raise PhotoHasTooManyPixels()
    return header


def _read(stream: BinaryIO) -> Header:
    stream.seek(0)
    start = stream.read(32)
    if start.startswith(b"\xff\xd8\xff"):
        return Header("JPEG", *_jpeg_size(stream))
    if start.startswith(b"\x89PNG\r\n\x1a\n") and start[12:16] == b"IHDR":
        return Header("PNG", *struct.unpack(">II", start[16:24]))
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return Header("WEBP", *_webp_size(start))
    if start[4:8] == b"ftyp":
        return Header("HEIF", *_heif_size(stream))
    raise _Malformed


def _jpeg_size(stream: BinaryIO) -> tuple[int, int]:
    """The size in the first frame header, behind any number of other segments."""
    stream.seek(2)
    for _ in range(2000):
        marker = _next_marker(stream)
        if marker in BARE_MARKERS:
            continue
        (length,) = struct.unpack(">H", stream.read(2))
        if marker in FRAMES:
            _precision, height, width = struct.unpack(">BHH", stream.read(5))
            return width, height
        if length < 2 or marker in (0xD9, 0xDA):
            break
        stream.seek(length - 2, 1)
    raise _Malformed


def _next_marker(stream: BinaryIO) -> int:
    if stream.read(1) != b"\xff":
        raise _Malformed
    for _ in range(64):  # fill bytes
        byte = stream.read(1)
        if not byte:
            raise _Malformed
        if byte != b"\xff":
            return byte[0]
    raise _Malformed


def _webp_size(start: bytes) -> tuple[int, int]:
    kind = start[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(start[24:27], "little"), 1 + int.from_bytes(start[27:30], "little")
    if kind == b"VP8L" and start[20] == 0x2F:
        (bits,) = struct.unpack("<I", start[21:25])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and start[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", start[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise _Malformed


def _heif_size(stream: BinaryIO) -> tuple[int, int]:
    """The largest of the sizes named in the properties: the picture itself, whatever its tiles."""
    stream.seek(0)
    kind, brands = _stream_box(stream, at_most=4096)
    names = {brands[i : i + 4] for i in range(0, len(brands), 4)} - {brands[4:8]}
    if kind != b"ftyp" or not names & HEIF_BRANDS or b"avif" in names and not names & HEVC_BRANDS:
        raise _Malformed
    for _ in range(16):
        kind, body = _stream_box(stream, at_most=MAX_META)
        if kind == b"meta":
            return _largest_extent(body[4:])
    raise _Malformed


def _largest_extent(meta: bytes) -> tuple[int, int]:
    sizes = [
        struct.unpack(">II", extent[4:12])
        for properties in _boxes(meta, b"iprp")
        for container in _boxes(properties, b"ipco")
        for extent in _boxes(container, b"ispe")
    ]
    if not sizes:
        raise _Malformed
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _stream_box(stream: BinaryIO, *, at_most: int) -> tuple[bytes, bytes]:
    """The next box; the body of one that is neither ftyp nor meta is skipped."""
    size, kind = struct.unpack(">I4s", stream.read(8))
    if size == 1:
        (size,) = struct.unpack(">Q", stream.read(8))
        size -= 8
    size -= 8
    if size < 0 or size > 1 << 40:
        raise _Malformed
    if kind not in (b"ftyp", b"meta"):
        stream.seek(size, 1)
        return kind, b""
    if size > at_most:
        raise _Malformed
    body = stream.read(size)
    if len(body) != size:
        raise _Malformed
    return kind, body


def _boxes(body: bytes, wanted: bytes) -> Iterator[bytes]:
    """The contents of the direct children of one kind."""
    at = 0
    while at + 8 <= len(body):
        size, kind = struct.unpack(">I4s", body[at : at + 8])
        if size < 8 or at + size > len(body):
            raise _Malformed
        if kind == wanted:
            yield body[at + 8 : at + size]
        at += size
