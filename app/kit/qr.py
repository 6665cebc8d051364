"""QR codes that stand in a page themselves."""

import base64
import io


def svg_uri(text: str) -> str:
    """A picture for an <img>. The library brings Pillow, 4 MB: the first process that shows a code loads it."""
    import qrcode  # noqa: PLC0415
    from qrcode.image.svg import SvgPathImage  # noqa: PLC0415

    drawn = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(drawn)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()
