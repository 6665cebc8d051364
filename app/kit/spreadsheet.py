"""New workbooks (.xlsx) in which texts stay texts: a value that starts with = is not a formula."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook

TEXTS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def streamed(file: IO[bytes]) -> Workbook:
    """Rows are written in order and leave memory at once; closing writes `file`."""
    return _new(file, {"constant_memory": True, **TEXTS})


def in_memory(file: IO[bytes]) -> Workbook:
    """For lists of a bounded length; cells in any order."""
    return _new(file, {"in_memory": True, **TEXTS})


def _new(file: IO[bytes], options: dict[str, bool]) -> Workbook:
    """The library weighs 12 MB and most processes never write a workbook: the first that does loads it."""
    import xlsxwriter  # noqa: PLC0415

    return xlsxwriter.Workbook(file, options)
