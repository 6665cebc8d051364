"""Texts with fields in braces, as rules and column templates have them. No expression, only names."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from app.payments.errors import TemplateInvalid

FIELDS = frozenset(
    (
        *("period", "year", "month", "day", "kind", "number", "sequence", "count"),
        *("fee_code", "fee_title", "unit_code", "unit_name", "channel", "channel_name", "merchant_no"),
    )
)
"""What the texts of a rule may name."""
_SPECS = frozenset(("", "%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y", "%m", "%d", "02d", "04d", "06d"))


def check_text(text: str, fields: frozenset[str] = FIELDS) -> str:
    """The text, if it names nothing but these fields. Raises TemplateInvalid."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise TemplateInvalid(text=text) from None
    for _literal, name, spec, conversion in parts:
        if name is not None and (name not in fields or conversion or spec not in _SPECS):
            raise TemplateInvalid(text=text)
    return text


def filled(text: str, values: Mapping[str, Any]) -> str:
    """The text of a checked template."""
    return text.format_map(values)
