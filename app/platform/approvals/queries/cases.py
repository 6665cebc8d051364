"""One case as somebody may see it: form, history, and what he may do now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.platform.approvals.definition import STARTER, Approve, Definition, FormField, parse
from app.platform.approvals.engine.state import APPROVE, LIVE, REVISE, RUNNING, YES
from app.platform.approvals.errors import CaseMissing
from app.platform.approvals.models import Case, Comment, LogLine, Task, Visit
from app.platform.approvals.models import Definition as Version
from app.platform.approvals.queries.access import may_see, nodes_seen_by, visible_form
from app.platform.approvals.queries.deputies import stands_in_for
from app.platform.directory import queries as directory
from app.platform.directory.queries import PersonBrief
from app.platform.files import queries as files
from app.platform.files.queries import AttachmentLink, PhotoUrls

COMMENT = "approvals.comment"  # what the photos and attachments of a comment belong to
TOLD = {
    "started",
    "decided",
    "handed",
    "claimed",
    "unclaimed",
    "jumped",
    "urged",
    "commented",
    "copied",
    "overdue",
    "signer_removed",
    "ended",
    "reopened",
}


@dataclass(frozen=True)
class Told:
    """A line of the history, with what was written with it."""

    at: datetime
    kind: str
    title: str
    actor: str
    behalf: str
    outcome: str
    text: str
    photos: tuple[PhotoUrls, ...] = ()
    files: tuple[AttachmentLink, ...] = ()


@dataclass(frozen=True)
class Words:
    """What was written, and the photos and files with it, by line of the log."""

    texts: dict[int, list[str]] = field(default_factory=dict)
    photos: dict[int, list[PhotoUrls]] = field(default_factory=dict)
    files: dict[int, list[AttachmentLink]] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """Somebody whose turn it is, since when, and until when he has."""

    title: str
    who: str
    since: datetime | None
    due_at: datetime | None
    task_id: int
    seq: int

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and self.due_at < clock.now()


@dataclass(frozen=True)
class CaseView:
    """`task` is the caller's own to do, or that of somebody he stands in for."""

    case: Case
    definition: Definition
    starter: PersonBrief
    fields: list[tuple[FormField, Any]]
    history: list[Told]
    waiting: list[Waiting]
    task: Task | None
    taken_back: Task | None
    is_starter: bool
    may_urge: bool
    may_claim: bool
    may_unclaim: bool

    @property
    def is_running(self) -> bool:
        return self.case.status == RUNNING


def case_for(session: Session, caller: Caller, public_id: str) -> CaseView:
    """Raises CaseMissing for who has nothing to do with it."""
    case = session.scalars(select(Case).where(Case.public_id == public_id)).one_or_none()
    if case is None or not may_see(session, caller, case.id):
        raise CaseMissing()
    definition = parse(session.get_one(Version, case.definition_id).body)
    is_starter = case.starter_id == caller.person_id
    nodes = nodes_seen_by(session, caller, case.id, case.code)
    form = visible_form(definition, case.form, is_starter=is_starter, nodes=nodes)
    tasks = list(session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.seq)))
    lines = list(session.scalars(select(LogLine).where(LogLine.case_id == case.id).order_by(LogLine.seq)))
    names = _names(session, case, tasks, lines)
    own = _own_task(session, caller, case, tasks)
    claimed = _claimed_at(session, own)
    return CaseView(
        case=case,
        definition=definition,
        starter=names[case.starter_id],
        fields=[
            (one, form[one.name]) for one in definition.fields if form.get(one.name) not in (None, "", [])
        ],
        history=_history(session, case, definition, lines, names, has_words=is_starter or _was_asked(nodes)),
        waiting=_waiting(session, case, definition, tasks, names),
        task=own,
        taken_back=_takeable(caller, case, tasks),
        is_starter=is_starter,
        may_urge=is_starter and case.status == RUNNING,
        may_claim=_may_claim(definition, tasks, own, claimed),
        may_unclaim=own is not None and claimed == own.seq,
    )


def form_of(session: Session, case_id: int) -> dict[str, Any]:
    """The form as it is now, for the package whose case it is."""
    return dict(session.scalars(select(Case.form).where(Case.id == case_id)).one())


def _names(
    session: Session, case: Case, tasks: list[Task], lines: list[LogLine]
) -> Mapping[int, PersonBrief]:
    ids = {case.starter_id} | {task.person_id for task in tasks}
    ids |= {one for line in lines for one in (line.person_id, line.actor_id, line.behalf_id)}
    return directory.people(session, {one for one in ids if one is not None})


def _history(
    session: Session,
    case: Case,
    definition: Definition,
    lines: list[LogLine],
    names: Mapping[int, PersonBrief],
    *,
    has_words: bool,
) -> list[Told]:
    """The latest first. What was written is for the starter and those who were asked, not for holders of a copy."""
    words = _words(session, case.id) if has_words else Words()
    told = [
        Told(
            line.at,
            line.kind,
            title_of(definition, line.node),
            _name(names, line.actor_id),
            _name(names, line.behalf_id),
            line.data.get("outcome") or line.data.get("status") or "",
            "\n".join(words.texts.get(line.seq, [])),
            tuple(words.photos.get(line.seq, [])),
            tuple(words.files.get(line.seq, [])),
        )
        for line in lines
        if line.kind in TOLD or line.seq in words.texts
    ]
    return told[::-1]


def _was_asked(nodes: Mapping[str, str]) -> bool:
    return APPROVE in nodes.values()


def _words(session: Session, case_id: int) -> Words:
    rows = session.execute(
        select(Comment.line, Comment.text, Comment.public_id)
        .where(Comment.case_id == case_id)
        .order_by(Comment.id)
    ).all()
    of: dict[str, Any] = {"object_type": COMMENT, "object_ids": [row.public_id for row in rows]}
    photos, attached = files.photos_by_object(session, **of), files.attachments_by_object(session, **of)
    words = Words()
    for row in rows:
        words.texts.setdefault(row.line, []).append(row.text)
        words.photos.setdefault(row.line, []).extend(photos.get(row.public_id, []))
        words.files.setdefault(row.line, []).extend(attached.get(row.public_id, []))
    return words


def title_of(definition: Definition, node: str | None) -> str:
    found = definition.by_key.get(node or "")
    return found.title if found is not None else ""


def _waiting(
    session: Session,
    case: Case,
    definition: Definition,
    tasks: list[Task],
    names: Mapping[int, PersonBrief],
) -> list[Waiting]:
    due = {
        (visit.node, visit.round): visit.due_at
        for visit in session.scalars(select(Visit).where(Visit.case_id == case.id, Visit.status == LIVE))
    }
    return [
        Waiting(
            title_of(definition, task.node),
            _name(names, task.person_id),
            task.opened_at,
            due.get((task.node, task.round)),
            task.id,
            task.seq,
        )
        for task in tasks
        if task.status == LIVE
    ]


def _own_task(session: Session, caller: Caller, case: Case, tasks: list[Task]) -> Task | None:
    live = [task for task in tasks if task.status == LIVE and task.kind in (APPROVE, REVISE)]
    mine = next((task for task in live if task.person_id == caller.person_id), None)
    if mine is not None or case.starter_id == caller.person_id:
        return mine
    for task in live:
        if (
            task.person_id is not None
            and task.person_id != case.starter_id
            and stands_in_for(session, deputy_id=caller.person_id, person_id=task.person_id, code=case.code)
        ):
            return task
    return None


def _claimed_at(session: Session, task: Task | None) -> int | None:
    """Which task of the same visit somebody took upon himself."""
    if task is None:
        return None
    key = (Visit.case_id == task.case_id, Visit.node == task.node, Visit.round == task.round)
    return session.scalars(select(Visit.claimed_task).where(*key)).one()


def _may_claim(definition: Definition, tasks: list[Task], own: Task | None, claimed: int | None) -> bool:
    """Where any one may decide and others are asked, too."""
    node = definition.by_key.get(own.node) if own is not None else None
    if own is None or claimed is not None or not isinstance(node, Approve) or node.method != "any":
        return False
    mates = [one for one in tasks if (one.node, one.round, one.status) == (own.node, own.round, LIVE)]
    return len(mates) > 1 and own.parent is None


def _takeable(caller: Caller, case: Case, tasks: list[Task]) -> Task | None:
    """The caller's last yes, if he may still take it back; whether he may, the use-case says for sure."""
    if case.status != RUNNING:
        return None
    said = [task for task in tasks if task.done_by_id == caller.person_id and task.outcome == YES]
    return max(said, key=lambda task: (task.ended_at or case.started_at, task.seq), default=None)


def return_choices(view: CaseView) -> list[tuple[str, str]]:
    """(key, title) of places that the caller's node may return to; the use-case checks them again."""
    node = view.definition.by_key.get(view.task.node) if view.task else None
    if not isinstance(node, Approve):
        return []
    choices = []
    for target in node.return_to:
        if target in (STARTER, "previous", "any"):
            choices.append((STARTER if target == "any" else target, ""))
        else:
            choices.append((target, title_of(view.definition, target)))
    return choices


def _name(names: Mapping[int, PersonBrief], person_id: int | None) -> str:
    found = names.get(person_id or 0)
    return found.name if found else ""
