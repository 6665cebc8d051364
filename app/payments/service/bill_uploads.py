"""Files on their way to be bills: given by somebody, read by a worker, watched by a page."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.events import BillUploaded
from app.payments.models import BillUpload
from app.payments.service.bills import ArchivedFile, Matter
from app.platform.audit import service as audit


def note_upload(session: Session, matter: Matter, file: ArchivedFile, *, by: Caller) -> str:
    """The file lies in the archive: a worker imports it. Returns what the page asks by."""
    row = session.execute(
        insert(BillUpload)
        .values(
            **vars(matter),
            public_id=ids.public_id("upl"),
            file_key=file.key,
            file_name=file.name,
            sha256=file.sha256,
            size=file.size,
            uploaded_by_id=by.person_id,
            uploaded_at=clock.now(),
        )
        .returning(BillUpload.id, BillUpload.public_id)
    ).one()
    outbox.emit(session, BillUploaded(row.id))
    audit.record(
        session, by=by, action="payments.upload_bill", object_type="payments.bill_upload", object_id=row.id
    )
    return str(row.public_id)


def waiting_upload(session: Session, upload_id: int) -> AnyRow | None:
    """None when it came to its end before: a delivery may come twice."""
    stmt = select(BillUpload.__table__).where(BillUpload.id == upload_id, BillUpload.outcome.is_(None))
    return session.execute(stmt).first()


def note_progress(session: Session, upload_id: int, *, done_bytes: int) -> None:
    session.execute(update(BillUpload).where(BillUpload.id == upload_id).values(done_bytes=done_bytes))


def end_upload(
    session: Session, upload_id: int, *, outcome: str, bill_id: int | None = None, problem: str | None = None
) -> None:
    session.execute(
        update(BillUpload)
        .where(BillUpload.id == upload_id, BillUpload.outcome.is_(None))
        .values(outcome=outcome, bill_id=bill_id, problem=problem, ended_at=clock.now())
    )
