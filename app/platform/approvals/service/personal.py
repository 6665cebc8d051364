"""A person's data in approvals: keeping, giving out, erasing, moving. The log has ids only and stays."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import rows_changed
from app.platform.approvals.engine.state import RUNNING
from app.platform.approvals.models import Case, Comment, Deputy, Task
from app.platform.approvals.queries.cases import COMMENT
from app.platform.approvals.service.overseeing import terminate
from app.platform.files import service as files
from app.platform.files.queries import objects_with_attachments, objects_with_photos

ERASED = "（已删除）"
KEEP_FILES = clock.timedelta(days=180)  # of comments, after the case: as long as proofs


def retain(session: Session) -> int:
    """Photos and files of comments go half a year after the case has ended; how many went.

    The words stay until the package whose case it is lets go of its own (forget_cases).
    """
    with_files = {*objects_with_photos(session, COMMENT), *objects_with_attachments(session, COMMENT)}
    old = session.scalars(
        select(Comment.public_id)
        .join(Case, Case.id == Comment.case_id)
        .where(Comment.public_id.in_(with_files), Case.ended_at < clock.now() - KEEP_FILES)
    )
    return _discard_files(session, list(old))


def forget_cases(session: Session, *, module: str, business_ids: Collection[str]) -> int:
    """A package lets go of the words of its things: their cases that have ended lose theirs, with photos and files.

    That there was a case, of what, when, and the steps it took stay. How many there were. Safe to call again.
    """
    if not business_ids:
        return 0
    over = select(Case.id).where(
        Case.module == module, Case.business_id.in_(business_ids), Case.status != RUNNING
    )
    return _wipe(session, list(session.scalars(over)))


def _wipe(session: Session, case_ids: list[int]) -> int:
    cases = update(Case).where(Case.id.in_(case_ids), Case.title != ERASED)
    wiped = rows_changed(session, cases.values(title=ERASED, title_en=None, form={}, picks={}))
    words = update(Comment).where(Comment.case_id.in_(case_ids), Comment.text != ERASED)
    comments = session.scalars(words.values(text=ERASED).returning(Comment.public_id)).all()
    _discard_files(session, list(comments))
    return wiped


def _discard_files(session: Session, comments: list[str]) -> int:
    of: dict[str, Any] = {"object_type": COMMENT, "object_ids": comments}
    return files.discard_photos_of(session, **of) + files.discard_attachments_of(session, **of)


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What he asked for, what he wrote, and who was to act for him."""
    cases = session.scalars(select(Case).where(Case.starter_id == person_id).order_by(Case.id))
    comments = session.scalars(select(Comment).where(Comment.person_id == person_id).order_by(Comment.id))
    deputies = session.scalars(select(Deputy).where(Deputy.person_id == person_id).order_by(Deputy.id))
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
        "deputies": [
            {"from": one.starts_at.isoformat(), "until": one.ends_at.isoformat(), "reason": one.reason}
            for one in deputies
        ],
    }


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """His running cases end; titles, forms, what he wrote and what was written about him in them go, with its photos
    and files; nobody acts for him any more, nor he for anybody. May be run again.
    """
    del by
    running = select(Case.id).where(Case.starter_id == person_id, Case.status == RUNNING)
    for case_id in session.scalars(running).all():
        terminate(session, by=None, case_id=case_id, reason=ERASED)
    session.execute(
        update(Case)
        .where(Case.starter_id == person_id)
        .values(title=ERASED, title_en=None, form={}, picks={})
    )
    his = select(Case.id).where(Case.starter_id == person_id)
    wiped = update(Comment).where(or_(Comment.person_id == person_id, Comment.case_id.in_(his)))
    comments = session.scalars(wiped.values(text=ERASED).returning(Comment.public_id)).all()
    _discard_files(session, list(comments))
    _erase_deputies(session, person_id)


def _erase_deputies(session: Session, person_id: int) -> None:
    session.execute(update(Deputy).where(Deputy.person_id == person_id).values(reason=ERASED))
    session.execute(
        update(Deputy)
        .where(or_(Deputy.person_id == person_id, Deputy.deputy_id == person_id), Deputy.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def merge_person(session: Session, *, from_id: int, into_id: int) -> None:
    """A visitor turned out to be somebody: what was his follows. Safe to repeat."""
    for column in (
        Case.starter_id,
        Task.person_id,
        Task.done_by_id,
        Comment.person_id,
        Deputy.person_id,
        Deputy.deputy_id,
        Deputy.made_by_id,
    ):
        session.execute(update(column.class_).where(column == from_id).values({column.key: into_id}))
