"""Marks for texts. Chinese is the source language; doors translate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Phrase:
    """A text with gaps that stands in the gap of another; the door fills both."""

    msgid: str
    params: Mapping[str, Any]

    def __str__(self) -> str:
        return self.msgid % self.params


def N_(msgid: str) -> str:  # noqa: N802 - the name gettext extraction knows
    """Mark a text for the catalogue without translating it here."""
    return msgid


def NP_(context: str, msgid: str) -> str:  # noqa: N802
    """The same for a text whose translation depends on where it stands; doors use `pgettext(context, …)`."""
    return msgid
