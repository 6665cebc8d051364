"""A signed-in phone that sends pictures, and the worker that decodes them."""

import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from app.kit import db, outbox
from app.kit.caller import Caller
from app.platform.files.models import Photo
from app.platform.identity import service as identity


@dataclass
class Phone:
    """One person's browser. `send` answers the response, `photo` the row behind a public id."""

    app: Any
    person_id: int
    client: Any
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "application/json"})

    @property
    def caller(self) -> Caller:
        return Caller(self.person_id, surface="phone")

    def send(self, content: bytes, *, name: str = "photo.jpg", **headers: str) -> Any:
        return self.client.post(
            "/files/photos",
            data={"photo": (io.BytesIO(content), name)},
            headers=self.headers | {"X-CSRF-Token": self.csrf} | headers,
        )

    def sent(self, content: bytes) -> str:
        """The public id of a picture that was accepted."""
        answer = self.send(content)
        assert answer.status_code == 201, answer.text
        return answer.json["id"]


@pytest.fixture
def phone_of(app):
    def sign_in(person_id: int) -> Phone:
        with db.unit_of_work() as session:
            opened = identity.open_session(session, person_id=person_id, surface="phone", is_proved=True)
        client = app.test_client()
        client.set_cookie(f"wl_m_{app.config['COOKIE_SUFFIX']}", opened.token)
        with client:
            client.get("/files/photos/none/thumb")
            with app.test_request_context(
                "/files/", headers={"Cookie": f"wl_m_{app.config['COOKIE_SUFFIX']}={opened.token}"}
            ):
                app.preprocess_request()
                csrf = app.jinja_env.globals["csrf_token"]()
        return Phone(app, person_id, client, csrf)

    return sign_in


@pytest.fixture
def li(campus, phone_of) -> Phone:
    return phone_of(campus.li)


@pytest.fixture
def chen(campus, phone_of) -> Phone:
    return phone_of(campus.chen)


@pytest.fixture
def storage(app):
    return app.extensions["clients"].storage


@pytest.fixture
def work(app):
    """Deliver all events that are due, as the worker does."""

    def drain() -> int:
        with app.app_context():
            return outbox.drain(clients=app.extensions["clients"], seconds=30)

    return drain


@pytest.fixture
def row():
    """The row of a photo by its public id."""

    def find(public_id: str) -> Any:
        with db.unit_of_work() as session:
            return session.execute(select(Photo.__table__).where(Photo.public_id == public_id)).one()

    return find


@pytest.fixture
def stored(storage):
    """Every file in storage, wherever it lies."""

    def names() -> list[str]:
        return sorted(str(p.relative_to(storage._root)) for p in storage._root.rglob("*") if p.is_file())

    for path in storage._root.rglob("*"):
        if path.is_file():
            path.unlink()
    return names
