"""What happened with people's copies of their data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportAsked:
    """Somebody wants a copy of their own data."""

    export_id: int


@dataclass(frozen=True)
class ExportReady:
    """It can be fetched for a while. `until` is ISO, UTC."""

    export_id: int
    person_id: int
    until: str
