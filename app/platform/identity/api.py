"""Identity over JSON: who am I, and where am I signed in."""

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from app.kit.db import unit_of_work
from app.kit.errors import NotFound
from app.kit.http import SIGNED_IN, caller, csrf_token, permit
from app.platform.directory import queries as directory
from app.platform.identity import queries, service
from app.platform.identity.schemas import MeOut, RevokedOut, SessionsOut

api = Blueprint("identity_api", __name__, url_prefix="/api/v1/me", description="身份：我是谁、在哪里登录")


@api.route("", methods=["GET"])
@permit(SIGNED_IN)
@api.response(200, MeOut)
def me() -> dict[str, Any]:
    """The caller, what they may do, and the token that changes need."""
    who = caller()
    with unit_of_work() as session:
        person = directory.person(session, who.person_id)
    return {
        "person": person,
        "surface": who.surface,
        "grants": [asdict(grant) for grant in who.grants],
        "csrf_token": csrf_token(),
    }


@api.route("/sessions", methods=["GET"])
@permit(SIGNED_IN)
@api.response(200, SessionsOut)
def sessions() -> dict[str, Any]:
    """The caller's open sessions."""
    who = caller()
    with unit_of_work() as session:
        mine = queries.open_sessions(session, who.person_id)
    return {"items": [asdict(one) | {"is_current": one.id == who.session_id} for one in mine]}


@api.route("/sessions/<int:session_id>", methods=["DELETE"])
@permit(SIGNED_IN)
@api.response(200, RevokedOut)
def revoke_session(session_id: int) -> dict[str, int]:
    """End one of the caller's sessions."""
    with unit_of_work() as session:
        if not service.revoke_session(session, by=caller(), session_id=session_id):
            raise NotFound()
    return {"revoked": 1}


@api.route("/sessions", methods=["DELETE"])
@permit(SIGNED_IN)
@api.response(200, RevokedOut)
def revoke_other_sessions() -> dict[str, int]:
    """End all of the caller's sessions but this one."""
    who = caller()
    with unit_of_work() as session:
        ended = service.revoke_all(session, by=who, person_id=who.person_id, except_id=who.session_id)
    return {"revoked": ended}
