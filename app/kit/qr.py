"""QR codes that stand in a page themselves."""

import base64
import io

import qrcode
from qrcode.image.svg import SvgPathImage


def svg_uri(text: str) -> str:
    """A picture for an <img>."""
    drawn = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(drawn)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()
