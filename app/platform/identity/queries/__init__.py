"""Reads about identity: who holds a permission, whose openid is it, which sessions are open."""

from app.platform.identity.queries.invitations import TeamInCare, teams_in_care
from app.platform.identity.queries.links import (
    LinkOfSession,
    OpenId,
    link_id_of_openid,
    link_of_person,
    link_of_session,
    links_of_people,
    openid_of,
    person_of_openid,
)
from app.platform.identity.queries.places import DescribedRole, described_roles, grantable_places
from app.platform.identity.queries.presence import is_present
from app.platform.identity.queries.roles import (
    GrantedRole,
    grant_of,
    granted_roles,
    grants_of,
    has_any_role,
    known_roles,
    load_registry,
    people_with,
    titles_of,
)
from app.platform.identity.queries.sessions import OpenSession, open_sessions

__all__ = [
    "DescribedRole",
    "GrantedRole",
    "LinkOfSession",
    "OpenId",
    "OpenSession",
    "TeamInCare",
    "described_roles",
    "grant_of",
    "grantable_places",
    "granted_roles",
    "grants_of",
    "has_any_role",
    "is_present",
    "known_roles",
    "link_id_of_openid",
    "link_of_person",
    "link_of_session",
    "links_of_people",
    "load_registry",
    "open_sessions",
    "openid_of",
    "people_with",
    "person_of_openid",
    "teams_in_care",
    "titles_of",
]
