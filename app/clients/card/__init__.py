"""The campus card: who has how much, debits and refunds. One dialect a folder; see docs/write-an-adapter.md."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from app.clients.card.protocol import CardSystem
from app.clients.card.synjones.card import SynjonesCard, SynjonesCardSettings
from app.clients.given import settings_from

Dialect = Callable[[Mapping[str, Any]], CardSystem]


def _synjones(given: Mapping[str, Any]) -> CardSystem:
    return SynjonesCard(settings_from(SynjonesCardSettings, given, "card"))


DIALECTS: Mapping[str, Dialect] = MappingProxyType({"synjones": _synjones})


def open_card(settings: Mapping[str, Any]) -> CardSystem:
    """The card system that the settings describe; nothing is called yet.

    Raises ValueError that names what is missing or impossible, never a value.
    """
    dialect = str(settings.get("dialect", ""))
    if dialect not in DIALECTS:
        raise ValueError(f"card.dialect: choose from {', '.join(DIALECTS)}")
    return DIALECTS[dialect](settings)
