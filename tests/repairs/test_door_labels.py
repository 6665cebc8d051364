"""door_label_sheet: a PDF of labels that phones can scan and words can't break."""

import io
import json
import re
from datetime import UTC, datetime

import pytest
from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_Q

from app.kit import pdf
from app.repairs import labels

BASE = "https://life.example.edu.cn"
AT = datetime(2026, 11, 20, 1, 5, tzinfo=UTC)
ONE = [("7K3M9QXA", "东校区 3号楼 512")]
LONGEST = "国际教育与留学生交流中心（南校区老图书馆旁）" * 4


def sheet(rows, **changes) -> bytes:
    values = {"base_url": BASE, "school_name": "示例大学", "hotline": "0000-00000000", "printed_by": "郑国栋"}
    return labels.door_label_sheet(rows, printed_at=AT, **(values | changes))


def pages(document: bytes) -> int:
    assert document.startswith(b"%PDF-")
    assert document.rstrip().endswith(b"%%EOF")
    counted = re.search(rb"/Type\s*/Pages.*?/Count\s+(\d+)", document, re.S)
    return int(counted.group(1))


def picture(place: str) -> Image.Image:
    """The first page as an image, 144 dots an inch."""
    values = {
        "school": "示例大学",
        "hotline": "0000-00000000",
        "printed_by": "郑国栋",
        "printed_at": "2026-11-20 09:05",
        "labels": [labels._label("7K3M9QXA", place, BASE)],
    }
    made = pdf.typeset(labels.TEMPLATE, values, image_of_pages=True)
    return Image.open(io.BytesIO(made)).convert("L")


def test_it_works():
    assert pages(sheet(ONE)) == 1


@pytest.mark.parametrize(("count", "expected"), [(10, 1), (11, 2), (200, 20)])
def test_ten_labels_make_a_page(count, expected):
    rows = [(f"CDE{n:05}", f"东校区 3号楼 {n}") for n in range(count)]
    assert pages(sheet(rows)) == expected


def test_both_fonts_are_embedded():
    document = sheet(ONE)
    assert b"+NotoSansSC-Regular" in document
    assert b"+DejaVuSansMono-Bold" in document


def test_the_printed_code_is_the_code_of_the_address():
    """Every module is read back from the page, at the place where it must stand."""
    code = QRCode(error_correction=ERROR_CORRECT_Q, border=0, mask_pattern=labels.MASK)
    code.add_data(f"{BASE}/q/7K3M9QXA")
    code.make(fit=True)
    wanted = [[bool(dark) for dark in row] for row in code.get_matrix()]
    side = len(wanted)
    page = picture("东校区 3号楼 512")
    dot = 144 / 25.4
    step = 34 * dot / (side + 2 * labels.QUIET_ZONE)
    begin_x = (13 + 2.5 + 3) * dot + labels.QUIET_ZONE * step
    begin_y = (12 + 2.5 + 2.6) * dot + labels.QUIET_ZONE * step
    seen = [
        [page.getpixel((begin_x + (x + 0.5) * step, begin_y + (y + 0.5) * step)) < 128 for x in range(side)]
        for y in range(side)
    ]
    assert seen == wanted


def test_the_path_draws_every_dark_module_once():
    rows = labels.qr_modules("https://life.example.edu.cn/q/00000000")
    drawn = set()
    for x, y, width in re.findall(
        r"M(\d+) (\d+)h(\d+)v", labels.qr_svg("https://life.example.edu.cn/q/00000000")
    ):
        cells = {(int(x) + n, int(y)) for n in range(int(width))}
        assert not cells & drawn
        drawn |= cells
    assert drawn == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


@pytest.mark.parametrize(
    "words",
    [
        "#evil()",
        '#import "@preview/evil:1.0.0": *',
        '"); #panic("x',
        "#{while true {}}",
        "\\\\ \\u{41} \" ' $x^2$ *b* _i_ `raw` @ref <label> // comment /* open",
        '{"school": "x"}',
        "=cmd|' /C calc'!A0",
        "\u202e右\u200b\u0000\ufffe",
        "𠮷 😀 🏠 ؏",
        "",
        "   ",
        LONGEST,
        "x" * 300,
    ],
)
def test_words_are_never_code(words):
    everywhere = sheet([("7K3M9QXA", words)], school_name=words, hotline=words, printed_by=words)
    assert pages(everywhere) == 1


def test_a_hash_is_printed_as_a_hash():
    """Were it code, both pages would show the same sum."""
    assert picture("甲 #(1+1)").tobytes() != picture("甲 2").tobytes()


def test_long_words_stay_on_their_label():
    """Outside the first label the page looks the same, whatever stands on it."""
    short, long = picture("东校区 3号楼 512"), picture(f"{LONGEST} {LONGEST}")
    right = (round(106 * 144 / 25.4), 0, short.width, short.height)
    assert short.crop(right).tobytes() == long.crop(right).tobytes()
    below = (0, round(64 * 144 / 25.4), short.width, short.height)
    assert short.crop(below).tobytes() == long.crop(below).tobytes()


def test_no_label_is_no_sheet():
    with pytest.raises(ValueError):
        sheet([])


def test_a_broken_template_says_what_is_wrong(tmp_path):
    broken = tmp_path / "broken.typ"
    broken.write_text("#nothing()")
    with pytest.raises(pdf.TypesettingFailed, match="unknown variable"):
        pdf.typeset(broken, json.loads("{}"))
