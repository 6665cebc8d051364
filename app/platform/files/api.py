"""Sending a photo or an attachment, and having one by its short-lived link."""

from typing import Any, BinaryIO, cast
from urllib.parse import quote

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.clients.storage import KeyNotFound, Storage
from app.kit import limits
from app.kit.db import unit_of_work
from app.kit.http import PUBLIC, SIGNED_IN, answer_error, caller, permit
from app.platform.files import flows, queries, signing
from app.platform.files.errors import (
    AttachmentNotFound,
    AttachmentRefused,
    PhotoMissing,
    PhotoNotFound,
    PhotoTooLarge,
)
from app.platform.files.models import PhotoStatus

PER_HOUR = 120
READ_AT_MOST = 32 * 1024 * 1024
"""Above the limit of a photo, so that one of 25 MB still gets its sentence instead of a broken line."""

photos = Blueprint("photos", __name__, url_prefix="/files/photos")


@photos.before_request
def _cap() -> None:
    request.max_content_length = READ_AT_MOST


@photos.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Any:
    return answer_error(PhotoTooLarge())


@photos.post("")
@permit(SIGNED_IN)
def upload() -> Any:
    """Answers 201 with the id to claim and a link that shows a placeholder until the photo is ready."""
    who = caller()
    limits.hit("photos", str(who.person_id), limit=PER_HOUR, seconds=3600)
    file = request.files.get("photo")
    if file is None:
        raise PhotoMissing()
    public_id = flows.receive_photo(
        by=who,
        stream=cast(BinaryIO, file.stream),
        key=request.headers.get("Idempotency-Key"),
        storage=_storage(),
    )
    return jsonify(id=public_id, thumb=signing.photo_url(public_id, "thumb")), 201


@photos.get("/<public_id>/<size>")
@permit(PUBLIC)
def show(public_id: str, size: str) -> Any:
    """The link is the permission: WeChat's picture viewer sends no cookies."""
    left = signing.seconds_left(public_id, size, request.args.get("e", ""), request.args.get("s", ""))
    if left <= 0 or size not in signing.SIZES:
        raise PhotoNotFound()
    with unit_of_work() as session:
        status = queries.find_status(session, public_id)
    if status == PhotoStatus.RECEIVED:
        return _guarded(Response(render_template("files/waiting.svg.html"), mimetype="image/svg+xml"))
    if status != PhotoStatus.READY:
        raise PhotoNotFound()
    response = _guarded(Response(_content(public_id, size), mimetype="image/jpeg"))
    response.headers["Cache-Control"] = f"private, max-age={left}"
    response.headers["Content-Disposition"] = f"inline; filename={public_id}.jpg"
    response.set_etag(f"{public_id}-{size}")
    return response.make_conditional(request)


def _content(public_id: str, size: str) -> bytes:
    try:
        with _storage().open(flows.derived_key(public_id, size)) as file:
            return file.read()
    except KeyNotFound:
        raise PhotoNotFound() from None


def _guarded(response: Response) -> Response:
    """Nothing in it may run, even if somebody opened it as a page."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _storage() -> Storage:
    storage: Storage = current_app.extensions["clients"].storage
    return storage


# --- Attachments

attachments = Blueprint("attachments", __name__, url_prefix="/files/attachments")
ATTACHED_PER_HOUR = 30


@attachments.before_request
def _cap_attachment() -> None:
    request.max_content_length = READ_AT_MOST


@attachments.errorhandler(RequestEntityTooLarge)
def _attachment_too_large(_error: RequestEntityTooLarge) -> Any:
    return answer_error(AttachmentRefused())


@attachments.post("")
@permit(SIGNED_IN)
def attach() -> Any:
    """Answers 201 with the id to claim."""
    who = caller()
    limits.hit("attachments", str(who.person_id), limit=ATTACHED_PER_HOUR, seconds=3600)
    file = request.files.get("file")
    if file is None:
        raise AttachmentRefused()
    public_id = flows.receive_attachment(
        by=who, name=file.filename or "", stream=cast(BinaryIO, file.stream), storage=_storage()
    )
    return jsonify(id=public_id), 201


@attachments.get("/<public_id>")
@permit(PUBLIC)
def fetch(public_id: str) -> Any:
    """The link is the permission, as with photos. To be saved: it is never a page of this address."""
    left = signing.seconds_left(public_id, signing.FILE, request.args.get("e", ""), request.args.get("s", ""))
    if left <= 0:
        raise AttachmentNotFound()
    with unit_of_work() as session:
        found = queries.find_attachment(session, public_id)
    if found is None:
        raise AttachmentNotFound()
    try:
        with _storage().open(flows.attachment_key(public_id)) as file:
            response = _guarded(Response(file.read(), mimetype="application/pdf"))
    except KeyNotFound:
        raise AttachmentNotFound() from None
    name = quote(found.name)
    response.headers["Content-Disposition"] = f"attachment; filename=\"file.pdf\"; filename*=UTF-8''{name}"
    return response
