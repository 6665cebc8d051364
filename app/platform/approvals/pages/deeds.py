"""What one may do in a case, as both faces send it: the name of the deed, and a form."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from app.kit.errors import NotFound
from app.kit.http import caller
from app.platform.approvals import service
from app.platform.approvals.definition import FormField
from app.platform.approvals.errors import PersonUnknown, TaskDoneAlready
from app.platform.approvals.pages.showing import is_edited
from app.platform.approvals.queries.cases import CaseView
from app.platform.directory import queries as directory


def do(session: Session, view: CaseView, deed: str) -> None:
    """Raises NotFound for a deed that there is not, and what its use-case raises."""
    if deed not in DEEDS:
        raise NotFound()
    DEEDS[deed](session, view)


def _task(view: CaseView) -> int:
    if view.task is None or request.form.get("task", type=int) not in (None, view.task.seq):
        raise TaskDoneAlready()
    return view.task.id


def _comment() -> str:
    return request.form.get("comment", "")


def _approve(session: Session, view: CaseView) -> None:
    service.approve(session, by=caller(), task_id=_task(view), comment=_comment())


def _reject(session: Session, view: CaseView) -> None:
    service.reject(session, by=caller(), task_id=_task(view), comment=_comment())


def _return(session: Session, view: CaseView) -> None:
    to = request.form.get("to", "starter")
    service.return_case(session, by=caller(), task_id=_task(view), to=to, comment=_comment())


def _hand(use_case: Callable[..., None]) -> Callable[[Session, CaseView], None]:
    def deed(session: Session, view: CaseView) -> None:
        use_case(session, by=caller(), task_id=_task(view), to_id=_person(session), comment=_comment())

    return deed


def _add(session: Session, view: CaseView) -> None:
    place = request.form.get("place", "")
    people = [_person(session)]
    service.add_signers(
        session, by=caller(), task_id=_task(view), people=people, place=place, comment=_comment()
    )


def _person(session: Session) -> int:
    """Somebody named by his number, as staff know each other."""
    found = directory.find_person_by_number(session, request.form.get("number", "").strip())
    if found is None:
        raise PersonUnknown(details={"number": [PersonUnknown.msgid]})
    return found.id


def _take_back(session: Session, view: CaseView) -> None:
    if view.taken_back is None:
        raise TaskDoneAlready()
    service.take_back(session, by=caller(), task_id=view.taken_back.id)


def _revise(session: Session, view: CaseView) -> None:
    if view.task is None:
        raise TaskDoneAlready()
    form = dict(view.case.form)
    for field in view.definition.fields:
        if is_edited(field):
            form[field.name] = given(field, request.form)
    service.resubmit(session, by=caller(), task_id=view.task.id, form=form, comment=_comment())


def given(field: FormField, values: Mapping[str, str]) -> Any:
    """What was typed into a field, as its type; None for nothing. What is no number stays a text, and is refused."""
    text = values.get(f"field_{field.name}", "").strip()
    if field.type == "bool":
        return bool(text)
    if field.type in ("number", "integer") and text:
        try:
            return int(text) if field.type == "integer" else float(text)
        except ValueError:
            return text
    return text or None


def _terminate(session: Session, view: CaseView) -> None:
    service.terminate(session, by=caller(), case_id=view.case.id, reason=_comment())


def _jump(session: Session, view: CaseView) -> None:
    to = request.form.get("to", "")
    service.jump(session, by=caller(), case_id=view.case.id, to=to, reason=_comment())


def _assign(session: Session, view: CaseView) -> None:
    """Administrators: an open task into other hands, named by its number in the case."""
    seq = request.form.get("seq", type=int)
    task = next((one.task_id for one in view.waiting if one.seq == seq), None)
    if task is None:
        raise TaskDoneAlready()
    service.assign(session, by=caller(), task_id=task, to_id=_person(session))


def _copy(session: Session, view: CaseView) -> None:
    service.copy_to(session, by=caller(), case_id=view.case.id, people=[_person(session)])


def _urge(session: Session, view: CaseView) -> None:
    service.urge(session, by=caller(), case_id=view.case.id)


def _write(session: Session, view: CaseView) -> None:
    service.comment(
        session,
        by=caller(),
        case_id=view.case.id,
        text=_comment(),
        photos=request.form.getlist("photos"),
        attachments=request.form.getlist("files"),
    )


DEEDS: dict[str, Callable[[Session, CaseView], None]] = {
    "approve": _approve,
    "reject": _reject,
    "return": _return,
    "transfer": _hand(service.transfer),
    "delegate": _hand(service.delegate),
    "add": _add,
    "claim": lambda session, view: service.claim(session, by=caller(), task_id=_task(view)),
    "unclaim": lambda session, view: service.unclaim(session, by=caller(), task_id=_task(view)),
    "take_back": _take_back,
    "revise": _revise,
    "urge": _urge,
    "comment": _write,
    "copy": _copy,
    "terminate": _terminate,
    "jump": _jump,
    "assign": _assign,
}
