"""What identity's JSON says."""

from marshmallow import Schema, fields


class GrantOut(Schema):
    permission = fields.String(required=True)
    scope_kind = fields.String(required=True, metadata={"description": "all, campus, building, unit or team"})
    scope_id = fields.Integer(allow_none=True)


class PersonOut(Schema):
    id = fields.String(attribute="public_id", metadata={"description": "per_…"})
    name = fields.String(metadata={"description": "empty for a visitor"})
    name_en = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    kinds = fields.List(fields.String(), metadata={"description": "student, staff, contractor, visitor…"})
    is_visitor = fields.Boolean()


class MeOut(Schema):
    person = fields.Nested(PersonOut)
    surface = fields.String()
    grants = fields.List(fields.Nested(GrantOut))
    csrf_token = fields.String(metadata={"description": "send as X-CSRF-Token with every change"})


class SessionOut(Schema):
    id = fields.Integer()
    surface = fields.String()
    device = fields.String()
    created_at = fields.AwareDateTime()
    seen_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    is_current = fields.Boolean()


class SessionsOut(Schema):
    items = fields.List(fields.Nested(SessionOut))


class RevokedOut(Schema):
    revoked = fields.Integer(metadata={"description": "how many sessions ended"})
