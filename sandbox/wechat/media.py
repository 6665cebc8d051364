"""Temporary media: uploaded by the application or by the JS-SDK, kept three days."""

import json
import secrets

from flask import Blueprint, Response, request

from sandbox.wechat.reply import ApiError, answer
from sandbox.world import World, world

bp = Blueprint("wechat_media", __name__)
LIMITS = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}
KEPT = 3 * 86400


def keep(
    w: World, kind: str, filename: str, mime: str, content: bytes, permanent: bool = False
) -> tuple[str, int]:
    media_id = secrets.token_urlsafe(48)
    now = w.store.now()
    w.store.run(
        "INSERT INTO media (media_id, type, filename, mime, content, permanent, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (media_id, kind, filename, mime, content, int(permanent), now),
    )
    return media_id, int(now)


def posted() -> tuple[str, str, bytes]:
    if request.method != "POST":
        raise ApiError(43002)
    given = request.files.get("media")
    if given is None:
        raise ApiError(41005)
    content = given.read()
    if not content:
        raise ApiError(44001)
    return given.filename or "file", given.mimetype or "application/octet-stream", content


@bp.route("/cgi-bin/media/upload", methods=["GET", "POST"])
def upload() -> Response:
    filename, mime, content = posted()
    kind = request.values.get("type", "")
    if kind not in LIMITS:
        raise ApiError(40004)
    if len(content) > LIMITS[kind]:
        raise ApiError(40006)
    media_id, created = keep(world(), kind, filename, mime, content)
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return answer({"type": kind, name: media_id, "created_at": created})


@bp.route("/cgi-bin/media/uploadimg", methods=["GET", "POST"])
def upload_image() -> Response:
    filename, mime, content = posted()
    if len(content) > 1 << 20:
        raise ApiError(40006)
    w = world()
    media_id, _ = keep(w, "image", filename, mime, content, permanent=True)
    return answer({"url": f"{w.config.base}/media/{media_id}"})


@bp.route("/cgi-bin/media/get", methods=["GET", "POST"])
@bp.route("/cgi-bin/media/get/jssdk", methods=["GET", "POST"])
def get() -> Response:
    w = world()
    media_id = request.args.get("media_id") or (json.loads(request.get_data() or b"{}").get("media_id"))
    if not media_id:
        raise ApiError(41006)
    row = w.store.one("SELECT * FROM media WHERE media_id = ?", (media_id,))
    if row is None or (not row["permanent"] and row["created"] < w.store.now() - KEPT):
        raise ApiError(40007)
    if row["type"] == "video":
        return answer({"video_url": f"{w.config.base}/media/{media_id}"})
    return Response(
        row["content"],
        mimetype=row["mime"],
        headers={"Content-disposition": f'attachment; filename="{media_id[:20]}.{suffix(row["mime"])}"'},
    )


def suffix(mime: str) -> str:
    return {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "video/mp4": "mp4"}.get(mime, "bin")


@bp.get("/media/<media_id>")
def shown(media_id: str) -> Response:
    """The picture in a chat bubble: never served as anything a browser would run."""
    row = world().store.one("SELECT mime, content FROM media WHERE media_id = ?", (media_id,))
    if row is None:
        return Response("", 404)
    mime = (
        row["mime"]
        if row["mime"] in {"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4"}
        else "application/octet-stream"
    )
    return Response(row["content"], mimetype=mime, headers={"Cache-Control": "private, max-age=86400"})
