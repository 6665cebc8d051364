"""What comes in and goes out of notifications over JSON."""

from typing import Any

from flask_babel import get_locale, gettext
from marshmallow import Schema, fields


class MessageOut(Schema):
    """One message, in the language of the request."""

    id = fields.String(attribute="public_id")
    kind = fields.String()
    title = fields.Function(lambda row: gettext(row.title))
    text = fields.Function(lambda row: sentence(row))
    link = fields.String()
    created_at = fields.DateTime()
    read_at = fields.DateTime(allow_none=True)


class MessagesOut(Schema):
    items = fields.List(fields.Nested(MessageOut))
    next_cursor = fields.String(allow_none=True)
    unread = fields.Integer()


class MessagesIn(Schema):
    cursor = fields.String(load_default=None)


class ReadOut(Schema):
    read = fields.Integer()


def sentence(row: Any) -> str:
    """A message's text, its gaps filled; in English with English in them, where there is any."""
    params = {name: gettext(value) if value else "" for name, value in row.params.items()}
    if str(get_locale()) == "en":
        params |= {name.removesuffix("_en"): value for name, value in params.items() if name.endswith("_en")}
    return str(gettext(row.text)) % params
