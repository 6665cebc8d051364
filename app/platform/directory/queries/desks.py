"""The desks where lists are uploaded, as the modules declare them."""

from app.kit.lists import ListDesk, ListKind
from app.kit.module import Registry

_desks: dict[str, ListDesk] = {}


def load_registry(registry: Registry) -> None:
    """Called once per process by the manifest."""
    _desks.clear()
    _desks.update({desk.key: desk for module in registry.modules for desk in module.list_desks})


def list_desks() -> list[ListDesk]:
    return list(_desks.values())


def kind_of(desk: str, kind: str) -> ListKind:
    """Raises LookupError for a list of a module that is suspended: its delivery waits."""
    found = _desks[desk].kind(kind) if desk in _desks else None
    if found is None:
        raise LookupError(f"nobody here takes lists of {desk}/{kind}")
    return found
