"""People signed in on both faces."""

import pytest

from app.kit import db
from app.platform.identity import service as identity


@pytest.fixture
def sign_in(app, client):
    """A function that signs a person in on a face and gives the browser."""

    def enter(person_id: int, surface: str = "phone"):
        with db.unit_of_work() as session:
            opened = identity.open_session(session, person_id=person_id, surface=surface, is_proved=True)
        name = f"wl_{'d' if surface == 'desk' else 'm'}_{app.config['COOKIE_SUFFIX']}"
        client.set_cookie(name, opened.token)
        return client

    return enter
