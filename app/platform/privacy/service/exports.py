"""Copies that people ask for of their own data: asked, made, fetched for a while, gone."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.platform.audit import service as audit
from app.platform.privacy.errors import ExportTooSoon
from app.platform.privacy.events import ExportAsked, ExportReady
from app.platform.privacy.models import Export, ExportStatus

EXPORT_LOCK = 7306
ONE_PER = timedelta(hours=24)
FILES_STAY = timedelta(days=7)
ROWS_STAY = timedelta(days=180)
BATCH = 100


def ask_export(session: Session, *, by: Caller) -> str:
    """A worker will make it, and a message tells when; returns its id (cop_…). Raises ExportTooSoon within a day."""
    session.execute(select(func.pg_advisory_xact_lock(EXPORT_LOCK, by.person_id % 2**31)))
    last = session.scalar(select(func.max(Export.asked_at)).where(Export.person_id == by.person_id))
    if last is not None and last > clock.now() - ONE_PER:
        raise ExportTooSoon(seconds=int((last + ONE_PER - clock.now()).total_seconds()))
    public_id = ids.public_id("cop")
    export_id = session.scalar(
        insert(Export)
        .values(
            public_id=public_id,
            person_id=by.person_id,
            status=ExportStatus.ASKED,
            asked_at=clock.now(),
        )
        .returning(Export.id)
    )
    assert export_id is not None
    outbox.emit(session, ExportAsked(export_id))
    audit.record(session, by=by, action="privacy.export_asked", object_type="person", object_id=by.person_id)
    return public_id


def start_export(session: Session, *, export_id: int) -> AnyRow | None:
    """What is to be made, its file announced; None when nobody waits for it any more. May be run again."""
    return session.execute(
        update(Export)
        .where(Export.id == export_id, Export.status == ExportStatus.ASKED)
        .values(file_key="privacy/exports/" + Export.public_id, expires_at=clock.now() + FILES_STAY)
        .returning(Export.person_id, Export.file_key)
        .execution_options(synchronize_session=False)
    ).first()


def finish_export(session: Session, *, export_id: int, size: int) -> bool:
    """Its file is there. False when the person was forgotten meanwhile: then the sweep has it."""
    row = session.execute(
        update(Export)
        .where(Export.id == export_id, Export.status == ExportStatus.ASKED)
        .values(
            status=ExportStatus.READY, size=size, ready_at=clock.now(), expires_at=clock.now() + FILES_STAY
        )
        .returning(Export.person_id, Export.expires_at)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return False
    outbox.emit(session, ExportReady(export_id, row.person_id, row.expires_at.isoformat()))
    return True


def discard_old_exports(session: Session) -> Sequence[AnyRow]:
    """Those whose time is over are gone for everybody; returns a batch of files to delete (id, file_key)."""
    moment = clock.now()
    session.execute(
        update(Export)
        .where(Export.file_key.is_not(None), Export.expires_at <= moment, Export.status != ExportStatus.GONE)
        .values(status=ExportStatus.GONE)
    )
    return session.execute(
        select(Export.id, Export.file_key)
        .where(Export.file_key.is_not(None), Export.status == ExportStatus.GONE, Export.expires_at <= moment)
        .order_by(Export.id)
        .limit(BATCH)
    ).all()


def note_files_gone(session: Session, *, export_ids: list[int]) -> None:
    session.execute(update(Export).where(Export.id.in_(export_ids)).values(file_key=None))


def forget_exports(session: Session) -> int:
    """Rows of copies that are gone, half a year later."""
    return db.rows_changed(
        session,
        delete(Export).where(Export.file_key.is_(None), Export.asked_at < clock.now() - ROWS_STAY),
    )


def erase_exports(session: Session, *, by: Caller | None, person_id: int) -> None:
    """From now on nobody gets them; their files go with the next sweep. May be run again."""
    session.execute(
        update(Export)
        .where(Export.person_id == person_id)
        .values(status=ExportStatus.GONE, expires_at=clock.now())
    )


def merge_exports(session: Session, *, from_id: int, into_id: int) -> None:
    """A visitor turned out to be somebody."""
    session.execute(update(Export).where(Export.person_id == from_id).values(person_id=into_id))
