"""Comments, copies, and that one has read them."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.platform.approvals.engine.state import APPROVE, COPY, GIVEN, READ
from app.platform.approvals.errors import CaseMissing, PersonUnfit, TooManyFiles
from app.platform.approvals.models import Case, LogLine, Task
from app.platform.approvals.queries.access import nodes_seen_by
from app.platform.approvals.queries.cases import COMMENT
from app.platform.approvals.queries.people import ADMINISTER, present
from app.platform.approvals.service.acting import clean, write_comment
from app.platform.approvals.service.running import Running, lock_case
from app.platform.approvals.service.saving import save
from app.platform.files import service as files

MOST_COPIES = 50  # of one case, those of its definition among them
MOST_PHOTOS = 6
MOST_FILES = 5


def comment(
    session: Session,
    *,
    by: Caller,
    case_id: int,
    text: str,
    photos: Sequence[str] = (),
    attachments: Sequence[str] = (),
) -> str:
    """Write something to all who see the words of a case, with own uploaded photos and PDFs; the comment's public id.

    Raises CaseMissing, CaseEndedAlready, ReasonMissing, CommentTooLong, TooManyFiles, PhotoNotUsable,
    AttachmentNotUsable.
    """
    text = clean(text, is_needed=True)
    _check_files(photos, attachments)
    running = lock_case(session, by, case_id, check=lambda case: _check_voice(session, by, case))
    running.machine.note("commented")
    first = save(session, running, by=by, action="comment")
    public_id = write_comment(session, running, by.person_id, first, text)
    of = {"object_type": COMMENT, "object_id": public_id}
    files.claim_photos(session, by=by, public_ids=tuple(photos), **of)
    files.claim_attachments(session, by=by, public_ids=tuple(attachments), **of)
    return public_id


def _check_files(photos: Sequence[str], attachments: Sequence[str]) -> None:
    if len(set(photos)) > MOST_PHOTOS or len(set(attachments)) > MOST_FILES:
        raise TooManyFiles(photos=MOST_PHOTOS, files=MOST_FILES)


def copy_to(session: Session, *, by: Caller, case_id: int, people: Sequence[int]) -> None:
    """Give copies to more people: the starter and those who are asked may. Raises PersonUnfit."""
    running = lock_case(session, by, case_id, check=lambda case: _check_voice(session, by, case))
    chosen = list(dict.fromkeys(people))
    given = sum(task.kind == COPY for task in running.state.tasks.values())
    if not len(chosen) >= 1 or given + len(chosen) > MOST_COPIES or present(session, chosen) != set(chosen):
        raise PersonUnfit()
    visit = max(running.state.visits.values(), key=lambda one: one.order)
    running.machine.copy_to(visit, chosen)
    running.machine.note("copied", count=len(chosen))
    save(session, running, by=by, action="copy")


def _check_voice(session: Session, by: Caller, running: Running) -> None:
    """The starter, whoever was asked, and administrators have a say; holders of copies and readers look on."""
    row = running.row
    if row.starter_id == by.person_id or by.may(ADMINISTER):
        return
    if APPROVE not in nodes_seen_by(session, by, row.id, row.code).values():
        raise CaseMissing()


def mark_read(session: Session, *, by: Caller, case_id: int) -> bool:
    """A copy was opened; True the first time. Cases that have ended are read, too."""
    found = session.execute(
        update(Task)
        .where(
            Task.case_id == case_id, Task.person_id == by.person_id, Task.kind == COPY, Task.status == GIVEN
        )
        .values(status=READ)
        .returning(Task.seq, Task.node, Task.round)
    ).first()
    if found is None:
        return False
    number = session.scalars(
        update(Case).where(Case.id == case_id).values(lines=Case.lines + 1).returning(Case.lines)
    ).one()
    session.add(
        LogLine(
            case_id=case_id,
            seq=number,
            at=clock.now(),
            kind="read",
            node=found.node,
            round=found.round,
            task=found.seq,
            actor_id=by.person_id,
            data={},
        )
    )
    return True
