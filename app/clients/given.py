"""Settings of an adapter from a piece of JSON, checked member by member."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def settings_from(kind: type[T], given: Mapping[str, Any], where: str) -> T:
    """An instance of the dataclass `kind`. Raises ValueError that names the member, never its value."""
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"{where}: there is no {', '.join(unknown)}")
    missing = [
        name
        for name, field in known.items()
        if name not in given and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"{where}: {', '.join(missing)} missing")
    return kind(**{name: _fitting(hints[name], value, f"{where}.{name}") for name, value in given.items()})


def _fitting(hint: Any, value: Any, where: str) -> Any:
    """The value as the type says, down to the members of tuples and mappings."""
    origin, inside = get_origin(hint) or hint, get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return settings_from(hint, _checked(value, Mapping, where), where)
    if origin is Literal:
        if value not in inside:
            raise ValueError(f"{where}: choose from {', '.join(inside)}")
        return value
    if origin is tuple:
        return tuple(_fitting(inside[0], each, where) for each in _checked(value, list | tuple, where))
    if origin is Mapping:
        members = _checked(value, Mapping, where)
        return {name: _fitting(inside[1], each, f"{where}.{name}") for name, each in members.items()}
    if origin is float:
        return float(_checked(value, int | float, where))
    return _checked(value, origin, where)


def _checked(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{where}: a {type(value).__name__} does not fit")
    return value
