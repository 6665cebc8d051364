"""Phone: what waits for me, what I did, what I started, what was copied to me; and one case."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kit import clock, http
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, NotFound
from app.kit.forms import told
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.i18n import N_
from app.kit.idempotency import Answer
from app.platform.approvals import service
from app.platform.approvals.definition import FormField
from app.platform.approvals.errors import PersonUnknown, TaskDoneAlready
from app.platform.approvals.queries import todo
from app.platform.approvals.queries.cases import CaseView, Told, case_for, return_choices
from app.platform.directory import queries as directory
from app.platform.files import queries as files

phone = Blueprint("approvals", __name__, url_prefix="/m/approvals")

LISTS: dict[str, Callable[..., Any]] = {
    "todo": todo.todo,
    "done": todo.done,
    "started": todo.started,
    "copied": todo.copied,
}
STATES = {
    "running": (N_("审批中"), "wait"),
    "approved": (N_("已批准"), "done"),
    "rejected": (N_("未批准"), "bad"),
    "withdrawn": (N_("已撤回"), "off"),
    "terminated": (N_("已终止"), "off"),
}


WORDS = {
    "started": N_("发起"),
    "decided:approved": N_("同意"),
    "decided:rejected": N_("不同意"),
    "decided:returned": N_("退回"),
    "decided:revised": N_("修改后再提交"),
    "handed": N_("换了办理人"),
    "claimed": N_("认领"),
    "unclaimed": N_("放弃认领"),
    "jumped": N_("跳转"),
    "urged": N_("催办"),
    "commented": N_("意见"),
    "copied": N_("抄送"),
    "overdue": N_("超时"),
    "signer_removed": N_("减签"),
    "reopened": N_("拿回"),
    "ended:approved": N_("审批通过"),
    "ended:rejected": N_("审批未通过"),
    "ended:withdrawn": N_("撤回"),
    "ended:terminated": N_("终止"),
}


@phone.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    tab = request.args.get("tab", "todo")
    tab = tab if tab in LISTS else "todo"
    me, search = caller().person_id, request.args.get("q", "")
    with unit_of_work() as session:
        page = LISTS[tab](session, me, cursor=request.args.get("cursor"), search=search)
        return render_template(
            "approvals/phone/index.html",
            chosen=tab,
            page=page,
            search=search,
            names=directory.people(session, {row.starter_id for row in page.items}),
            counts={"todo": todo.todo_count(session, me), "copied": todo.unread(session, me)},
            states=STATES,
            me=me,
        )


@phone.get("/<case_id>")
@permit(SIGNED_IN)
def case(case_id: str) -> Any:
    with unit_of_work() as session:
        return _case(session, case_id, None)


def _case(session: Session, case_id: str, problem: DomainError | None) -> str:
    view = case_for(session, caller(), case_id)
    service.mark_read(session, by=caller(), case_id=view.case.id)
    return render_template(
        "approvals/phone/case.html",
        view=view,
        c=view.case,
        states=STATES,
        history=[(line, _said(line)) for line in view.history],
        shown=[(one.title, _shown(session, one, value)) for one, value in view.fields if one.type != "files"],
        photos=[
            (one.title, _photos(session, view, value)) for one, value in view.fields if one.type == "files"
        ],
        own=view.task if view.task and view.task.kind == "approve" else None,
        revise=view.task if view.task and view.task.kind == "revise" else None,
        stands_in=view.task is not None and view.task.person_id != caller().person_id,
        returns=return_choices(view),
        edited=[(one, view.case.form.get(one.name)) for one in view.definition.fields if _is_edited(one)],
        link=view.definition.link % {"business_id": view.case.business_id} if view.definition.link else "",
        problem=problem,
        told=sentence(problem) if problem else "",
        errors=told(problem),
        typed=request.form,
        did=request.args.get("did", ""),
        key=secrets.token_urlsafe(16),
    )


def _said(line: Told) -> str:
    """Who did what, in words; a deputy with the name of whom he stood in for."""
    word = WORDS.get(f"{line.kind}:{line.outcome}") or WORDS.get(line.kind)
    who = gettext("%(who)s 代 %(behalf)s", who=line.actor, behalf=line.behalf) if line.behalf else line.actor
    return " · ".join(part for part in (who, gettext(word) if word else "", line.title) if part)


def _shown(session: Session, field: FormField, value: Any) -> str:
    """A value in words."""
    if field.type == "bool":
        return gettext("是") if value else gettext("否")
    if field.type == "datetime":
        return f"{clock.local(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    if field.type in ("person", "people"):
        found = directory.people(session, value if isinstance(value, list) else [value])
        return "、".join(person.name for person in found.values())
    if field.type == "number":
        return f"{value:g}"
    return str(value)


def _photos(session: Session, view: CaseView, public_ids: list[str]) -> list[files.PhotoUrls]:
    """Photos in a field, which the business claimed for its own thing: `<module>.request`."""
    case = view.case
    return files.photos_of(
        session, object_type=f"{case.module}.request", object_id=case.business_id, public_ids=public_ids
    )


def _is_edited(field: FormField) -> bool:
    """What a starter may change on a phone after a return."""
    return not field.is_fixed and field.type in ("text", "number", "integer", "bool", "date", "choice")


@phone.post("/<case_id>/<deed>")
@permit(SIGNED_IN)
def act(case_id: str, deed: str) -> Any:
    """One act; pressed twice it is one. A refusal shows the case as it is now, with what was typed."""
    try:

        def work() -> Answer:
            view = case_for(session, caller(), case_id)
            if deed not in DEEDS:
                raise NotFound()
            DEEDS[deed](session, view)
            return Answer(303, "", {"Location": url_for("approvals.case", case_id=case_id, did=deed)})

        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        with unit_of_work() as session:
            return _case(session, case_id, error), error.status


@phone.get("/<case_id>/<deed>")
@permit(SIGNED_IN)
def acted(case_id: str, deed: str) -> Any:
    """A page that answered a form, loaded again."""
    del deed
    return redirect(url_for("approvals.case", case_id=case_id))


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
        if _is_edited(field):
            form[field.name] = _given(field)
    service.resubmit(session, by=caller(), task_id=view.task.id, form=form, comment=_comment())


def _given(field: FormField) -> Any:
    text = request.form.get(f"field_{field.name}", "").strip()
    if field.type == "bool":
        return bool(text)
    if field.type in ("number", "integer") and text:
        try:
            return int(text) if field.type == "integer" else float(text)
        except ValueError:
            return text  # the check of the form says what is wrong with it
    return text or None


def _urge(session: Session, view: CaseView) -> None:
    service.urge(session, by=caller(), case_id=view.case.id)


def _write(session: Session, view: CaseView) -> None:
    service.comment(session, by=caller(), case_id=view.case.id, text=_comment())


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
}
