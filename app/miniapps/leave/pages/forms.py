"""What a form holds, as the rules read it, and its errors in words."""

from typing import Any

from flask_babel import gettext
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from app.kit.errors import DomainError, Invalid


def values_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """A form as the schemas read it: `evidence` stays a list."""
    values: dict[str, Any] = dict(form.items())
    values["evidence"] = [value for value in form.getlist("evidence") if value]
    return values


def checked(schema: Schema, form: MultiDict[str, str]) -> dict[str, Any]:
    """The checked form. Raises Invalid with a sentence for each field."""
    try:
        return dict(schema.load(values_of(form)))
    except ValidationError as error:
        messages = error.normalized_messages()
        details = {str(name): _flat(texts) for name, texts in messages.items()}
        raise Invalid(details=details) from None


def told(problem: DomainError | None) -> dict[str, list[str]]:
    """The errors of single fields in the language of the request."""
    details = (problem.details if problem else None) or {}
    return {name: [gettext(text) for text in texts] for name, texts in details.items()}


def _flat(texts: Any) -> list[str]:
    if isinstance(texts, dict):
        return [text for inner in texts.values() for text in _flat(inner)]
    return [str(text) for text in texts]
