"""Forms of pages: checked by a schema, and what is wrong with single fields in words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from marshmallow import Schema, ValidationError

from app.kit.errors import DomainError, Invalid


def checked(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the schema reads. Raises Invalid with the sentences of each field."""
    try:
        return dict(schema.load(values))
    except ValidationError as error:
        details = {str(name): _flat(texts) for name, texts in error.normalized_messages().items()}
        raise Invalid(details=details) from None


def told(problem: DomainError | None) -> dict[str, list[str]]:
    """The errors of single fields in the language of the request."""
    details = (problem.details if problem else None) or {}
    return {name: [gettext(text) for text in texts] for name, texts in details.items()}


def _flat(texts: Any) -> list[str]:
    """The sentences of a field, or of a list's single places, each once."""
    if isinstance(texts, dict):
        texts = [text for inner in texts.values() for text in _flat(inner)]
    return list(dict.fromkeys(str(text) for text in texts))
