"""A case in words: what both faces show of it."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import request
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.errors import DomainError
from app.kit.forms import told
from app.kit.http import caller, sentence
from app.kit.i18n import N_
from app.platform.approvals import service
from app.platform.approvals.definition import FormField
from app.platform.approvals.labels import STATUS_LABELS
from app.platform.approvals.queries.cases import CaseView, Told, return_choices
from app.platform.directory import queries as directory
from app.platform.files import queries as files

TONES = {"running": "wait", "approved": "done", "rejected": "bad", "withdrawn": "off", "terminated": "off"}
STATES = {status: (words, TONES[status]) for status, words in STATUS_LABELS.items()}

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


def shown_case(session: Session, view: CaseView, problem: DomainError | None) -> dict[str, Any]:
    """What a template needs of a case. Whoever looks at his copy has read it."""
    service.mark_read(session, by=caller(), case_id=view.case.id)
    fields = [(one, value) for one, value in view.fields if one.type != "files"]
    photos = [(one, value) for one, value in view.fields if one.type == "files"]
    return {
        "view": view,
        "c": view.case,
        "states": STATES,
        "history": [(line, said(line)) for line in view.history],
        "shown": [(one.title, _shown(session, one, value)) for one, value in fields],
        "photos": [(one.title, _photos(session, view, value)) for one, value in photos],
        "own": view.task if view.task and view.task.kind == "approve" else None,
        "revise": view.task if view.task and view.task.kind == "revise" else None,
        "stands_in": view.task is not None and view.task.person_id != caller().person_id,
        "returns": return_choices(view),
        "edited": [(one, view.case.form.get(one.name)) for one in view.definition.fields if is_edited(one)],
        "link": view.definition.link % {"business_id": view.case.business_id} if view.definition.link else "",
        "problem": problem,
        "told": sentence(problem) if problem else "",
        "errors": told(problem),
        "typed": request.form,
        "did": request.args.get("did", ""),
        "sent_files": files.own_attachments(
            session, person_id=caller().person_id, public_ids=request.form.getlist("files")
        ),
        "key": secrets.token_urlsafe(16),
    }


def said(line: Told) -> str:
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
        return format(Decimal(str(value)).normalize(), "f")
    return str(value)


def _photos(session: Session, view: CaseView, public_ids: list[str]) -> list[files.PhotoUrls]:
    """Photos in a field, which the business claimed for its own thing: `<module>.request`."""
    case = view.case
    return files.photos_of(
        session, object_type=f"{case.module}.request", object_id=case.business_id, public_ids=public_ids
    )


def is_edited(field: FormField) -> bool:
    """What a starter may change on a phone after a return."""
    return not field.is_fixed and field.type in ("text", "number", "integer", "bool", "date", "choice")
