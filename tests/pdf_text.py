"""What stands on the pages of a PDF that Typst has set, read back from the file itself.

Enough for Typst: one compressed stream a page, fonts with a map to Unicode. No other PDF is promised to be readable.
"""

import re
import zlib

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s(.*?)\sendobj", re.S)
_STREAM = re.compile(rb">>\s*stream\r?\n(.*)\r?\nendstream", re.S)
_FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
_SHOWN = re.compile(rb"1 0 0 -1 ([\d.]+) ([\d.]+) cm|/(f\d+) [\d.]+ Tf|Tm(.*?)T[Jj]\nET", re.S)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
Objects = dict[bytes, bytes]
Glyphs = dict[int, str]


def rows_of(pdf: bytes) -> list[list[str]]:
    """All pages from top to bottom: what stands on one line, from left to right."""
    objects = {found[1]: found[2] for found in _OBJECT.finditer(pdf)}
    fonts = {name: _glyphs(objects, key) for name, key in _FONT.findall(pdf)}
    rows: list[list[str]] = []
    for page in _pages(objects):
        spots = _spots(page, fonts)
        for height in sorted({y for _, y, _ in spots}, reverse=True):
            rows.append([text for x, y, text in sorted(spots) if y == height])
    return rows


def _pages(objects: Objects) -> list[bytes]:
    pages = (body for body in objects.values() if re.search(rb"/Type/Page\b(?!s)", body))
    keys = [re.search(rb"/Contents (\d+) 0 R", body) for body in pages]
    return [_stream(objects[key[1]]) for key in keys if key]


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None
    return zlib.decompress(found[1])


def _glyphs(objects: Objects, key: bytes) -> Glyphs:
    """From the codes of a font to what they say."""
    found = re.search(rb"/ToUnicode (\d+) 0 R", objects[key])
    if found is None:
        return {}
    table = _stream(objects[found[1]])
    glyphs: Glyphs = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.S):
        for code, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            glyphs[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.S):
        for first, last, text in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for ahead in range(int(last, 16) - int(first, 16) + 1):
                glyphs[int(first, 16) + ahead] = chr(int(text, 16) + ahead)
    return glyphs


def _spots(page: bytes, fonts: dict[bytes, Glyphs]) -> list[tuple[float, float, str]]:
    """x, y and the text, each piece of one font."""
    spots: list[tuple[float, float, str]] = []
    glyphs: Glyphs = {}
    for found in _SHOWN.finditer(page):
        if found[1]:
            spots.append((float(found[1]), float(found[2]), ""))
        elif found[3]:
            glyphs = fonts[found[3]]
        else:
            x, y, before = spots[-1]
            spots[-1] = (x, y, before + "".join(_said(codes, glyphs) for codes in _strings(found[4])))
    return [spot for spot in spots if spot[2]]


def _said(codes: bytes, glyphs: Glyphs) -> str:
    return "".join(glyphs.get(int.from_bytes(codes[at : at + 2]), "") for at in range(0, len(codes), 2))


def _strings(shown: bytes) -> list[bytes]:
    """Of `[(…)-20<…>]` those in brackets; round ones may hold round ones in pairs, without a sign before them."""
    found: list[bytes] = []
    at = depth = start = 0
    while at < len(shown):
        sign = shown[at : at + 1]
        if sign == b"\\":
            at += 1
        elif sign == b"(":
            start, depth = (at + 1, 1) if not depth else (start, depth + 1)
        elif sign == b")":
            depth -= 1
            found += [] if depth else [_unescaped(shown[start:at])]
        elif sign == b"<" and not depth:
            end = shown.index(b">", at)
            found.append(bytes.fromhex(shown[at + 1 : end].decode()))
            at = end
        at += 1
    return found


def _unescaped(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        what = found[1]
        return bytes([int(what, 8) & 255]) if what[:1].isdigit() else _PLAIN.get(what, what)

    return _ESCAPED.sub(plain, text)
