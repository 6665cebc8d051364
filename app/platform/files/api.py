"""Sending a photo, and looking at one by its short-lived link."""

from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.clients.storage import KeyNotFound, Storage
from app.kit import limits
from app.kit.db import unit_of_work
from app.kit.http import PUBLIC, SIGNED_IN, answer_error, caller, permit
from app.platform.files import flows, queries, signing
from app.platform.files.errors import PhotoMissing, PhotoNotFound, PhotoTooLarge
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
