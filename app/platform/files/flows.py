"""Photos and attachments on their way: from the phone into storage, through the decoder, and out again."""

import hashlib
import io
from typing import BinaryIO

from sqlalchemy.orm import Session

from app.clients.storage import KeyNotFound, Storage, StorageError
from app.kit import failpoint, idempotency
from app.kit.caller import Caller
from app.kit.db import AnyRow, unit_of_work
from app.kit.errors import DomainError
from app.kit.hidden import HIDDEN
from app.kit.idempotency import Answer
from app.kit.log import log
from app.platform.files import decoder, queries, service
from app.platform.files.decoder import Decoded, Refusal
from app.platform.files.errors import (
    AttachmentRefused,
    PhotoMissing,
    PhotoNotUsable,
    PhotoTooLarge,
    StorageFailed,
)
from app.platform.files.headers import read_header
from app.platform.files.models import PhotoStatus
from app.platform.files.signing import SIZES

MAX_BYTES = 20 * 1024 * 1024
MAX_TRIES = 3
CHUNK = 1024 * 1024
MOST_ATTACHED = 10 * 1024 * 1024
LONGEST_NAME = 80


def original_key(public_id: str) -> str:
    return f"originals/{public_id}"


def attachment_key(public_id: str) -> str:
    return f"attachments/{public_id[4:6]}/{public_id}.pdf"


def derived_key(public_id: str, size: str) -> str:
    """Spread over folders, since some file systems dislike a hundred thousand files in one."""
    return f"photos/{public_id[4:6]}/{public_id}_{size}.jpg"


def receive_photo(*, by: Caller, stream: BinaryIO, key: str | None, storage: Storage) -> str:
    """Check what the header says, keep the original privately, and have it decoded later.

    Returns the public id. The same `key` with the same bytes again returns the first photo's. Announced,
    then stored, then received: a crash in between leaves a row by which the sweep finds the file.
    Raises PhotoMissing, PhotoTooLarge, NotAPhoto, PhotoHasTooManyPixels, StorageFailed, and what
    idempotency raises.
    """
    length, sha256 = _measure(stream)
    header = read_header(stream)
    with unit_of_work() as session:
        photo_id, public_id = service.announce_photo(
            session, by=by, size=(header.width, header.height), length=length, sha256=sha256
        )
    stream.seek(0)
    try:
        storage.put(original_key(public_id), stream)
    except StorageError as error:
        log.error("photo_not_stored", photo=public_id, error=str(error))
        raise StorageFailed() from None
    failpoint.hit("files.stored")
    try:
        with unit_of_work() as session:
            return _receive_once(session, by, key, sha256, (photo_id, public_id))
    except DomainError:
        storage.delete(original_key(public_id))
        raise


def _receive_once(session: Session, by: Caller, key: str | None, sha256: str, photo: tuple[int, str]) -> str:
    photo_id, public_id = photo

    def work() -> Answer:
        if not service.receive_photo(session, photo_id=photo_id):
            raise PhotoNotUsable()
        return Answer(201, public_id)

    if not key:
        return work().body
    answer = idempotency.once(session, owner=f"photos:{by.person_id}", key=key, fingerprint=sha256, work=work)
    if answer.is_replay:
        service.discard_photos(session, photo_ids=[photo_id])
    return answer.body


def _measure(stream: BinaryIO) -> tuple[int, str]:
    """Bytes and SHA-256, reading no further than the limit."""
    digest, length = hashlib.sha256(), 0
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        length += len(chunk)
        if length > MAX_BYTES:
            raise PhotoTooLarge()
    if not length:
        raise PhotoMissing()
    return length, digest.hexdigest()


def receive_attachment(*, by: Caller, name: str, stream: BinaryIO, storage: Storage) -> str:
    """A PDF, whole and not too large, kept privately as it came; returns its public id.

    Announced, then stored, then received, as photos are. Raises AttachmentRefused, StorageFailed.
    """
    length, sha256 = _checked_pdf(stream)
    with unit_of_work() as session:
        attachment_id, public_id = service.announce_attachment(
            session, by=by, name=_plain_name(name), length=length, sha256=sha256
        )
    stream.seek(0)
    try:
        storage.put(attachment_key(public_id), stream)
    except StorageError as error:
        log.error("attachment_not_stored", attachment=public_id, error=str(error))
        raise StorageFailed() from None
    failpoint.hit("files.attachment_stored")
    with unit_of_work() as session:
        if not service.receive_attachment(session, attachment_id=attachment_id):
            raise AttachmentRefused()
    return public_id


def _checked_pdf(stream: BinaryIO) -> tuple[int, str]:
    """Length and SHA-256 of what begins and ends as a PDF does, reading no further than the limit."""
    stream.seek(0)
    content = stream.read(MOST_ATTACHED + 1)
    if len(content) > MOST_ATTACHED or not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
        raise AttachmentRefused()
    return len(content), hashlib.sha256(content).hexdigest()


def _plain_name(name: str) -> str:
    """What people will see when they save it: no path, nothing hidden, one ending."""
    plain = HIDDEN.sub("", name).replace("\\", "/").rpartition("/")[2].strip()
    stem = plain[: -len(".pdf")] if plain.lower().endswith(".pdf") else plain
    return f"{stem.strip('. ')[:LONGEST_NAME] or 'file'}.pdf"


def decode_photo(*, photo_id: int, storage: Storage) -> None:
    """Make the two derivatives and delete the original; or refuse the photo and keep nothing.

    Safe to run again at any point, also at once in two workers: keys are fixed and the row decides.
    Raises DecoderInterrupted when the child was killed from outside, at most MAX_TRIES times per photo.
    """
    with unit_of_work() as session:
        photo = service.begin_decoding(session, photo_id=photo_id)
    if photo is None:
        return
    if photo.status == PhotoStatus.RECEIVED:
        outcome = _decode(photo.public_id, photo.tries, storage)
        if isinstance(outcome, Decoded):
            _keep(photo_id, photo.public_id, outcome, storage)
        else:
            _refuse(photo_id, photo.public_id, outcome)
    storage.delete(original_key(photo.public_id))


def _decode(public_id: str, tries: int, storage: Storage) -> Decoded | Refusal:
    if tries > MAX_TRIES:
        return Refusal("too_heavy")
    try:
        with storage.open(original_key(public_id)) as original:
            return decoder.decode(original)
    except KeyNotFound:
        return Refusal("lost")


def _keep(photo_id: int, public_id: str, decoded: Decoded, storage: Storage) -> None:
    for size, file in zip(SIZES, (decoded.thumb, decoded.large), strict=True):
        storage.put(derived_key(public_id, size), io.BytesIO(file))
    failpoint.hit("files.decoded")
    with unit_of_work() as session:
        is_kept = service.finish_decoding(
            session,
            photo_id=photo_id,
            size=(decoded.width, decoded.height),
            length=len(decoded.large) + len(decoded.thumb),
        )
        status = None if is_kept else queries.find_status(session, public_id)
    failpoint.hit("files.ready")
    if status not in (None, PhotoStatus.READY):
        remove_files(public_id, storage)  # discarded while the decoder worked


def _refuse(photo_id: int, public_id: str, refusal: Refusal) -> None:
    with unit_of_work() as session:
        service.refuse_photo(session, photo_id=photo_id, reason=refusal.reason)
    log.warning("photo_refused", photo=public_id, reason=refusal.reason)


def remove_files(public_id: str, storage: Storage) -> None:
    """Everything of one photo; what is gone already is no error."""
    for key in (original_key(public_id), *(derived_key(public_id, size) for size in SIZES)):
        storage.delete(key)


def sweep(*, storage: Storage) -> int:
    """Delete what nobody claimed and the files of all that is gone. Returns how many photos and attachments went.

    Safe to run at once in two places. A storage that is away ends it until the next time.
    """
    with unit_of_work() as session:
        service.discard_orphans(session)
        service.forget_orphans(session)
        service.discard_orphan_attachments(session)
    removed = 0
    while rows := _batch_to_remove():
        for row in rows:
            remove_files(row.public_id, storage)
        with unit_of_work() as session:
            service.note_removed(session, photo_ids=[row.id for row in rows])
        removed += len(rows)
    while rows := _attachments_to_remove():
        for row in rows:
            storage.delete(attachment_key(row.public_id))
        with unit_of_work() as session:
            service.note_attachments_removed(session, attachment_ids=[row.id for row in rows])
        removed += len(rows)
    storage.tidy()
    return removed


def _attachments_to_remove() -> list[AnyRow]:
    with unit_of_work() as session:
        return service.attachments_to_remove(session)


def _batch_to_remove() -> list[AnyRow]:
    with unit_of_work() as session:
        return service.files_to_remove(session)
