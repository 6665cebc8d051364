"""claim_photos: one's own, free, not refused, and only once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.kit import db
from app.platform.files import queries, service
from app.platform.files.errors import PhotoNotUsable
from tests.platform.files import pictures


def claim(by, *public_ids, object_id="rep_1"):
    with db.unit_of_work() as session:
        return service.claim_photos(
            session, by=by.caller, public_ids=public_ids, object_type="repairs.ticket", object_id=object_id
        )


def test_it_works(li, row, work):
    first, second = li.sent(pictures.jpeg()), li.sent(pictures.jpeg((90, 90)))
    work()
    third = li.sent(pictures.jpeg((80, 80)))
    assert claim(li, third, first, second, first) == [row(p).id for p in (third, first, second)]
    assert row(first).object_id == "rep_1"
    assert claim(li) == []


def test_somebody_elses_photo_can_not_be_attached(li, chen, row):
    mine, theirs = li.sent(pictures.jpeg()), chen.sent(pictures.jpeg())
    with pytest.raises(PhotoNotUsable) as refused:
        claim(li, mine, theirs)
    assert refused.value.details == {"photos": [PhotoNotUsable.msgid]}
    assert row(mine).object_id is row(theirs).object_id is None


def test_a_photo_is_claimed_once(li, row):
    photo = li.sent(pictures.jpeg())
    claim(li, photo)
    with pytest.raises(PhotoNotUsable):
        claim(li, photo, object_id="rep_2")
    assert row(photo).object_id == "rep_1"


def test_of_two_claims_at_once_one_wins(li, row):
    photo = li.sent(pictures.jpeg())

    def attempt(n):
        try:
            return claim(li, photo, object_id=f"rep_{n}")
        except PhotoNotUsable:
            return None

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(attempt, range(12)))
    assert len([r for r in results if r]) == 1


def test_a_refused_photo_can_not_be_claimed(li, work):
    photo = li.sent(pictures.jpeg()[:3000])
    work()
    with pytest.raises(PhotoNotUsable):
        claim(li, photo)


def test_an_unknown_id_can_not_be_claimed(li):
    with pytest.raises(PhotoNotUsable):
        claim(li, "pho_00000000000000000000")


def test_a_form_shown_again_keeps_its_own_free_photos(li, chen):
    mine, claimed, theirs = li.sent(pictures.jpeg()), li.sent(pictures.jpeg()), chen.sent(pictures.jpeg())
    claim(li, claimed)
    with db.unit_of_work() as session:
        kept = queries.own_photos(
            session, person_id=li.person_id, public_ids=[theirs, claimed, mine, "pho_x"]
        )
    assert [photo.public_id for photo in kept] == [mine]
