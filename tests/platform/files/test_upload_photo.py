"""POST /files/photos: what is taken in, what is refused at the door, and in which words."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.platform.files.errors import NotAPhoto, PhotoHasTooManyPixels
from app.platform.files.headers import MAX_PIXELS, read_header
from tests.platform.files import pictures

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PHP = b"<?php system($_GET['x']); ?>"
POLYGLOT = b"\xff\xd8\xff\xfe" + struct.pack(">H", len(PHP) + 2) + PHP


def test_it_works(li, row, stored):
    answer = li.send(pictures.jpeg())
    assert answer.status_code == 201
    assert answer.json["thumb"].startswith(f"/files/photos/{answer.json['id']}/thumb?")
    kept = row(answer.json["id"])
    assert (kept.status, kept.width, kept.height, kept.object_id) == ("received", 1200, 800, None)
    assert stored() == [f"originals/{answer.json['id']}"]


def test_originals_can_be_read_by_nobody_else(li, storage, stored):
    li.sent(pictures.jpeg())
    for path in storage._root.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_every_format_is_known_by_its_content(li, row, format_):
    photo = row(li.sent(pictures.encoded(pictures.scene((640, 480)), format_)))
    assert (photo.width, photo.height) == (640, 480)


def test_heic_is_known_by_its_content(li, row):
    photo = row(li.sent(pictures.HEIC.read_bytes()))
    assert {photo.width, photo.height} == {240, 160}


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_of_both_kinds_with_and_without_alpha(lossless):
    for mode in ("RGB", "RGBA"):
        content = pictures.encoded(pictures.scene((301, 203), mode), "WEBP", lossless=lossless)
        assert size_of(content) == (301, 203)


@pytest.mark.parametrize(
    "content",
    [
        HTML,
        SVG,
        PHP,
        POLYGLOT,
        b"PK\x03\x04" + bytes(100),
        b"GIF89a" + bytes(40),
        b"\x00\x00\x00\x18ftypavif" + bytes(200),
        b"\xff\xd8\xff",
        bytes(5000),
        pictures.png(0, 10, b""),
    ],
)
def test_what_is_no_photo_is_refused_whatever_its_name(li, stored, content):
    answer = li.send(content, name="photo.jpg")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "files.not_a_photo")
    assert "不是照片" in answer.json["error"]["message"]
    assert stored() == []


def test_a_huge_picture_is_refused_by_its_header(li, stored):
    answer = li.send(pictures.large_png())
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "files.photo_has_too_many_pixels")
    assert "5000 万像素" in answer.json["error"]["message"]
    assert stored() == []


@pytest.mark.parametrize("megabytes", [20.1, 31, 40])
def test_more_than_20_mb_is_refused_in_words(li, stored, megabytes):
    answer = li.send(pictures.jpeg() + bytes(int(megabytes * 1024 * 1024)))
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "files.photo_too_large")
    assert "20 MB" in answer.json["error"]["message"]
    assert stored() == []


def test_just_below_20_mb_is_taken(li):
    content = pictures.jpeg()
    li.sent(content + bytes(20 * 1024 * 1024 - len(content)))


def test_an_empty_file_and_no_file_are_refused(li, stored):
    assert li.send(b"").json["error"]["code"] == "files.photo_missing"
    answer = li.client.post("/files/photos", headers=li.headers | {"X-CSRF-Token": li.csrf})
    assert answer.json["error"]["code"] == "files.photo_missing"
    assert stored() == []


def test_strangers_are_turned_away(app, li):
    assert app.test_client().post("/files/photos", headers=li.headers).status_code in (401, 403)
    li.csrf = "wrong"
    assert li.send(pictures.jpeg()).json["error"]["code"] == "kit.csrf_failed"


def test_the_same_key_gives_the_same_photo(li, row, work):
    first = li.send(pictures.jpeg(), **{"Idempotency-Key": "k1"})
    again = li.send(pictures.jpeg(), **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])
    assert work() == 1
    other = li.send(pictures.jpeg((100, 100)), **{"Idempotency-Key": "k1"})
    assert other.json["error"]["code"] == "kit.key_reused"


def test_keys_of_two_people_do_not_meet(li, chen):
    key = {"Idempotency-Key": "k1"}
    assert li.send(pictures.jpeg(), **key).json["id"] != chen.send(pictures.jpeg(), **key).json["id"]


def test_a_flood_is_stopped(li):
    answers = [li.send(b"x").status_code for _ in range(121)]
    assert answers[:120] == [422] * 120
    assert answers[120] == 429


def size_of(content: bytes) -> tuple[int, int]:
    header = read_header(pictures.io.BytesIO(content))
    return header.width, header.height


SEEDS = [
    pictures.jpeg((64, 48), exif=pictures.exif(6)),
    pictures.encoded(pictures.scene((64, 48)), "PNG"),
    pictures.encoded(pictures.scene((64, 48)), "WEBP"),
    pictures.HEIC.read_bytes(),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_any_bytes_are_either_a_size_or_a_refusal(seed, data):
    at = data.draw(st.integers(0, min(len(seed), 900) - 1))
    piece = data.draw(st.binary(max_size=12))
    broken = seed[:at] + piece + seed[at + len(piece) :]
    cut = broken[: data.draw(st.integers(0, len(broken)))]
    for content in (broken, cut):
        try:
            width, height = size_of(content)
        except (NotAPhoto, PhotoHasTooManyPixels):
            continue
        assert 0 < width * height <= MAX_PIXELS
