"""Followers and tags."""

from typing import Any

from flask import Blueprint, Response, request

from sandbox.store import Row
from sandbox.wechat.reply import ApiError, answer, body_json, need, ok
from sandbox.world import World, world

bp = Blueprint("wechat_users", __name__)


def tags_of(w: World, openid: str) -> list[int]:
    rows = w.store.all("SELECT tag_id FROM user_tags WHERE openid = ? ORDER BY position", (openid,))
    return [row["tag_id"] for row in rows]


def described(w: World, user: Row) -> dict[str, Any]:
    if not user["follows"]:
        return {"subscribe": 0, "openid": user["openid"]}
    scene = user["qr_scene"]
    return {
        "subscribe": 1,
        "openid": user["openid"],
        "language": "zh_CN",
        "subscribe_time": user["subscribe_time"],
        "remark": user["remark"],
        "groupid": 0,
        "tagid_list": tags_of(w, user["openid"]),
        "subscribe_scene": user["scene"],
        "qr_scene": int(scene) if scene.isdigit() else 0,
        "qr_scene_str": "" if scene.isdigit() else scene,
    }


def existing(w: World, openid: Any) -> Row:
    if not openid:
        raise ApiError(41009)
    user = w.user(str(openid))
    if user is None:
        raise ApiError(40003)
    return user


@bp.route("/cgi-bin/user/info", methods=["GET", "POST"])
def info() -> Response:
    w = world()
    return answer(described(w, existing(w, request.args.get("openid"))))


@bp.route("/cgi-bin/user/info/batchget", methods=["GET", "POST"])
def info_batch() -> Response:
    w = world()
    wanted = need(body_json(), "user_list", kind=list)
    if len(wanted) > 100:
        raise ApiError(40032)
    return answer({"user_info_list": [described(w, existing(w, each.get("openid"))) for each in wanted]})


@bp.route("/cgi-bin/user/get", methods=["GET", "POST"])
def followers() -> Response:
    w = world()
    after = request.args.get("next_openid", "")
    total = w.store.value("SELECT count(*) FROM users WHERE follows = 1")
    rows = w.store.all(
        "SELECT openid FROM users WHERE follows = 1 AND openid > ? ORDER BY openid LIMIT 10000", (after,)
    )
    found = [row["openid"] for row in rows]
    page: dict[str, Any] = {"total": total, "count": len(found), "next_openid": found[-1] if found else ""}
    if found:
        page["data"] = {"openid": found}
    return answer(page)


@bp.route("/cgi-bin/user/info/updateremark", methods=["GET", "POST"])
def remark() -> Response:
    w, body = world(), body_json()
    user = existing(w, body.get("openid"))
    w.store.run(
        "UPDATE users SET remark = ? WHERE openid = ?", (str(body.get("remark") or "")[:30], user["openid"])
    )
    return ok()


def tag_name(body: dict[str, Any]) -> str:
    name = need(body.get("tag") or {}, "name", 45158)
    if len(name) > 30:
        raise ApiError(45158)
    return str(name)


@bp.route("/cgi-bin/tags/create", methods=["GET", "POST"])
def tag_create() -> Response:
    w = world()
    name = tag_name(body_json())
    with w.store.tx():
        if w.store.value("SELECT count(*) FROM tags") >= 100:
            raise ApiError(45056)
        if w.store.one("SELECT id FROM tags WHERE name = ?", (name,)):
            raise ApiError(45157)
        number = w.store.value("SELECT coalesce(max(id), 99) + 1 FROM tags")
        w.store.run("INSERT INTO tags (id, name) VALUES (?, ?)", (number, name))
    return answer({"tag": {"id": number, "name": name}})


@bp.route("/cgi-bin/tags/get", methods=["GET", "POST"])
def tag_list() -> Response:
    rows = world().store.all(
        "SELECT t.id, t.name, count(u.openid) AS count FROM tags t LEFT JOIN user_tags u ON u.tag_id = t.id "
        "GROUP BY t.id, t.name ORDER BY t.id"
    )
    return answer({"tags": [{"id": 2, "name": "星标组", "count": 0}, *rows]})


def own_tag(w: World, number: Any) -> int:
    if number in {0, 1, 2}:
        raise ApiError(45058)
    if not isinstance(number, int) or not w.store.one("SELECT id FROM tags WHERE id = ?", (number,)):
        raise ApiError(45159, "invalid tag id")
    return number


@bp.route("/cgi-bin/tags/update", methods=["GET", "POST"])
def tag_update() -> Response:
    w, body = world(), body_json()
    number, name = own_tag(w, (body.get("tag") or {}).get("id")), tag_name(body)
    if w.store.one("SELECT id FROM tags WHERE name = ? AND id <> ?", (name, number)):
        raise ApiError(45157)
    w.store.run("UPDATE tags SET name = ? WHERE id = ?", (name, number))
    return ok()


@bp.route("/cgi-bin/tags/delete", methods=["GET", "POST"])
def tag_delete() -> Response:
    w = world()
    number = own_tag(w, (body_json().get("tag") or {}).get("id"))
    with w.store.tx():
        w.store.run("DELETE FROM user_tags WHERE tag_id = ?", (number,))
        w.store.run("DELETE FROM tags WHERE id = ?", (number,))
    return ok()


def tagging(add: bool) -> Response:
    w, body = world(), body_json()
    openids = need(body, "openid_list", 40032, list)
    if len(openids) > 50:
        raise ApiError(40032)
    number = own_tag(w, body.get("tagid"))
    with w.store.tx():
        for openid in openids:
            user = w.user(str(openid))
            if user is None or not user["follows"]:
                raise ApiError(49003)
            w.store.run("DELETE FROM user_tags WHERE openid = ? AND tag_id = ?", (openid, number))
            if not add:
                continue
            if len(tags_of(w, openid)) >= 20:
                raise ApiError(45059)
            w.store.run("INSERT INTO user_tags (openid, tag_id) VALUES (?, ?)", (openid, number))
    return ok()


@bp.route("/cgi-bin/tags/members/batchtagging", methods=["GET", "POST"])
def tag_members() -> Response:
    return tagging(add=True)


@bp.route("/cgi-bin/tags/members/batchuntagging", methods=["GET", "POST"])
def untag_members() -> Response:
    return tagging(add=False)


@bp.route("/cgi-bin/tags/getidlist", methods=["GET", "POST"])
def tag_ids() -> Response:
    w = world()
    user = existing(w, body_json().get("openid"))
    return answer({"tagid_list": tags_of(w, user["openid"])})


@bp.route("/cgi-bin/user/tag/get", methods=["GET", "POST"])
def tagged() -> Response:
    w, body = world(), body_json()
    rows = w.store.all(
        "SELECT openid FROM user_tags WHERE tag_id = ? AND openid > ? ORDER BY openid",
        (own_tag(w, body.get("tagid")), str(body.get("next_openid") or "")),
    )
    found = [row["openid"] for row in rows]
    return answer({"count": len(found), "data": {"openid": found}, "next_openid": found[-1] if found else ""})
