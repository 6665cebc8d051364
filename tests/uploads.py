"""An office's list from the upload to the yes, in a browser of the tests."""

import io

from sqlalchemy import select

from app.kit import db, outbox
from app.platform.directory.models import Import
from tests import visit


def work(app) -> None:
    """The worker's turn."""
    with app.app_context():
        outbox.drain(clients=app.extensions["clients"], seconds=20)


def send(app, client, page: str, file: io.BytesIO, **form) -> str:
    """Upload and have it looked at; the page's address."""
    answer = client.post(
        page,
        data={"file": (file, "名单.xlsx")} | form,
        headers=visit.csrf(client, "desk"),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.text
    work(app)
    return answer.headers["Location"]


def say_yes(app, client, url: str) -> int:
    status = client.post(f"{url}/confirm", headers=visit.csrf(client, "desk")).status_code
    work(app)
    return status


def counts() -> dict[str, int]:
    """The figures of the newest."""
    with db.unit_of_work() as session:
        return dict(session.scalars(select(Import.counts).order_by(Import.id.desc())).first() or {})
