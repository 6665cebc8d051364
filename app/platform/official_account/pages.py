"""Pages of the official account: follow by QR, signatures for WeChat's script, proof of the domain."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from app.kit import limits
from app.kit.db import unit_of_work
from app.kit.errors import NotFound
from app.kit.http import PUBLIC, SIGNED_IN, caller, permit
from app.kit.qr import svg_uri
from app.platform.identity import queries as identity
from app.platform.official_account import flows
from app.platform.official_account.errors import WeChatAway

pages = Blueprint("official_account", __name__)

_REFERENCE = re.compile(r"([a-z]{2,8})_[0-9a-z]{20}")
_PROOF = re.compile(r"[A-Za-z0-9]{8,64}")


@pages.get("/m/follow")
@permit(SIGNED_IN)
def follow() -> str:
    """An offer, never a condition. `for` is the public id of what the person wants to hear about."""
    person_id = caller().person_id
    limits.hit("follow_page", str(person_id), limit=30, seconds=60)
    with unit_of_work() as session:
        found = identity.openid_of(session, person_id)
    if found is not None and found.is_following:
        return render_template("official_account/follow.html", is_following=True, picture="")
    about = _REFERENCE.fullmatch(request.args.get("for", ""))
    kind, reference = (about.group(1), about.group()) if about else ("follow", "")
    try:
        url = flows.scene_url(kind, reference, clients=_clients())
    except WeChatAway:
        url = ""
    picture = svg_uri(url) if url else ""
    return render_template("official_account/follow.html", is_following=False, picture=picture)


@pages.get("/m/js-signature")
@permit(SIGNED_IN)
def js_signature() -> Response:
    """What `wx.config` needs for the page at `url`, as the browser shows it."""
    limits.hit("js_signature", str(caller().person_id), limit=60, seconds=60)
    signed = flows.sign_page(request.args.get("url", "")[:2000], clients=_clients())
    return jsonify(
        appId=signed.appid, timestamp=signed.timestamp, nonceStr=signed.nonce, signature=signed.signature
    )


@pages.get("/MP_verify_<proof>.txt")
@permit(PUBLIC)
def verify_file(proof: str) -> Response:
    """The file by which WeChat sees that the domain is ours."""
    content = current_app.config["WECHAT_VERIFY_FILES"].get(f"MP_verify_{proof}.txt")
    if not _PROOF.fullmatch(proof) or content is None:
        raise NotFound()
    return Response(content, mimetype="text/plain")


def _clients() -> Any:
    return current_app.extensions["clients"]
