"""A worker reads what somebody uploaded; the page sees how far it is."""

import time
from collections.abc import Callable
from typing import Any

from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.payments.flows import bills
from app.payments.service import bill_fetches, bill_uploads
from app.payments.service.bills import ArchivedFile, Matter

TOLD_EVERY = 0.5
"""Seconds between two words about the progress."""


def import_upload(upload_id: int, *, clients: Any) -> None:
    """Safe to run twice, also at once."""
    with unit_of_work() as session:
        upload = bill_uploads.waiting_upload(session, upload_id)
    if upload is None:
        return
    matter = Matter(upload.source, upload.kind, upload.account, upload.day)
    file = ArchivedFile(upload.file_key, upload.file_name, upload.sha256, upload.size)
    by = Caller(upload.uploaded_by_id)
    try:
        done = bills.import_archived(
            matter, file, origin="uploaded", clients=clients, by=by, progress=_teller(upload_id)
        )
    except DomainError as error:
        with unit_of_work() as session:
            bill_uploads.end_upload(session, upload_id, outcome="failed", problem=error.msgid % error.params)
        return
    with unit_of_work() as session:
        bill_uploads.end_upload(session, upload_id, outcome=done.outcome, bill_id=done.bill_id)
        if done.outcome != "refused":
            bill_fetches.close(session, matter)


def _teller(upload_id: int) -> Callable[[int], None]:
    """Writes now and then, in a transaction of its own: the import's is not over."""
    told_at = time.monotonic()

    def tell(done_bytes: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < TOLD_EVERY:
            return
        told_at = time.monotonic()
        with unit_of_work() as session:
            bill_uploads.note_progress(session, upload_id, done_bytes=done_bytes)

    return tell
