"""What a form of repairs holds, as the rules read it."""

from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app.kit.errors import Invalid
from app.kit.forms import checked
from app.repairs.schemas import SubmitTicketIn

LISTS = ("photos", "tags")
PLACE = ("door_code", "room_id", "building_id")


def form_values(form: MultiDict[str, str]) -> dict[str, Any]:
    """A form as the schemas read it: lists stay lists, of `until` the first that was given."""
    values: dict[str, Any] = dict(form.items())
    for name in LISTS:
        if name in form:
            values[name] = [value for value in form.getlist(name) if value]
    if "until" in form:
        values["until"] = next((value for value in form.getlist("until") if value), "")
    return values


def loaded(schema: Any, form: MultiDict[str, str]) -> dict[str, Any]:
    """The checked form. Raises Invalid with a sentence for each field."""
    return checked(schema, form_values(form))


def report_of(values: dict[str, Any]) -> dict[str, Any]:
    """The checked report form. Everything that is missing is told at once, the place too."""
    has_place = values.get("where") == "home" or any(values.get(name) for name in PLACE)
    missing = {} if has_place else {"building_id": [gettext("请选择是哪一栋楼。")]}
    if not values.get("category"):
        missing["category"] = [gettext("请点一个图标，再点坏了什么。")]
    try:
        data = checked(SubmitTicketIn(), timed(values))
    except Invalid as error:
        raise Invalid(details=(error.details or {}) | missing) from None
    if missing:
        raise Invalid(details=missing)
    return data


def timed(values: dict[str, Any]) -> dict[str, Any]:
    """With the visit's window out of its preset; without one where it does not matter."""
    visit = values.get("visit", "")
    if values.get("access", "present") != "present" or not visit:
        return values | {"visit_from": "", "visit_until": ""}
    if visit == "other":
        return values
    begins, _, ends = visit.partition("/")
    return values | {"visit_from": begins, "visit_until": ends}
