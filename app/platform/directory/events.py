"""What happened in the directory."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ListUploaded:
    """Somebody uploaded a list: a worker looks at it."""

    import_id: int


@dataclass(frozen=True)
class ListConfirmed:
    """Somebody said yes to what a list would change: a worker writes it."""

    import_id: int
