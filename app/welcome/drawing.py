"""The card as a picture for the album: 1080 wide, so that it is sharp on every phone. Pure."""

import functools
import io
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont

from app.welcome.queries.cards import CardText

FONT = Path(__file__).parent.parent / "fonts" / "NotoSansSC-Regular.ttf"
WIDTH, HEIGHT, EDGE = 1080, 1920, 72
INK, QUIET, GREEN, LINE, PAPER = "#111111", "#666666", "#067a3e", "#dddddd", "#ffffff"
QR_SIDE = 460


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


class _Sheet:
    """A sheet that is written from top to bottom."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.y = 0

    def write(
        self, text: str, size: int, *, colour: str = INK, bold: bool = False, lines: int = 1, gap: int = 8
    ) -> None:
        """A text in the column, broken into at most so many lines; the last one ends with … when it must."""
        for line in wrapped(text, size, WIDTH - 2 * EDGE, lines):
            width = 1 if bold else 0
            self.draw.text((EDGE, self.y), line, colour, _font(size), stroke_width=width, stroke_fill=colour)
            self.y += int(size * 1.35)
        self.y += gap

    def rule(self) -> None:
        self.y += 16
        self.draw.line((EDGE, self.y, WIDTH - EDGE, self.y), LINE, 2)
        self.y += 24


def wrapped(text: str, size: int, room: int, lines: int) -> list[str]:
    """Lines that fit, broken between words of a Latin text and anywhere in a Chinese one."""
    font, rest = _font(size), " ".join(text.split())
    found: list[str] = []
    while rest and len(found) < lines:
        fits = _fitting(rest, font, room)
        if fits < len(rest) and len(found) == lines - 1:
            found.append(rest[: max(fits - 1, 1)].rstrip() + "…")
            break
        found.append(rest[:fits].rstrip())
        rest = rest[fits:].lstrip()
    return found


def _fitting(text: str, font: ImageFont.FreeTypeFont, room: int) -> int:
    fits = len(text)
    while fits > 1 and font.getlength(text[:fits]) > room:
        fits -= 1
    if fits < len(text) and text[fits - 1].isascii() and text[fits].isascii():
        space = text.rfind(" ", 0, fits)
        fits = space if space > 0 else fits
    return fits


def card(text: CardText) -> bytes:
    """The card as PNG of few colours, some tens of kilobytes."""
    sheet = _Sheet()
    sheet.draw.rectangle((0, 0, WIDTH, 232), GREEN)
    sheet.y = 44
    sheet.write(text.school, 52, colour=PAPER, bold=True, gap=0)
    sheet.write(f"报到卡 · {text.season}", 36, colour=PAPER, gap=0)
    sheet.write(f"Arrival card  {text.season_en}", 28, colour=PAPER)
    sheet.y = 268
    _person(sheet, text)
    sheet.rule()
    _place(sheet, text)
    _code(sheet, text)
    made = io.BytesIO()
    sheet.image.quantize(48, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(made, "PNG")
    return made.getvalue()


def _person(sheet: _Sheet, text: CardText) -> None:
    room = WIDTH - 2 * EDGE
    size = next((each for each in (76, 60, 48) if _font(each).getlength(text.name) <= room), 40)
    sheet.write(text.name, size, bold=True, lines=2, gap=0)
    sheet.write(text.name_en, 34, colour=QUIET)
    sheet.write(f"{text.college} · {text.major}", 38, lines=2)
    sheet.write(text.college_en, 30, colour=QUIET, gap=0)


def _place(sheet: _Sheet, text: CardText) -> None:
    sheet.write("宿舍 Dormitory", 30, colour=QUIET)
    if text.place:
        sheet.write(f"{text.place} · {text.bed} 号床", 52, bold=True, lines=2, gap=0)
        sheet.write(f"Bed {text.bed}, {text.place_en}", 30, colour=QUIET, lines=2)
    else:
        sheet.write("待公布，以报到现场为准", 44, gap=0)
        sheet.write("To be announced", 30, colour=QUIET)
    sheet.write(f"报到 Arrival  {text.days}", 36)
    if text.route or text.route_en:
        sheet.rule()
        sheet.write("路线 How to get there", 30, colour=QUIET)
        sheet.write(text.route, 36, lines=3)
        sheet.write(text.route_en, 28, colour=QUIET, lines=3)


def _code(sheet: _Sheet, text: CardText) -> None:
    """At the foot, always at the same place: desks know where to look."""
    top = HEIGHT - QR_SIDE - 150
    sheet.draw.line((EDGE, top - 28, WIDTH - EDGE, top - 28), LINE, 2)
    made = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=2)
    made.add_data(text.code)
    picture = (
        made.make_image().get_image().convert("RGB").resize((QR_SIDE, QR_SIDE), Image.Resampling.NEAREST)
    )
    sheet.image.paste(picture, (EDGE - 12, top))
    left = EDGE + QR_SIDE + 32
    notes = (
        ("报到时出示", 40, INK),
        ("Show at check-in", 28, QUIET),
        ("没有网络也能用", 32, QUIET),
        ("请勿转发、公开", 32, QUIET),
        ("Do not share this code", 28, QUIET),
    )
    y = top + 40
    for words, size, colour in notes:
        sheet.draw.text((left, y), words, colour, _font(size))
        y += int(size * 1.6)
    sheet.draw.text((EDGE, HEIGHT - 112), f"24 小时电话 Hotline  {text.hotline}", INK, _font(38))
