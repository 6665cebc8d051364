"""Use-cases of identity: links, binding, sessions, passwords, roles, round trips, invitations."""

from app.platform.identity.service.binding import bind, close_wechat, merge_person, release_wechat, unbind
from app.platform.identity.service.invitations import (
    accept_invitation,
    invitation_for,
    invite,
    revoke_invitation,
)
from app.platform.identity.service.links import note_follow, person_for_openid
from app.platform.identity.service.passwords import change_password, set_password
from app.platform.identity.service.retention import erase_person, export_person, forget_old
from app.platform.identity.service.roles import grant_role, revoke_role
from app.platform.identity.service.sessions import (
    NewSession,
    open_session,
    prove,
    revoke_all,
    revoke_session,
    revoke_token,
    touch,
)
from app.platform.identity.service.sso import person_of_sso

__all__ = [
    "NewSession",
    "accept_invitation",
    "bind",
    "change_password",
    "close_wechat",
    "erase_person",
    "export_person",
    "forget_old",
    "grant_role",
    "invitation_for",
    "invite",
    "merge_person",
    "note_follow",
    "open_session",
    "person_for_openid",
    "person_of_sso",
    "prove",
    "release_wechat",
    "revoke_all",
    "revoke_invitation",
    "revoke_role",
    "revoke_session",
    "revoke_token",
    "set_password",
    "touch",
    "unbind",
]
