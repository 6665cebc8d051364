"""Making the file of a copy, and deleting files whose time is over."""

import io
import json

from app.clients.storage import Storage
from app.kit import failpoint
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.log import log
from app.kit.module import Registry
from app.platform.privacy import service


def make_export(*, export_id: int, storage: Storage, registry: Registry) -> None:
    """All that the house knows of who asked, as JSON. May run again at any point: the key is fixed, the row decides."""
    with unit_of_work() as session:
        wanted = service.start_export(session, export_id=export_id)
        if wanted is None:
            return
        by = Caller(wanted.person_id, surface="phone")
        found = service.export_person(session, by=by, person_id=wanted.person_id, registry=registry)
    content = json.dumps(found, ensure_ascii=False, indent=2, default=str).encode()
    storage.put(wanted.file_key, io.BytesIO(content))
    failpoint.hit("privacy.stored")
    with unit_of_work() as session:
        is_ready = service.finish_export(session, export_id=export_id, size=len(content))
    log.info("person_export_made", export=export_id, bytes=len(content), ready=is_ready)


def delete_old_exports(*, storage: Storage) -> int:
    """Returns how many files went. Safe to run at once in two places."""
    removed = 0
    while True:
        with unit_of_work() as session:
            rows = service.discard_old_exports(session)
        if not rows:
            return removed
        for row in rows:
            storage.delete(row.file_key)
        with unit_of_work() as session:
            service.note_files_gone(session, export_ids=[row.id for row in rows])
        removed += len(rows)
