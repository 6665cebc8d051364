"""Pictures of every kind, made here: honest, odd, broken and hostile."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageCms, ImageDraw

HEIC = Path(__file__).with_name("sample_rotated_gps.heic")  # 240 × 160, to be turned by 90°, with GPS
RED, BLUE = (220, 30, 30), (30, 60, 220)
SECRET = b"SERIAL-0001"


def scene(size: tuple[int, int] = (1200, 800), mode: str = "RGB") -> Image.Image:
    """Grey, with a red top left and a blue bottom right corner."""
    width, height = size
    picture = Image.new("RGB", size, (200, 210, 220))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width // 4, height // 4), fill=RED)
    draw.rectangle((width * 3 // 4, height * 3 // 4, width, height), fill=BLUE)
    return picture.convert(mode)


def encoded(picture: Image.Image, format_: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, format_, **options)
    return file.getvalue()


def exif(orientation: int = 1) -> bytes:
    """A maker, a serial number and a place on earth."""
    tags = Image.Exif()
    tags[0x010F], tags[0x0112] = "Sample Maker", orientation
    tags.get_ifd(0x8769)[0xA431] = SECRET.decode()
    place = tags.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (31.0, 13.0, 24.0), "E", (121.0, 26.0, 12.0)
    return tags.tobytes()


def jpeg(size: tuple[int, int] = (1200, 800), **options: object) -> bytes:
    return encoded(scene(size), "JPEG", **options)


def other_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def animated(format_: str) -> bytes:
    frames = [scene((200, 100)), Image.new("RGB", (200, 100), "green")]
    return encoded(frames[0], format_, save_all=True, append_images=frames[1:], duration=100)


def grey_16_bit() -> bytes:
    """A ramp from black to white in 16 bits."""
    ramp = Image.new("I;16", (256, 64))
    ramp.putdata([x * 257 for _ in range(64) for x in range(256)])
    return encoded(ramp, "PNG")


def png(width: int, height: int, content: bytes, *, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG whose header says what it likes and whose one data chunk is `content`."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", content), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def zip_bomb_png(megabytes: int = 300) -> bytes:
    """A small picture by its header; its data unpacks to so much."""
    squeezer = zlib.compressobj(9)
    content = b"".join(squeezer.compress(bytes(1 << 20)) for _ in range(megabytes)) + squeezer.flush()
    return png(4000, 4000, content)


def large_png() -> bytes:
    """50 000 × 50 000 by its header, a few bytes in all."""
    return png(50_000, 50_000, zlib.compress(bytes(1000)))


def lying_png() -> bytes:
    """A modest first header, a huge second one."""
    honest = png(100, 100, b"")
    return honest[:33] + large_png()[8:]
