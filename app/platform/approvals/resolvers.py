"""Whom approvals itself can name: people of the definition, of the form, or whom the starter picked."""

from typing import Any

from sqlalchemy.orm import Session

from app.kit.module import ApproverResolver, Asking
from app.platform.directory import queries as directory


def named(session: Session, asking: Asking) -> list[int]:
    """People by their numbers: `numbers`."""
    numbers = asking.args.get("numbers", [])
    found = [directory.find_person_by_number(session, str(one)) for one in _list(numbers)]
    return [person.id for person in found if person is not None]


def picked(_session: Session, asking: Asking) -> list[int]:
    """Whom the starter chose for the node `of`."""
    return _ids(asking.picks.get(str(asking.args.get("of", "")), []))


def from_field(_session: Session, asking: Asking) -> list[int]:
    """The person or people in the field `field` of the form."""
    value = asking.form.get(str(asking.args.get("field", "")))
    return _ids(value if isinstance(value, list) else [value])


def starter(_session: Session, asking: Asking) -> list[int]:
    return [asking.starter_id]


def _list(value: Any) -> list[Any]:
    return value[:50] if isinstance(value, list) else []


def _ids(values: Any) -> list[int]:
    return [one for one in _list(values) if isinstance(one, int) and not isinstance(one, bool)]


RESOLVERS = {
    "approvals.person": ApproverResolver("指定的人（numbers：工号）", named),
    "approvals.picked": ApproverResolver("申请人自选（of：环节）", picked),
    "approvals.field": ApproverResolver("表单里填的人（field）", from_field),
    "approvals.starter": ApproverResolver("申请人自己", starter),
}
