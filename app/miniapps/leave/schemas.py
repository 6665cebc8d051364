"""What comes in from leave's forms."""

from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from app.kit import clock
from app.kit.i18n import N_
from app.kit.paging import LARGEST
from app.miniapps.leave.models import CampaignKind, CountMode, DayCount, LeaveKind, StayReason, Whereto

KIND = N_("请选择请假类型。")
TIME = N_("请选择日期和时间。")
DAY = N_("请选择日期。")
DAYS = N_("天数在 0 到 400 之间，可以有半天，如 0.5。")
HOURS = N_("请填整数小时。")
PARENTS = N_("请选择怎么告诉家长，什么时候告诉。")
REASON = N_("请写明原因，2 到 500 字。")


class LocalTime(fields.Field[datetime]):
    """What `datetime-local` sends: a time on Shanghai's clock, as UTC."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **_kwargs: Any) -> datetime:
        try:
            found = datetime.fromisoformat(str(value)[:16])
        except ValueError:
            raise ValidationError(TIME) from None
        return found.replace(tzinfo=clock.SHANGHAI).astimezone(clock.UTC)


class _Form(Schema):
    """Of a form: what is empty was not given; unknown fields are the page's own."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def without_empty(self, data: Any, **_kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value not in ("", None)}


class AskIn(_Form):
    kind = fields.Enum(
        LeaveKind,
        by_value=True,
        required=True,
        error_messages={"required": N_("请选择请假类型。"), "unknown": N_("请选择请假类型。")},
    )
    starts_at = LocalTime(required=True, error_messages={"required": TIME})
    ends_at = LocalTime(required=True, error_messages={"required": TIME})
    reason = fields.String(
        required=True, validate=validate.Length(2, 500, error=REASON), error_messages={"required": REASON}
    )
    destination = fields.String(
        load_default="", validate=validate.Length(max=100, error=N_("去向最多 100 字。"))
    )
    misses_class = fields.Boolean(load_default=False)
    leaves_campus = fields.Boolean(load_default=False)
    leaves_dorm = fields.Boolean(load_default=False)
    is_emergency = fields.Boolean(load_default=False)
    has_consent = fields.Boolean(load_default=False)
    evidence = fields.List(
        fields.String(validate=validate.Length(max=40)), load_default=list, validate=validate.Length(max=6)
    )


class PeekIn(_Form):
    """The form while it is filled in: what is there so far."""

    kind = fields.Enum(LeaveKind, by_value=True, required=True)
    starts_at = LocalTime(required=True)
    ends_at = LocalTime(required=True)
    misses_class = fields.Boolean(load_default=False)
    leaves_campus = fields.Boolean(load_default=False)
    leaves_dorm = fields.Boolean(load_default=False)


class ExtendIn(_Form):
    until = LocalTime(required=True, error_messages={"required": TIME})
    reason = fields.String(
        required=True, validate=validate.Length(2, 500, error=REASON), error_messages={"required": REASON}
    )


class AnswerIn(_Form):
    """A student's answer to a campaign."""

    whereto = fields.Enum(
        Whereto,
        by_value=True,
        required=True,
        error_messages={"required": N_("请选择去向。"), "unknown": N_("请选择去向。")},
    )
    city = fields.String(load_default="", validate=validate.Length(max=30, error=N_("城市最多 30 字。")))
    leaves_at = LocalTime(load_default=None)
    returns_at = LocalTime(load_default=None)
    stay_reason = fields.Enum(
        StayReason, by_value=True, load_default=None, error_messages={"unknown": N_("请选择留校的原因。")}
    )
    stay_from = fields.Date(load_default=None, error_messages={"invalid": DAY})
    stay_until = fields.Date(load_default=None, error_messages={"invalid": DAY})
    stay_note = fields.String(
        load_default="", validate=validate.Length(max=200, error=N_("说明最多 200 字。"))
    )


class PlanIn(_Form):
    """A new campaign."""

    kind = fields.Enum(
        CampaignKind,
        by_value=True,
        required=True,
        error_messages={"required": N_("请选择登记的类型。"), "unknown": N_("请选择登记的类型。")},
    )
    title = fields.String(load_default="")
    note = fields.String(load_default="")
    starts_on = fields.Date(required=True, error_messages={"required": DAY, "invalid": DAY})
    ends_on = fields.Date(required=True, error_messages={"required": DAY, "invalid": DAY})
    deadline = LocalTime(required=True, error_messages={"required": TIME})
    is_for_all = fields.Boolean(load_default=False)
    unit_ids = fields.List(
        fields.Integer(strict=False, validate=validate.Range(1, LARGEST)),
        load_default=list,
        validate=validate.Length(max=500),
    )


class WantedIn(_Form):
    """Public leave for a list; the numbers come beside it."""

    title = fields.String(load_default="")
    starts_at = LocalTime(required=True, error_messages={"required": TIME})
    ends_at = LocalTime(required=True, error_messages={"required": TIME})
    destination = fields.String(load_default="")
    misses_class = fields.Boolean(load_default=False)
    leaves_campus = fields.Boolean(load_default=False)
    leaves_dorm = fields.Boolean(load_default=False)


def _days(**more: Any) -> fields.Decimal:
    return fields.Decimal(
        places=1,
        allow_nan=False,
        validate=validate.Range(0, 400, error=DAYS),
        error_messages={"required": DAYS, "invalid": DAYS, "special": DAYS, "null": DAYS},
        **more,
    )


def _hours(**more: Any) -> fields.Integer:
    return fields.Integer(
        validate=validate.Range(0, 10_000, error=HOURS), error_messages={"invalid": HOURS}, **more
    )


class RulesIn(_Form):
    """A policy, and from when it holds."""

    title = fields.String(load_default="")
    kind = fields.Enum(LeaveKind, by_value=True, load_default=None, error_messages={"unknown": KIND})
    unit_id = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST))
    over_days = _days(required=True)
    up_to_days = _days(required=True)
    count_mode = fields.Enum(CountMode, by_value=True, load_default=CountMode.SINGLE)
    day_count = fields.Enum(DayCount, by_value=True, load_default=DayCount.NATURAL)
    definition = fields.String(required=True, validate=validate.Length(1, 60))
    lead_hours = _hours(load_default=0)
    evidence = fields.String(load_default="none", validate=validate.OneOf(("none", "later", "now")))
    parental_over_days = _days(load_default=None)
    parents_told = fields.String(
        load_default="link", validate=validate.OneOf(("none", "link", "sms"), error=PARENTS)
    )
    parents_when = fields.String(
        load_default="both", validate=validate.OneOf(("approved", "overdue", "both"), error=PARENTS)
    )
    blackout = fields.String(load_default="", validate=validate.Length(max=2000))
    exams = fields.String(load_default="warn", validate=validate.OneOf(("warn", "block")))
    grace_hours = _hours(load_default=2)
    out_by = fields.String(load_default="clock", validate=validate.OneOf(("clock", "evidence")))
    may_return_self = fields.Boolean(load_default=False)
    most_extensions = fields.Integer(
        load_default=1,
        validate=validate.Range(0, 20, error=N_("续假次数在 0 到 20 之间。")),
        error_messages={"invalid": N_("续假次数在 0 到 20 之间。")},
    )
    starts_on = fields.Date(required=True, error_messages={"required": DAY, "invalid": DAY})


class TryIn(_Form):
    """A student, a kind and a span to try the policies with."""

    number = fields.String(required=True, validate=validate.Length(max=40))
    kind = fields.Enum(
        LeaveKind, by_value=True, required=True, error_messages={"required": KIND, "unknown": KIND}
    )
    starts_at = LocalTime(required=True, error_messages={"required": TIME})
    ends_at = LocalTime(required=True, error_messages={"required": TIME})
