"""Electricity systems: what is left in a room, and top-ups. One dialect a folder; see docs/write-an-adapter.md."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from app.clients.given import settings_from
from app.clients.meters.isims.meters import IsimsMeters, IsimsSettings
from app.clients.meters.protocol import ElectricityMeters
from app.clients.meters.synjones.meters import SynjonesMeters, SynjonesMeterSettings

Dialect = Callable[[Mapping[str, Any]], ElectricityMeters]


def _synjones(given: Mapping[str, Any]) -> ElectricityMeters:
    return SynjonesMeters(settings_from(SynjonesMeterSettings, given, "meters"))


def _isims(given: Mapping[str, Any]) -> ElectricityMeters:
    return IsimsMeters(settings_from(IsimsSettings, given, "meters"))


DIALECTS: Mapping[str, Dialect] = MappingProxyType({"synjones": _synjones, "isims": _isims})


def open_meters(settings: Mapping[str, Any]) -> ElectricityMeters:
    """The electricity system that the settings describe; nothing is called yet.

    Raises ValueError that names what is missing or impossible, never a value.
    """
    dialect = str(settings.get("dialect", ""))
    if dialect not in DIALECTS:
        raise ValueError(f"meters.dialect: choose from {', '.join(DIALECTS)}")
    return DIALECTS[dialect](settings)
