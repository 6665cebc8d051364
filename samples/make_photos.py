"""Writes samples/photos/*.jpg: drawn pictures of what breaks in a room. Same seed, same pictures.

Run: python samples/make_photos.py
"""

import math
import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

TARGET = Path(__file__).parent / "photos"
SIZE = (1280, 960)
Pen = ImageDraw.ImageDraw
Color = tuple[int, int, int]

WALL, TILE, WOOD, METAL = (226, 221, 209), (214, 224, 228), (156, 112, 72), (168, 174, 180)
DARK, STAIN, WATER, GLOW = (52, 54, 60), (176, 142, 92), (120, 170, 205), (255, 240, 196)


def shaded(top: Color, bottom: Color) -> Image.Image:
    """A wall in the light of a room."""
    image = Image.new("RGB", (1, SIZE[1]))
    for y in range(SIZE[1]):
        part = y / SIZE[1]
        image.putpixel((0, y), tuple(round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)))
    return image.resize(SIZE)


def darker(color: Color, by: float = 0.75) -> Color:
    red, green, blue = (round(value * by) for value in color)
    return red, green, blue


def tiles(pen: Pen, step: int = 160) -> None:
    for x in range(0, SIZE[0], step):
        pen.line([(x, 0), (x, SIZE[1])], fill=darker(TILE, 0.86), width=4)
    for y in range(0, SIZE[1], step):
        pen.line([(0, y), (SIZE[0], y)], fill=darker(TILE, 0.86), width=4)


def lamp(pen: Pen, *, lit: bool) -> None:
    pen.rectangle([180, 150, 1100, 210], fill=METAL)
    for y in (240, 300):
        pen.rounded_rectangle([200, y, 1080, y + 36], 18, fill=GLOW if lit else (196, 194, 186))
    if not lit:
        for x in (200, 1030):
            pen.rounded_rectangle([x, 240, x + 50, 276], 18, fill=(110, 104, 98))
    pen.line([(640, 0), (640, 150)], fill=DARK, width=10)


def lamp_dead(pen: Pen, _: random.Random) -> None:
    lamp(pen, lit=False)


def lamp_repaired(pen: Pen, _: random.Random) -> None:
    lamp(pen, lit=True)


def socket(pen: Pen, _: random.Random) -> None:
    pen.rounded_rectangle([420, 280, 860, 720], 40, fill=(244, 243, 238), outline=darker(WALL), width=6)
    pen.polygon([(560, 420), (590, 405), (600, 470), (570, 480)], fill=DARK)
    pen.polygon([(700, 405), (730, 420), (710, 480), (685, 470)], fill=DARK)
    pen.rectangle([632, 540, 656, 610], fill=DARK)
    pen.line([(430, 300), (520, 420), (500, 520), (560, 640)], fill=(120, 112, 104), width=7)
    pen.ellipse([650, 380, 800, 520], outline=(150, 120, 80), width=14)


def tap(pen: Pen, *, drips: bool) -> None:
    tiles(pen)
    pen.rounded_rectangle([560, 180, 720, 300], 40, fill=METAL)
    pen.rounded_rectangle([610, 260, 670, 520], 26, fill=darker(METAL, 0.9))
    pen.rounded_rectangle([400, 440, 670, 520], 36, fill=METAL)
    pen.rectangle([400, 500, 460, 580], fill=darker(METAL, 0.85))
    pen.ellipse([220, 780, 1060, 940], fill=(240, 243, 244), outline=darker(TILE), width=6)
    if drips:
        for y in (610, 680, 750):
            pen.ellipse([416, y, 444, y + 44], fill=WATER)
        pen.ellipse([330, 830, 620, 900], fill=WATER)


def tap_dripping(pen: Pen, _: random.Random) -> None:
    tap(pen, drips=True)


def tap_repaired(pen: Pen, _: random.Random) -> None:
    tap(pen, drips=False)


def blots(pen: Pen, dice: random.Random, color: Color, box: tuple[int, int, int, int]) -> None:
    for _ in range(120):
        x, y = dice.gauss((box[0] + box[2]) / 2, 110), dice.gauss((box[1] + box[3]) / 2, 80)
        size = dice.uniform(15, 95)
        tone = darker(color, dice.uniform(0.96, 1.02))
        pen.ellipse([x - size, y - size * 0.7, x + size, y + size * 0.7], fill=tone)


def ceiling(pen: Pen, dice: random.Random) -> None:
    blots(pen, dice, (206, 186, 148), (400, 200, 900, 600))
    blots(pen, dice, STAIN, (500, 320, 800, 520))
    for x in (560, 660, 740):
        pen.ellipse([x, 640, x + 18, 680], fill=WATER)


def conditioner(pen: Pen, _: random.Random) -> None:
    pen.rounded_rectangle([200, 200, 1080, 460], 50, fill=(246, 247, 247), outline=darker(METAL), width=5)
    for y in (390, 415, 440):
        pen.line([(240, y), (1040, y)], fill=darker(METAL), width=5)
    pen.text((900, 250), "F1", fill=(210, 60, 50), font_size=80)
    for x, y in ((420, 520), (430, 620), (700, 560), (705, 690)):
        pen.ellipse([x, y, x + 22, y + 44], fill=WATER)


def radiator(pen: Pen, _: random.Random) -> None:
    for x in range(240, 1040, 100):
        pen.rounded_rectangle([x, 300, x + 78, 800], 36, fill=(238, 238, 234), outline=darker(METAL), width=4)
    pen.rectangle([200, 360, 1080, 384], fill=darker(METAL))
    pen.ellipse([1030, 720, 1110, 800], fill=(180, 60, 50))
    pen.rectangle([0, 860, 1280, 960], fill=darker(WOOD))


def door(pen: Pen, _: random.Random) -> None:
    pen.rectangle([380, 40, 960, 960], fill=WOOD, outline=darker(WOOD), width=14)
    for box in ((450, 120, 890, 420), (450, 500, 890, 880)):
        pen.rectangle(list(box), outline=darker(WOOD, 0.8), width=8)
    pen.rounded_rectangle([430, 440, 500, 620], 20, fill=METAL)
    pen.rounded_rectangle([450, 500, 620, 532], 14, fill=darker(METAL, 0.8))
    pen.ellipse([452, 560, 480, 588], fill=DARK)
    pen.polygon([(960, 60), (1010, 90), (1010, 960), (960, 960)], fill=(40, 38, 40))


def chair(pen: Pen, _: random.Random) -> None:
    pen.rectangle([0, 760, 1280, 960], fill=darker(WALL, 0.8))
    pen.rounded_rectangle([400, 180, 840, 430], 26, fill=WOOD)
    pen.polygon([(380, 540), (880, 540), (940, 610), (340, 610)], fill=darker(WOOD, 0.9))
    for x in (430, 820):
        pen.rectangle([x, 430, x + 28, 560], fill=METAL)
    pen.rectangle([370, 610, 398, 850], fill=METAL)
    pen.polygon([(880, 610), (908, 610), (920, 700), (894, 704)], fill=METAL)
    pen.polygon([(960, 830), (1160, 800), (1164, 824), (964, 858)], fill=METAL)


def port(pen: Pen, _: random.Random) -> None:
    pen.rounded_rectangle([430, 300, 850, 680], 36, fill=(243, 243, 240), outline=darker(WALL), width=6)
    for x in (490, 670):
        pen.rectangle([x, 430, x + 120, 540], fill=DARK)
        pen.rectangle([x + 40, 540, x + 80, 560], fill=DARK)
        pen.ellipse([x + 50, 370, x + 70, 390], fill=(90, 94, 98))
    pen.line([(550, 540), (560, 700), (420, 800), (300, 960)], fill=(60, 110, 170), width=26)


def corridor(pen: Pen, _: random.Random) -> None:
    pen.polygon([(0, 960), (480, 560), (800, 560), (1280, 960)], fill=(92, 92, 98))
    pen.polygon([(0, 0), (480, 360), (480, 560), (0, 960)], fill=(74, 74, 82))
    pen.polygon([(1280, 0), (800, 360), (800, 560), (1280, 960)], fill=(66, 66, 74))
    pen.rectangle([480, 360, 800, 560], fill=(46, 46, 54))
    for left, top, right in ((560, 60, 720), (590, 190, 690), (610, 270, 670)):
        pen.rectangle([left, top, right, top + 16], fill=(120, 118, 112))


def plaster(pen: Pen, dice: random.Random) -> None:
    for _ in range(9):
        x, y = dice.uniform(250, 900), dice.uniform(200, 700)
        turns = [2 * math.pi * step / 11 for step in range(11)]
        reach = [dice.uniform(35, 140) for _ in turns]
        points = [
            (x + math.cos(turn) * far, y + math.sin(turn) * far * 0.8)
            for turn, far in zip(turns, reach, strict=True)
        ]
        pen.polygon(points, fill=(188, 176, 160), outline=(206, 200, 190))
    for _ in range(50):
        x, y = dice.uniform(200, 1100), dice.uniform(860, 950)
        pen.ellipse([x, y, x + 26, y + 14], fill=(200, 194, 184))


def rack(pen: Pen, _: random.Random) -> None:
    pen.rectangle([0, 620, 1280, 960], fill=darker(WALL, 0.85))
    pen.line([(160, 240), (1120, 380)], fill=METAL, width=26)
    pen.line([(160, 240), (160, 0)], fill=darker(METAL), width=8)
    pen.line([(1120, 380), (1120, 0)], fill=darker(METAL), width=8)
    pen.line([(240, 620), (420, 480), (380, 700)], fill=DARK, width=18)


SCENES: dict[str, tuple[Color, Callable[[Pen, random.Random], None]]] = {
    "electric-1": ((150, 148, 146), lamp_dead),
    "electric-2": (WALL, socket),
    "water-1": (TILE, tap_dripping),
    "water-2": ((236, 234, 228), ceiling),
    "air-1": (WALL, conditioner),
    "air-2": (WALL, radiator),
    "wood-1": (WALL, door),
    "wood-2": (WALL, chair),
    "network-1": (WALL, port),
    "lift-1": ((58, 58, 66), corridor),
    "building-1": ((232, 230, 224), plaster),
    "other-1": ((196, 214, 228), rack),
    "after-1": (WALL, lamp_repaired),
    "after-2": (TILE, tap_repaired),
}


def draw(color: Color, scene: Callable[[Pen, random.Random], None], dice: random.Random) -> Image.Image:
    """The scene, a little soft and grainy, as a phone takes it."""
    image = shaded(color, darker(color, 0.82))
    scene(ImageDraw.Draw(image), dice)
    image = image.filter(ImageFilter.GaussianBlur(1.6)).rotate(dice.uniform(-2, 2), Image.Resampling.BICUBIC)
    grain = Image.new("L", (SIZE[0] // 2, SIZE[1] // 2))
    grain.putdata([dice.randrange(12) for _ in range(grain.width * grain.height)])
    return ImageChops.subtract(image, Image.merge("RGB", [grain.resize(SIZE)] * 3)).crop((40, 30, 1240, 930))


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    dice = random.Random(20260901)  # noqa: S311
    for name, (color, scene) in SCENES.items():
        draw(color, scene, dice).save(TARGET / f"{name}.jpg", quality=72, optimize=True)


if __name__ == "__main__":
    main()
