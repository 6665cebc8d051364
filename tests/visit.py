"""Browsers of the tests that are signed in: `desk(app, person_id)`, `phone(app, openid)`."""

from flask import Flask
from flask.testing import FlaskClient

from app.kit import db
from app.platform.identity import service

APPID = "wx1234567890abcdef"


def desk(app: Flask, person_id: int) -> FlaskClient:
    """A browser with a console session of this person."""
    with db.unit_of_work() as session:
        new = service.open_session(session, person_id=person_id, surface="desk", is_proved=True)
    client = app.test_client()
    client.set_cookie(f"wl_d_{app.config['COOKIE_SUFFIX']}", new.token)
    return client


def phone(app: Flask, person_id: int | None = None, openid: str = "o-of-the-tests") -> FlaskClient:
    """A phone inside WeChat; its openid stands for this person, or for a new visitor."""
    with db.unit_of_work() as session:
        if person_id is None:
            person_id = service.person_for_openid(session, APPID, openid)
        new = service.open_session(session, person_id=person_id, surface="phone")
    client = app.test_client()
    client.set_cookie(f"wl_m_{app.config['COOKIE_SUFFIX']}", new.token)
    return client


def csrf(client: FlaskClient, surface: str = "phone") -> dict[str, str]:
    """The header that a page's form would send."""
    headers = {"X-Surface": surface}
    answer = client.get("/api/v1/me", headers=headers)
    return headers | {"X-CSRF-Token": answer.json["csrf_token"]}
