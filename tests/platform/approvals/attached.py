"""A PDF as a page sends it."""

import io
from typing import Any

from tests.visit import csrf

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


def attach(client: Any, content: bytes = PDF, name: str = "诊断证明.pdf", surface: str = "phone") -> Any:
    return client.post(
        "/files/attachments", data={"file": (io.BytesIO(content), name)}, headers=csrf(client, surface)
    )
