"""Forms to try a definition with: each field at the values its conditions tell apart. Pure."""

import ast
from collections.abc import Iterator
from typing import Any

from app.platform.approvals.definition.tree import Condition, Definition, FormField

MOST = 40


def sample_forms(definition: Definition) -> list[dict[str, Any]]:
    """At most forty: the plainest form, then one field changed at a time, then all at their last value."""
    values = {one.name: _values(one, _constants(definition, one.name)) for one in definition.fields}
    plain = {name: found[0] for name, found in values.items()}
    forms = [plain]
    for name, found in values.items():
        forms += [{**plain, name: value} for value in found[1:]]
    forms.append({name: found[-1] for name, found in values.items()})
    return forms[:MOST]


def _values(field: FormField, constants: list[Any]) -> list[Any]:
    if field.type == "bool":
        return [False, True]
    if field.type == "choice":
        named = [one for one in constants if one in field.choices]
        return list(dict.fromkeys([*field.choices[:6], *named]))
    if field.type in ("number", "integer"):
        numbers = sorted({n for n in constants if isinstance(n, int | float) and not isinstance(n, bool)})
        return [1, *(value for n in numbers for value in (n - 1, n, n + 1))]
    if field.type == "text":
        return ["试填", *(text for text in constants if isinstance(text, str))]
    return [None]


def _constants(definition: Definition, name: str) -> list[Any]:
    """What conditions compare a field with, each once."""
    found = [value for words in _conditions(definition) for value in _compared(words, name)]
    return list(dict.fromkeys(found))


def _conditions(definition: Definition) -> Iterator[str]:
    for node in definition.by_key.values():
        if isinstance(node, Condition):
            yield from (branch.when for branch in node.branches if branch.when)


def _compared(words: str, name: str) -> Iterator[Any]:
    """Literals in comparisons that name the field. The words were checked when they were read."""
    for part in ast.walk(ast.parse(words, mode="eval")):
        if isinstance(part, ast.Compare) and any(
            isinstance(one, ast.Name) and one.id == name for one in ast.walk(part)
        ):
            yield from (one.value for one in ast.walk(part) if isinstance(one, ast.Constant))
