"""File formats for finance systems. Each writes the same bytes for the same vouchers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.payments.errors import TemplateInvalid
from app.payments.exporters import columns, kingdee, yonyou
from app.payments.exporters.sheets import Line, Sheet

Write = Callable[[Mapping[str, Any], Sequence[Sheet]], bytes]
EXPORTERS: Mapping[str, Write] = {
    "yonyou": yonyou.write,
    "kingdee": kingdee.write,
    "columns": columns.write,
}
ENDINGS = {"yonyou": "txt", "kingdee": "xlsx"}


def write(settings: Mapping[str, Any], sheets: Sequence[Sheet]) -> bytes:
    """The file. Raises FormatUnfit when a value does not fit into it."""
    return EXPORTERS[settings["exporter"]](settings, sheets)


def ending(settings: Mapping[str, Any]) -> str:
    return ENDINGS.get(settings["exporter"]) or str(settings["file"])


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raises TemplateInvalid."""
    if settings.get("exporter") not in EXPORTERS:
        raise TemplateInvalid(text=str(settings.get("exporter")))
    if settings["exporter"] == "columns":
        columns.check(settings)


__all__ = ["Line", "Sheet", "check_settings", "ending", "write"]
