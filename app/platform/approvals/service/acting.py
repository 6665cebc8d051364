"""Who may act on a task, and the frame of every act on one: lock, check, move, save."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.platform.approvals.definition import Approve
from app.platform.approvals.engine.state import APPROVE, LIVE, Task, Visit
from app.platform.approvals.errors import (
    CommentTooLong,
    NotYourTask,
    OwnCase,
    ReasonMissing,
    TaskDoneAlready,
)
from app.platform.approvals.models import Comment
from app.platform.approvals.queries.deputies import stands_in_for
from app.platform.approvals.queries.people import ADMINISTER
from app.platform.approvals.service.running import Running, lock_task
from app.platform.approvals.service.saving import save

MOST_CHARACTERS = 500


@contextmanager
def acting(
    session: Session, *, by: Caller, task_id: int, action: str, comment: str = ""
) -> Iterator[tuple[Running, Task, Visit]]:
    """Act on a task of one's own, or as its owner's deputy. What was done in the body is saved with the comment.

    Raises CaseMissing, NotYourTask, OwnCase, CaseEndedAlready, TaskDoneAlready, CommentTooLong.
    """
    text = clean(comment)
    running, task = lock_task(session, by, task_id, check=actor_check(session, by))
    if task.status != LIVE or task.kind != APPROVE:
        raise TaskDoneAlready()
    yield running, task, running.state.visits[task.node, task.round]
    first = save(session, running, by=by, action=action)
    if text:
        write_comment(session, running, by.person_id, first, text)


def actor_check(session: Session, by: Caller) -> Callable[[Running, Task], None]:
    """Whether the caller may act on a task at all, asked before he is told where the case stands."""
    return lambda running, task: check_actor(session, running, task, by)


def check_actor(session: Session, running: Running, task: Task, by: Caller) -> None:
    """The owner, a deputy of the owner, or an administrator for a task that nobody holds."""
    if task.person_id == by.person_id:
        _check_own(running, task, by)
        return
    if task.person_id is None:
        if not by.may(ADMINISTER):
            raise NotYourTask()
        _check_own(running, task, by)
        return
    if not stands_in_for(session, deputy_id=by.person_id, person_id=task.person_id, code=running.row.code):
        raise NotYourTask()
    if running.row.starter_id in (by.person_id, task.person_id):
        raise OwnCase()
    running.machine.behalf_id = task.person_id


def _check_own(running: Running, task: Task, by: Caller) -> None:
    """One's own case: only where the node says that its starter is asked like anybody."""
    node = running.definition.by_key.get(task.node)
    if by.person_id == running.row.starter_id and isinstance(node, Approve) and node.when_self != "ask":
        raise OwnCase()


def clean(comment: str, *, is_needed: bool = False) -> str:
    """Raises CommentTooLong, ReasonMissing."""
    text = comment.strip()
    if len(text) > MOST_CHARACTERS:
        raise CommentTooLong()
    if is_needed and not text:
        raise ReasonMissing()
    return text


def write_comment(session: Session, running: Running, person_id: int, line: int, text: str) -> str:
    """The words that go with a line of the log; their public id."""
    comment = Comment(
        public_id=ids.public_id("cmt"),
        case_id=running.row.id,
        line=line,
        person_id=person_id,
        text=text,
        created_at=clock.now(),
    )
    session.add(comment)
    return comment.public_id
