"""The form of a case against the fields of its definition."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.kit.i18n import N_
from app.platform.approvals.definition import Definition, FormField
from app.platform.approvals.errors import FormIncomplete
from app.platform.approvals.models import Case

LONGEST = 2000
MOST_ITEMS = 500
MISSING = N_("这一项要填。")
UNFIT = N_("填的内容不对，请重新填写。")


def check_form(definition: Definition, form: Mapping[str, Any]) -> None:
    """Raises FormIncomplete with a sentence for each field. Fields that aren't declared are refused."""
    wrong = {name: [UNFIT] for name in set(form) - definition.names}
    for one in definition.fields:
        value = form.get(one.name)
        if value is None or value == "" or value == []:
            if one.is_required:
                wrong[one.name] = [MISSING]
        elif not _fits(one, value):
            wrong[one.name] = [UNFIT]
    if wrong:
        raise FormIncomplete(details=wrong)


def store_form(session: Session, case_id: int, form: Mapping[str, Any]) -> None:
    session.execute(update(Case).where(Case.id == case_id).values(form=dict(form)))


def _fits(field: FormField, value: Any) -> bool:
    match field.type:
        case "text":
            return isinstance(value, str) and len(value) <= LONGEST
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**12
        case "integer" | "person" | "unit":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        case "bool":
            return isinstance(value, bool)
        case "choice":
            return value in field.choices
        case "date":
            return _reads(date, value)
        case "datetime":
            return _reads(datetime, value)
        case "people":
            return _all(value, int)
        case "files":
            return _all(value, str)
    return False


def _reads(kind: type[date], value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(kind.fromisoformat(value))
    except ValueError:
        return False


def _all(value: Any, kind: type) -> bool:
    return (
        isinstance(value, list) and len(value) <= MOST_ITEMS and all(isinstance(one, kind) for one in value)
    )
