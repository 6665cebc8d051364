"""A person's data in approvals: giving out, erasing, moving. The log has ids only and stays."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.platform.approvals.engine.state import RUNNING
from app.platform.approvals.models import Case, Comment, Deputy, Task
from app.platform.approvals.service.overseeing import terminate

ERASED = "（已删除）"


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What he asked for, and what he wrote."""
    cases = session.scalars(select(Case).where(Case.starter_id == person_id).order_by(Case.id))
    comments = session.scalars(select(Comment).where(Comment.person_id == person_id).order_by(Comment.id))
    return {
        "cases": [
            {
                "title": case.title,
                "status": case.status,
                "started_at": case.started_at.isoformat(),
                "form": case.form,
            }
            for case in cases
        ],
        "comments": [{"at": one.created_at.isoformat(), "text": one.text} for one in comments],
    }


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """His running cases end; titles, forms and what he wrote go. May be run again."""
    del by
    running = select(Case.id).where(Case.starter_id == person_id, Case.status == RUNNING)
    for case_id in session.scalars(running).all():
        terminate(session, by=None, case_id=case_id, reason=ERASED)
    session.execute(
        update(Case)
        .where(Case.starter_id == person_id)
        .values(title=ERASED, title_en=None, form={}, picks={})
    )
    session.execute(update(Comment).where(Comment.person_id == person_id).values(text=ERASED))


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """A visitor turned out to be somebody: what was his follows. Safe to repeat."""
    for column in (Case.starter_id, Task.person_id, Task.done_by_id, Comment.person_id):
        session.execute(update(column.class_).where(column == from_id).values({column.key: into_id}))
    session.execute(update(Deputy).where(Deputy.person_id == from_id).values(person_id=into_id))
