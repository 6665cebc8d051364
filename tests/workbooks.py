"""Workbooks as offices export them, right and spoiled."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import xlsxwriter

Make = Callable[[], io.BytesIO]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def document(number: int, *, male: bool = False, born: str = "20080101", region: str = "440100") -> str:
    """An invented identity number that is right in itself."""
    serial = (number * 2 + (1 if male else 0)) % 1000
    body = f"{region}{born}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def workbook(rows: Sequence[Mapping[str, Any]], heads: Sequence[str], **spoil: Any) -> io.BytesIO:
    """`spoil`: `formula` a cell, `merge` a range, `title` lines above the header."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(spoil.get("name", "Sheet1"))
        top = len(spoil.get("title", ()))
        for at, line in enumerate(spoil.get("title", ())):
            sheet.write(at, 0, line)
        for column, head in enumerate(heads):
            sheet.write(top, column, head)
        for at, row in enumerate(rows, start=top + 1):
            for column, head in enumerate(heads):
                value = row.get(head, "")
                (sheet.write_number if isinstance(value, int | float) else sheet.write_string)(
                    at, column, value
                )
        if "formula" in spoil:
            sheet.write_formula(spoil["formula"], "=1+1", None, 2)
        if "merge" in spoil:
            sheet.merge_range(spoil["merge"], "合并")
    file.seek(0)
    return file


def surgery(good: Make, change: Callable[[dict[str, bytes]], None]) -> Make:
    """A good workbook whose archive has been changed."""

    def make() -> io.BytesIO:
        with zipfile.ZipFile(good()) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        change(parts)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        file.seek(0)
        return file

    return make


def bomb(parts: dict[str, bytes]) -> None:
    parts["xl/media/filler.bin"] = bytes(200_000_000)


def lying_bomb(good: Make) -> io.BytesIO:
    """Its directory says that the sheet is small."""
    change = {"xl/worksheets/sheet1.xml": b"<a>" * 2_000_000}
    raw = surgery(good, lambda parts: parts.update(change))().getvalue()
    size = struct.pack("<I", 6_000_000)
    return io.BytesIO(raw.replace(size, struct.pack("<I", 1000)))


def cut(parts: dict[str, bytes]) -> None:
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet[: len(sheet) // 2]


def no_sheet(parts: dict[str, bytes]) -> None:
    del parts["xl/worksheets/sheet1.xml"]


def entity(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet1.xml"] = (
        b'<!DOCTYPE x [<!ENTITY a "'
        + b"a" * 1000
        + b'"><!ENTITY b "'
        + b"&a;" * 1000
        + b'">]><worksheet>&b;</worksheet>'
    )


def spoiled(good: Make) -> dict[str, Make]:
    """What is no list at all, whatever it is a list of."""
    return {
        "no archive": lambda: io.BytesIO(b"KSH,XM\r\n1,2"),
        "nothing at all": lambda: io.BytesIO(b""),
        "an old .xls": lambda: io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)),
        "an archive of something else": surgery(good, lambda parts: parts.clear()),
        "cut in the middle": lambda: io.BytesIO(good().getvalue()[:-300]),
        "a sheet cut in the middle": surgery(good, cut),
        "a workbook without its sheet": surgery(good, no_sheet),
        "a bomb": surgery(good, bomb),
        "a bomb that lies": lambda: lying_bomb(good),
        "entities": surgery(good, entity),
        "an empty sheet": lambda: workbook([], []),
    }
