"""PDF from a typst template and values, set in a child process: the caller's memory stays as it was."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("typesetting.py")
FONTS = Path(__file__).parent.parent / "fonts"
SECONDS = 60.0


class TypesettingFailed(Exception):
    """A fault of the template or the machine; the message is the typesetter's last line."""


def typeset(template: Path, values: Mapping[str, Any], *, image_of_pages: bool = False) -> bytes:
    """The template as PDF, for printing. It reads its values by `json(bytes(sys.inputs.data))`.

    Values are data wherever they appear: no `#` or quote in them is ever code. With `image_of_pages`
    one PNG for looking at (a template of one page). Raises TypesettingFailed.
    """
    job = {
        "template": str(template),
        "fonts": str(FONTS),
        "values": values,
        "format": "png" if image_of_pages else "pdf",
        "ppi": 144,
    }
    with tempfile.TemporaryFile() as taken:
        try:
            ran = subprocess.run(  # noqa: S603 - our own script, no argument from outside
                [sys.executable, "-I", str(CHILD)],
                input=json.dumps(job).encode(),
                stdout=taken,
                stderr=subprocess.PIPE,
                env={"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2"},
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TypesettingFailed("out of time") from None
        if ran.returncode != 0:
            raise TypesettingFailed(ran.stderr.decode(errors="replace").strip().splitlines()[-1:])
        taken.seek(0)
        return taken.read()
