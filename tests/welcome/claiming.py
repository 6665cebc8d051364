"""Phones inside WeChat that claim, and what they type."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.kit import db
from app.kit.caller import Caller
from app.platform.identity import queries as identity_queries
from app.platform.identity import service as identity
from app.welcome.models import Admission
from app.welcome.service import Given
from tests import visit
from tests.welcome.conftest import PEOPLE

CLAIM = "/m/welcome/claim/"


@dataclass(frozen=True)
class Handset:
    """A phone inside WeChat that stands for a visitor, with its session."""

    client: FlaskClient
    caller: Caller
    openid: str

    def post(self, path: str, **data: Any) -> Any:
        headers = visit.csrf(self.client) | data.pop("headers", {})
        return self.client.post(path, data=data, headers=headers)

    def claim(self, who: str = "he", **changes: str) -> Any:
        return self.post(CLAIM, **typed(who, **changes))

    @property
    def stands_for(self) -> int | None:
        with db.unit_of_work() as session:
            return identity_queries.person_of_openid(session, visit.APPID, self.openid)


def handset(app: Flask, openid: str = "o-stranger", *, address: str = "") -> Handset:
    """Signed in through WeChat; `address` is where it comes from."""
    with db.unit_of_work() as session:
        person_id = identity.person_for_openid(session, visit.APPID, openid)
        link_id = identity_queries.link_id_of_openid(session, visit.APPID, openid)
        new = identity.open_session(session, person_id=person_id, surface="phone", wechat_link_id=link_id)
    client = app.test_client()
    client.set_cookie(f"wl_m_{app.config['COOKIE_SUFFIX']}", new.token)
    if address:
        client.environ_base = {**client.environ_base, "REMOTE_ADDR": address}
    return Handset(client, Caller(person_id, surface="phone", session_id=new.id), openid)


def typed(who: str = "he", **changes: str) -> dict[str, str]:
    """What the right person would type, with changes."""
    known = PEOPLE[who]
    return {
        "profile": known["profile"],
        "name": known["name"],
        "number": known["number"],
        "last_six": known["document"][-6:],
        "way": "letter",
        "letter": known["letter"],
        "code": "",
    } | changes


def given(who: str = "he", **changes: str) -> Given:
    return Given(**typed(who, **changes))


def admission(person_id: int) -> Admission:
    with db.unit_of_work() as session:
        found = session.scalars(select(Admission).where(Admission.person_id == person_id)).one()
        session.expunge(found)
    return found
