"""Attachments: whole PDFs only, private, fetched by a link that expires, gone when nobody wants them."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.files import flows, queries, service
from app.platform.files.errors import AttachmentNotUsable
from app.platform.files.models import Attachment
from tests import visit

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
BAD = {
    "nothing": b"",
    "a page": b"<html><script>alert(1)</script></html>",
    "a page that begins as one": b"%PDF-1.7\n<script>alert(1)</script>",
    "a program": b"MZ\x90\x00%%EOF",
    "too large": PDF[:-6] + b" " * flows.MOST_ATTACHED + b"%%EOF\n",
}


@pytest.fixture
def desk(app, campus):
    return visit.desk(app, campus.zhao)


def send(client, content=PDF, name="报到须知.pdf"):
    headers = visit.csrf(client, "desk") | {"Accept": "application/json"}
    return client.post("/files/attachments", data={"file": (io.BytesIO(content), name)}, headers=headers)


def storage(app):
    return app.extensions["clients"].storage


def claim(by: int, *public_ids: str) -> list[int]:
    with db.unit_of_work() as session:
        return service.claim_attachments(
            session, by=Caller(by), public_ids=public_ids, object_type="thing", object_id="1"
        )


def link(ids: list[int]):
    with db.unit_of_work() as session:
        return queries.attachment_links(session, ids)[0]


def test_it_works(app, campus, desk):
    answer = send(desk)
    assert answer.status_code == 201
    found = link(claim(campus.zhao, answer.json["id"]))
    assert (found.name, found.bytes) == ("报到须知.pdf", len(PDF))
    got = app.test_client().get(found.url)
    assert (got.data, got.mimetype) == (PDF, "application/pdf")
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_what_is_no_pdf_is_refused_and_nothing_is_kept(app, desk, content):
    answer = send(desk, content)
    assert answer.status_code == 422
    assert answer.json["error"]["code"] == "files.attachment_refused"
    with db.unit_of_work() as session:
        assert session.scalars(select(Attachment.id)).all() == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("", "file.pdf"),
        ("x.PDF", "x.pdf"),
    ],
)
def test_a_name_is_only_a_name(desk, name, kept):
    send(desk, name=name or "\u200b")
    with db.unit_of_work() as session:
        assert session.scalars(select(Attachment.name)).one() == kept


def test_a_link_expires_and_can_not_be_forged(app, campus, desk):
    found = link(claim(campus.zhao, send(desk).json["id"]))
    client = app.test_client()
    assert client.get(f"/files/attachments/{found.public_id}").status_code == 404
    assert client.get(found.url.replace("s=", "s=0")).status_code == 404
    photo = found.url.replace("/attachments/", "/photos/").replace("?", "/file?")
    assert client.get(photo).status_code == 404
    clock.advance(timedelta(minutes=31))
    assert client.get(found.url).status_code == 404


def test_only_ones_own_free_ones_are_claimed_all_or_none(app, campus, desk):
    first, second = send(desk).json["id"], send(desk).json["id"]
    with pytest.raises(AttachmentNotUsable):
        claim(campus.chen, first)
    claim(campus.zhao, first)
    with pytest.raises(AttachmentNotUsable):
        claim(campus.zhao, second, first)
    assert claim(campus.zhao, second)


def test_what_nobody_wants_goes_with_its_file(app, campus, desk):
    kept, free = send(desk).json["id"], send(desk).json["id"]
    ids = claim(campus.zhao, kept)
    clock.advance(timedelta(hours=25))
    assert flows.sweep(storage=storage(app)) == 1
    assert storage(app).exists(flows.attachment_key(kept))
    assert not storage(app).exists(flows.attachment_key(free))
    url = link(ids).url
    with db.unit_of_work() as session:
        service.discard_attachments(session, attachment_ids=ids)
    assert app.test_client().get(url).status_code == 404
    assert flows.sweep(storage=storage(app)) == 1
    assert not storage(app).exists(flows.attachment_key(kept))


def test_the_name_of_what_is_gone_is_gone(campus, desk):
    kept, free = (send(desk, name=f"诊断证明{n}.pdf").json["id"] for n in range(2))
    ids = claim(campus.zhao, kept)

    def names():
        with db.unit_of_work() as session:
            stored = session.scalars(select(Attachment.name).order_by(Attachment.id)).all()
            given = queries.export_person(session, person_id=campus.zhao)["attachments"]
        return stored, [one["name"] for one in given]

    assert names() == (["诊断证明0.pdf", "诊断证明1.pdf"], ["诊断证明0.pdf", "诊断证明1.pdf"])
    clock.advance(timedelta(hours=25))
    with db.unit_of_work() as session:
        service.discard_orphan_attachments(session)
    assert names() == (["诊断证明0.pdf", "file.pdf"], ["诊断证明0.pdf"])
    with db.unit_of_work() as session:
        service.discard_attachments(session, attachment_ids=ids)
    assert names() == (["file.pdf", "file.pdf"], [])


def test_who_is_erased_leaves_no_names_of_files_that_belong_to_nothing(campus, desk):
    send(desk, name="诊断证明.pdf")
    with db.unit_of_work() as session:
        service.erase_person(session, by=None, person_id=campus.zhao)
    with db.unit_of_work() as session:
        assert session.scalars(select(Attachment.name)).all() == ["file.pdf"]
