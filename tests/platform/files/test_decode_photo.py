"""Decoding: what comes out is upright, small, in sRGB and without a word about where it was taken."""

import io

import pytest
from PIL import Image

from app.kit import db
from app.platform.files import decoder, decoding, headers, queries
from app.platform.files.decoder import Decoded, Refusal
from tests.platform.files import pictures

pytestmark = pytest.mark.thorough


@pytest.fixture
def decoded(li, work, row, client):
    """Send, let the worker work, fetch both sizes by their links."""

    def run(content: bytes) -> tuple[Image.Image, Image.Image, bytes]:
        photo = row(li.sent(content))
        work()
        with db.unit_of_work() as session:
            urls = queries.photo_urls(session, [photo.id])[photo.id]
        assert urls.is_ready
        files = [client.get(url).data for url in (urls.large, urls.thumb)]
        large, thumb = (Image.open(io.BytesIO(file)) for file in files)
        return large, thumb, b"".join(files)

    return run


def near(colour, wanted) -> bool:
    return all(abs(a - b) < 24 for a, b in zip(colour, wanted, strict=True))


def corners(picture: Image.Image) -> tuple[bool, bool]:
    """Whether the top left is red and the bottom right blue."""
    right, bottom = picture.width - 5, picture.height - 5
    return near(picture.getpixel((4, 4)), pictures.RED), near(
        picture.getpixel((right, bottom)), pictures.BLUE
    )


def test_it_works(decoded, row, stored):
    large, thumb, _ = decoded(pictures.jpeg((4000, 3000)))
    assert (large.format, large.size, thumb.size) == ("JPEG", (2048, 1536), (320, 240))
    assert corners(large) == corners(thumb) == (True, True)
    assert [name.split("_")[-1] for name in stored()] == ["large.jpg", "thumb.jpg"]


def test_small_pictures_are_not_blown_up(decoded):
    large, thumb, _ = decoded(pictures.jpeg((100, 60)))
    assert large.size == thumb.size == (100, 60)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation):
    as_taken = pictures.scene((400, 300))
    back = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    turned = as_taken.transpose(decoding.TURNS[back]) if back in decoding.TURNS else as_taken
    result = decoder.decode(io.BytesIO(pictures.encoded(turned, "JPEG", exif=pictures.exif(orientation))))
    large = Image.open(io.BytesIO(result.large))
    assert large.size == (400, 300)
    assert corners(large) == (True, True)


def test_a_heic_portrait_comes_out_upright_and_anonymous(decoded):
    assert pictures.SECRET in pictures.HEIC.read_bytes()
    large, _, files = decoded(pictures.HEIC.read_bytes())
    assert large.size == (160, 240)
    assert near(large.getpixel((155, 4)), pictures.RED)  # top left turned to the right
    assert pictures.SECRET not in files


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_survives(decoded, format_):
    extra = {
        "exif": pictures.exif(6),
        "icc_profile": decoding.SRGB.tobytes(),
    }
    if format_ == "JPEG":
        extra |= {"comment": b"SERIAL-0001", "xmp": b"<x:xmpmeta>SERIAL-0001</x:xmpmeta>", "dpi": (300, 300)}
    content = pictures.encoded(pictures.scene(), format_, **extra)
    assert pictures.SECRET in content
    large, thumb, files = decoded(content)
    for trace in (pictures.SECRET, b"Exif", b"Sample Maker", b"ICC_PROFILE", b"xmp"):
        assert trace not in files
    for picture in (large, thumb):
        assert not picture.getexif()
        assert set(picture.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
    assert large.size == (800, 1200)


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_stays(decoded, format_):
    large, _, _ = decoded(pictures.animated(format_))
    assert large.size == (200, 100)
    assert corners(large) == (True, True)


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_every_kind_of_jpeg_becomes_rgb(decoded, mode):
    large, _, _ = decoded(pictures.encoded(pictures.scene((400, 300), mode), "JPEG"))
    assert large.mode == "RGB"
    assert mode == "L" or corners(large) == (True, True)


@pytest.mark.parametrize("mode", ["1", "P", "RGBA", "LA", "L"])
def test_every_kind_of_png_becomes_rgb(decoded, mode):
    large, _, _ = decoded(pictures.encoded(pictures.scene((400, 300), mode), "PNG"))
    assert (large.mode, large.size) == ("RGB", (400, 300))


def test_transparency_becomes_white(decoded):
    large, _, _ = decoded(pictures.encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))
    assert near(large.getpixel((20, 20)), (255, 255, 255))


def test_16_bit_grey_keeps_its_tones(decoded):
    large, _, _ = decoded(pictures.grey_16_bit())
    assert [abs(large.getpixel((x, 30))[0] - x) < 8 for x in (10, 128, 245)] == [True] * 3


def test_a_colour_profile_that_does_not_fit_is_ignored(decoded):
    large, _, _ = decoded(pictures.jpeg((400, 300), icc_profile=pictures.other_profile()))
    assert corners(large) == (True, True)


def test_broken_metadata_is_no_reason_to_refuse(decoded):
    large, _, _ = decoded(pictures.jpeg((400, 300), exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff"))
    assert corners(large) == (True, True)


def test_a_noisy_thumbnail_stays_small():
    noise = Image.effect_noise((1500, 1500), 120).convert("RGB")
    result = decoder.decode(io.BytesIO(pictures.encoded(noise, "JPEG", quality=95)))
    assert len(result.thumb) < decoding.MAX_THUMB


REFUSED = {
    "truncated": pictures.jpeg()[: len(pictures.jpeg()) // 2],
    "truncated heic": pictures.HEIC.read_bytes()[:-200],
    "bomb cut short": pictures.zip_bomb_png(megabytes=25)[:20000],
    "wrong checksum": pictures.png(100, 100, b"\x78\x9c garbage"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_decoded_is_refused_and_gone(li, work, row, stored, name):
    public_id = li.sent(REFUSED[name])
    work()
    photo = row(public_id)
    assert (photo.status, photo.error) == ("refused", "not_a_photo")
    assert stored() == []
    with db.unit_of_work() as session:
        assert queries.photo_urls(session, [photo.id]) == {}


def test_a_second_larger_header_is_seen_through(li, work, row, stored):
    public_id = li.sent(pictures.lying_png())
    work()
    assert (row(public_id).error, stored()) == ("too_many_pixels", [])


def test_a_zip_bomb_costs_no_more_than_the_picture_it_claims_to_be(li, work, row):
    """Data beyond the announced size is never unpacked."""
    content = pictures.zip_bomb_png()
    assert len(content) < 400_000
    public_id = li.sent(content)
    work()
    assert row(public_id).status in ("ready", "refused")


def test_both_sides_of_the_pipe_agree():
    assert decoding.MAX_PIXELS == headers.MAX_PIXELS
    assert decoding.LARGE == decoder.LARGEST_SIDE


def test_nobody_can_make_the_child_say_more_than_it_may():
    for answer in (
        b"",
        b"{}",
        b"[]\n",
        b'{"ok": true}\n',
        b'{"ok": false, "reason": "<script>"}\n',
        b"\xff\n",
    ):
        assert isinstance(decoder._answer(io.BytesIO(answer)), Refusal)
    page = b'{"ok": true, "width": 9, "height": 9, "sizes": [6, 6]}\n<html><html>'
    assert isinstance(decoder._answer(io.BytesIO(page)), Refusal)
    assert not isinstance(decoder._answer(io.BytesIO(page)), Decoded)
