"""The child that decodes one picture: reads it from stdin, writes two JPEGs to stdout.

Run as a script with nothing of the application in it, no environment, and limits that outlive a takeover
of the decoder: bounded CPU time and memory, and no file descriptor beyond the three it was born with, hence
no file and no network. It answers with one line of JSON, followed by the bytes of `large` and `thumb`:

    {"ok": true, "width": …, "height": …, "sizes": [large, thumb]}
    {"ok": false, "reason": "not_a_photo" | "too_many_pixels" | "too_heavy"}
"""

import io
import json
import os
import resource
import sys
import warnings

import pi_heif
from PIL import Image, ImageCms, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

# Loaded before files are out of reach: Pillow would look for them at the first picture.
PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
MAX_PIXELS = 50_000_000
MAX_INPUT = 21 * 1024 * 1024
MAX_OUTPUT = 8 * 1024 * 1024
MAX_THUMB = 20 * 1024
LARGE, THUMB = 2048, 320
CPU_SECONDS = 15
MEMORY = 1280 * 1024 * 1024
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class Refused(Exception):
    """The picture is not to be kept; the reason is one of the module's docstring."""


def main() -> None:
    lock_up()
    answer, files = _answer(sys.stdin.buffer.read(MAX_INPUT))
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(files))
    sys.stdout.buffer.flush()


def lock_up() -> None:
    """Last of all that needs a file: from here on nothing can be opened, connected or duplicated."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    Image.preinit()
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    os.nice(5)
    for limit, value in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, MAX_OUTPUT),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _answer(content: bytes) -> tuple[dict[str, object], list[bytes]]:
    try:
        large = decode(content)
        files = [_jpeg_of(large, 82), _thumb_of(large)]
    except Refused as refusal:
        return {"ok": False, "reason": str(refusal)}, []
    except MemoryError:
        return {"ok": False, "reason": "too_heavy"}, []
    except Exception:  # decoders raise anything: whatever it was, this is no picture
        return {"ok": False, "reason": "not_a_photo"}, []
    sizes = [len(file) for file in files]
    return {"ok": True, "width": large.width, "height": large.height, "sizes": sizes}, files


def decode(content: bytes) -> Image.Image:
    """The first frame, upright, at most LARGE a side, RGB in sRGB, with no metadata."""
    picture = _open(content)
    scale = LARGE / max(picture.size)
    if scale < 1:
        picture.draft("RGB", (round(picture.width * scale), round(picture.height * scale)))
    picture.load()
    profile, orientation = picture.info.get("icc_profile"), _orientation(picture)
    small = _eight_bits(picture)
    small.thumbnail((LARGE, LARGE), reducing_gap=2.0)
    small = _in_srgb(_on_white(small), profile)
    if orientation in TURNS:
        small = small.transpose(TURNS[orientation])
    small.info.clear()
    return small


def _open(content: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("too_many_pixels") from None
    if picture.width * picture.height > MAX_PIXELS:
        raise Refused("too_many_pixels")
    return picture


def _orientation(picture: Image.Image) -> int:
    """HEIC comes upright from its decoder, which then says 1 here."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # broken metadata is dropped anyway
        return 1


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A mode that scales smoothly. 16-bit grey is divided here: Pillow's conversion would cut it off."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256) + 0).convert("L")
    if picture.mode in ("1", "P", "PA"):
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture
    seen = picture.convert("RGBA")
    sheet = Image.new("RGB", seen.size, "white")
    sheet.paste(seen, mask=seen.getchannel("A"))
    return sheet


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and picture.mode in ("RGB", "L", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")


def _thumb_of(large: Image.Image) -> bytes:
    thumb = large.copy()
    thumb.thumbnail((THUMB, THUMB))
    for quality in (75, 60, 45, 30):
        file = _jpeg_of(thumb, quality)
        if len(file) < MAX_THUMB:
            break
    return file


def _jpeg_of(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, progressive=True, optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
