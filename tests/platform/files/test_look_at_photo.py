"""GET /files/photos/…: the link is the permission, for a quarter of an hour."""

from datetime import timedelta

import pytest

from app.kit import clock, db
from app.platform.files import queries, service, signing
from tests.platform.files import pictures


@pytest.fixture
def urls(li, row):
    """Links to a photo that waits for the worker."""
    photo = row(li.sent(pictures.jpeg()))
    return lambda: links(photo.id)


def links(photo_id: int) -> queries.PhotoUrls:
    with db.unit_of_work() as session:
        return queries.photo_urls(session, [photo_id])[photo_id]


def test_it_works(urls, work, client):
    work()
    answer = client.get(urls().large)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=pho_")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"].startswith("private, max-age=")
    again = client.get(urls().large, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_before_it_is_ready_a_placeholder_stands_in(urls, client, work):
    assert not urls().is_ready
    answer = client.get(urls().thumb)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "处理中" in answer.text
    work()
    assert client.get(urls().thumb).mimetype == "image/jpeg"


def test_links_stay_the_same_for_a_while_and_expire(urls, client, work):
    work()
    url = urls().large
    clock.advance(timedelta(minutes=14))
    assert urls().large == url
    assert client.get(url).headers["Cache-Control"] == "private, max-age=960"
    clock.advance(timedelta(minutes=15))
    assert client.get(url).status_code == 200
    clock.advance(timedelta(minutes=2))
    assert client.get(url).status_code == 404
    assert client.get(urls().large).status_code == 200


def test_a_forged_link_shows_nothing(urls, work, client):
    work()
    url = urls().thumb
    for forged in (
        url.replace("/thumb?", "/large?"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.replace("e=", "e=9"),
        url.replace("e=", "e=٣"),
        url.replace("s=", "s=é"),
        url.split("&")[0],
        url.split("?")[0],
        url.split("?")[0] + "?e=99999999999&s=" + "0" * 40,
        url.replace("/thumb?", "/original?"),
        url.replace("/thumb?", "/..%2f..%2foriginals?"),
    ):
        assert client.get(forged, headers={"Accept": "application/json"}).status_code == 404, forged


def test_another_installation_signs_otherwise(urls, work, client, app):
    work()
    url = urls().thumb
    signing.configure("another secret, long enough to be one")
    try:
        assert client.get(url).status_code == 404
    finally:
        signing.configure(app.config["SECRET_KEY"])


def test_a_deleted_photo_is_gone_at_once(urls, work, client, li, row):
    work()
    url = urls().thumb
    public_id = url.split("/")[3]
    with db.unit_of_work() as session:
        assert service.discard_photos(session, photo_ids=[row(public_id).id]) == 1
    assert client.get(url).status_code == 404


def test_an_id_that_never_was_is_not_found(client, app):
    assert client.get(signing.photo_url("pho_00000000000000000000", "large")).status_code == 404


def test_links_come_in_the_order_asked_for(li, row, work):
    ids = [row(li.sent(pictures.jpeg((50 + n, 50)))).id for n in range(3)]
    with db.unit_of_work() as session:
        assert list(queries.photo_urls(session, [ids[2], ids[0], 999, ids[1]])) == [ids[2], ids[0], ids[1]]
        assert queries.photo_urls(session, []) == {}
