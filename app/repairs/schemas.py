"""What comes in and what goes out of repairs, over JSON and from forms alike."""

from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from app.kit import clock
from app.kit.i18n import N_

PHONE = validate.Regexp(
    r"^(1\d{10}|0\d{2,3}-?\d{7,8}|\+\d{6,15})$", error=N_("手机号不对，请核对（11 位数字）。")
)
PHOTO = fields.String(
    validate=validate.Regexp(r"^pho_[0-9a-z]{20}$", error=N_("照片编号不对，请重新选择照片。"))
)
TAGS = (
    N_("准时"),
    N_("修得好"),
    N_("态度好"),
    N_("打扫干净"),
    N_("来得慢"),
    N_("没修好"),
    N_("态度差"),
    N_("收拾不干净"),
)
REQUIRED: dict[str, Any] = {"required": N_("这一项要填。"), "null": N_("这一项要填。")}


class LocalMoment(fields.DateTime):
    """A form's `2026-11-20T14:00` is Shanghai time; with an offset it is what it says. UTC inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(moment, datetime):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=clock.SHANGHAI)
        return moment.astimezone(clock.UTC)


class _In(Schema):
    class Meta:
        unknown = EXCLUDE

    @pre_load
    def drop_empty(self, data: Any, **_: Any) -> Any:
        """An empty form field is an absent one."""
        return {key: value for key, value in dict(data).items() if value not in ("", None)}


class SubmitTicketIn(_In):
    """A report. Either `door_code`, or `room_id`, or `building_id` says where."""

    category = fields.String(required=True, error_messages=REQUIRED, validate=validate.Length(max=40))
    detail = fields.String(load_default="", validate=validate.Length(max=500, error=N_("最多 500 字。")))
    door_code = fields.String(load_default=None, validate=validate.Length(max=20))
    room_id = fields.Integer(load_default=None, strict=False)
    building_id = fields.Integer(load_default=None)
    place_note = fields.String(load_default="", validate=validate.Length(max=60, error=N_("最多 60 字。")))
    access = fields.String(load_default="present", validate=validate.OneOf(("anytime", "present", "escort")))
    visit_from = LocalMoment(load_default=None)
    visit_until = LocalMoment(load_default=None)
    phone = fields.String(load_default="", validate=PHONE)
    photos = fields.List(
        PHOTO, load_default=list, validate=validate.Length(max=6, error=N_("照片最多 6 张，请去掉几张。"))
    )


class SubmitForCallerIn(SubmitTicketIn):
    """A report taken down on the telephone."""

    caller_phone = fields.String(required=True, error_messages=REQUIRED, validate=PHONE)
    caller_name = fields.String(load_default="", validate=validate.Length(max=40))
    caller_number = fields.String(load_default="", validate=validate.Length(max=20))


class ActIn(_In):
    """Any action of the table. `version` is the one that was seen."""

    version = fields.Integer(load_default=None)
    note = fields.String(load_default="", validate=validate.Length(max=500, error=N_("最多 500 字。")))
    reason = fields.String(load_default="", validate=validate.Length(max=40))
    worker_id = fields.Integer(load_default=None)
    until = LocalMoment(load_default=None)
    door_code = fields.String(load_default=None, validate=validate.Length(max=20))
    photos = fields.List(PHOTO, load_default=list, validate=validate.Length(max=6))
    speed = fields.Integer(load_default=None, validate=validate.Range(1, 5))
    quality = fields.Integer(load_default=None, validate=validate.Range(1, 5))
    attitude = fields.Integer(load_default=None, validate=validate.Range(1, 5))
    tags = fields.List(fields.String(validate=validate.OneOf(TAGS)), load_default=list)


class _Out(Schema):
    """What goes out is a row or a dataclass, never a mapping."""

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return getattr(obj, attr, default)


class SubmittedOut(_Out):
    id = fields.String(attribute="public_id")
    number = fields.String()
    is_hazard = fields.Boolean()
    promised_at = fields.DateTime(attribute="resolve_due_at")


class TicketOut(_Out):
    """A ticket in a list."""

    id = fields.String(attribute="public_id")
    number = fields.String()
    version = fields.Integer()
    status = fields.String()
    priority = fields.String()
    is_hazard = fields.Boolean()
    place = fields.String(attribute="place_text")
    category = fields.String(attribute="category_name")
    detail = fields.String()
    due_at = fields.DateTime(attribute="next_due_at")
    created_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)
    cycle = fields.Integer()
    rating = fields.Integer(allow_none=True)


class LineOut(_Out):
    at = fields.DateTime()
    action = fields.String()
    done = fields.String()
    who = fields.String()
    reason = fields.String()
    note = fields.String()


class ActionOut(_Out):
    key = fields.String()
    name = fields.String()
    reason_kind = fields.String(allow_none=True)


class TicketViewOut(_Out):
    """A ticket in full."""

    ticket = fields.Nested(TicketOut)
    label = fields.String()
    worker = fields.String()
    worker_number = fields.String()
    team = fields.String()
    hold_reason = fields.String()
    actions = fields.List(fields.Nested(ActionOut))
    timeline = fields.List(fields.Nested(LineOut), attribute="lines")


class PageOut(_Out):
    data = fields.List(fields.Nested(TicketOut), attribute="items")
    next_cursor = fields.String(allow_none=True)


class CursorIn(_In):
    cursor = fields.String(load_default=None, validate=validate.Length(max=300))
    view = fields.String(load_default="open", validate=validate.Length(max=20))
