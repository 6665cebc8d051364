"""Sheets of door labels for printing: a QR code, the room in words, the code to type."""

from datetime import datetime
from pathlib import Path

from app.kit import clock, pdf

TEMPLATE = Path(__file__).parent / "templates" / "repairs" / "door_labels.typ"
QUIET_ZONE = 2
"""Modules around the code inside its picture; the white of the label adds the rest of the four."""
MASK = 4
"""Any of the eight scans; looking for the prettiest would take most of the time."""


def door_label_sheet(
    labels: list[tuple[str, str]],
    *,
    base_url: str,
    school_name: str,
    hotline: str,
    printed_by: str,
    printed_at: datetime,
) -> bytes:
    """A PDF with ten labels on each A4 page, in the order given. `labels` are (code, place in words).

    The last word of the place stands large. 200 labels take about a second of CPU time, most of it in a
    process of its own. Raises ValueError when there is no label.
    """
    if not labels:
        raise ValueError("no labels to print")
    values = {
        "school": school_name,
        "hotline": hotline,
        "printed_by": printed_by,
        "printed_at": f"{clock.local(printed_at):%Y-%m-%d %H:%M}",
        "labels": [_label(code, place, base_url) for code, place in labels],
    }
    return pdf.typeset(TEMPLATE, values)


def _label(code: str, place: str, base_url: str) -> dict[str, str]:
    where, _, door = place.strip().rpartition(" ")
    return {
        "code": f"{code[:4]} {code[4:]}".strip(),
        "where": where,
        "door": door,
        "qr": qr_svg(f"{base_url}/q/{code}"),
    }


def qr_modules(text: str) -> list[list[bool]]:
    """The code, row by row, True is dark. Level Q: a quarter of it may be scratched off."""
    import qrcode  # noqa: PLC0415 - see kit.qr
    from qrcode.constants import ERROR_CORRECT_Q  # noqa: PLC0415

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE, mask_pattern=MASK)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def qr_svg(text: str) -> str:
    """The code as one path of horizontal strokes: small, and sharp at any size."""
    rows = qr_modules(text)
    strokes = "".join(_strokes(y, row) for y, row in enumerate(rows))
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path d="{strokes}" fill="#000"/></svg>'
    )


def _strokes(y: int, row: list[bool]) -> str:
    """A rectangle for each run of dark modules, a hair taller than its row: no gaps between rows."""
    strokes, x = [], 0
    while x < len(row):
        end = x
        while end < len(row) and row[end]:
            end += 1
        if end > x:
            strokes.append(f"M{x} {y}h{end - x}v1.01h-{end - x}z")
        x = max(end, x + 1)
    return "".join(strokes)
