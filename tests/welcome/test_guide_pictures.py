"""Pictures of guides: sent from the desk's editor, shown below the text."""

import io

import pytest
from sqlalchemy import select

from app.kit import db, outbox
from app.platform.identity import service as identity
from app.welcome.models import Article
from tests import visit
from tests.platform.files.pictures import encoded, scene
from tests.platform.files.test_attachments import PDF

DESK, PHONE = "/desk/welcome/guides/", "/m/welcome/guides/"


@pytest.fixture
def editor(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.administrator")
    return visit.desk(app, intake.campus.zheng)


def upload(client, surface="desk") -> str:
    data = {"photo": (io.BytesIO(encoded(scene())), "map.jpg")}
    answer = client.post("/files/photos", data=data, headers=visit.csrf(client, surface))
    return answer.json["id"]


def save(client, *photos, once="one", **more):
    data = {
        "key": "maps",
        "category": "travel",
        "title": "校园地图",
        "body": "从东门进。",
        "shows_on": "2026-11-01",
        "photo_ids": list(photos),
    } | more
    return client.post(DESK, data=data, headers=visit.csrf(client, "desk") | {"Idempotency-Key": once})


def photo_count() -> int:
    with db.unit_of_work() as session:
        return len(session.scalars(select(Article.photo_ids)).one())


def test_it_works(app, intake, editor, zhou):
    assert 'data-photos="photo_ids"' in editor.get(DESK + "new").text
    assert save(editor, upload(editor)).status_code == 303
    outbox.drain(clients=app.extensions["clients"], seconds=20)
    form = {"published": "1", "shows_on": "2026-11-01"}
    editor.post(DESK + "maps/schedule", data=form, headers=visit.csrf(editor, "desk"))
    page = zhou.get(PHONE + "maps").text
    assert page.count("/files/photos/") == 2
    link = page.split('<img src="')[1].split('"')[0].replace("&amp;", "&")
    assert zhou.get(link).mimetype == "image/jpeg"


def test_a_new_version_adds_pictures_and_one_is_taken_off(editor):
    save(editor, upload(editor))
    data = {"title": "校园地图", "body": "从西门进。", "seen": "1", "photo_ids": [upload(editor)]}
    headers = visit.csrf(editor, "desk") | {"Idempotency-Key": "two"}
    assert editor.post(DESK + "maps", data=data, headers=headers).status_code == 303
    assert photo_count() == 2
    page = editor.get(DESK + "maps").text
    drop = page.split('formaction="')[-1].split('"')[0] if "formaction" in page else None
    drop = drop or next(part.split('"')[0] for part in page.split('action="') if "/photos/" in part[:80])
    assert editor.post(drop, headers=visit.csrf(editor, "desk")).status_code == 303
    assert photo_count() == 1


def test_a_form_that_is_shown_again_keeps_what_was_sent(editor):
    photo = upload(editor)
    answer = save(editor, photo, title="")
    assert answer.status_code == 422
    assert f'name="photo_ids" value="{photo}"' in answer.text


def test_anothers_picture_and_a_tenth_are_refused(editor, zhou):
    theirs = save(editor, upload(zhou, "phone"))
    assert theirs.status_code == 422
    assert save(editor, *[upload(editor) for _ in range(10)], once="two").status_code == 422
    with db.unit_of_work() as session:
        assert session.scalars(select(Article.id)).all() == []


def attach(client, name="报到须知.pdf", surface="desk") -> str:
    data = {"file": (io.BytesIO(PDF), name)}
    return client.post("/files/attachments", data=data, headers=visit.csrf(client, surface)).json["id"]


def test_attachments_are_shown_fetched_and_taken_off(app, intake, editor, zhou):
    assert 'data-attachments="attachment_ids"' in editor.get(DESK + "new").text
    first, second = attach(editor), attach(editor, "地图.pdf")
    assert save(editor, attachment_ids=[first, second]).status_code == 303
    form = {"published": "1", "shows_on": "2026-11-01"}
    editor.post(DESK + "maps/schedule", data=form, headers=visit.csrf(editor, "desk"))
    page = zhou.get(PHONE + "maps").text
    assert page.index("报到须知.pdf") < page.index("地图.pdf")
    link = "/files/attachments/" + page.split('href="/files/attachments/')[1].split('"')[0].replace(
        "&amp;", "&"
    )
    assert zhou.get(link).data == PDF
    drop = f"{DESK}maps/attachments/{first}/drop"
    for _ in range(2):
        assert editor.post(drop, headers=visit.csrf(editor, "desk")).status_code == 303
    page = zhou.get(PHONE + "maps").text
    assert "报到须知.pdf" not in page and "地图.pdf" in page
    assert zhou.get(link).status_code == 404


def test_a_sixth_attachment_and_anothers_are_refused_and_the_form_keeps_the_rest(editor, zhou):
    own = [attach(editor) for _ in range(6)]
    answer = save(editor, attachment_ids=own)
    assert answer.status_code == 422
    assert f'name="attachment_ids" value="{own[0]}"' in answer.text
    assert save(editor, attachment_ids=[attach(zhou, surface="phone")], once="two").status_code == 422
