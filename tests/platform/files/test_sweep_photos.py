"""What nobody claimed goes after a day; what is deleted leaves no file; a killed worker starts again."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from app.clients.storage import StorageError
from app.kit import clock, db, failpoint, outbox
from app.kit.module import InTransaction, Module, Registry
from app.platform.files import flows, jobs, queries, service
from app.platform.files.events import PhotoReceived, PhotoRefused
from app.platform.files.manifest import module
from tests.platform.files import pictures
from tests.platform.files.test_claim_photos import claim


@pytest.fixture
def sweep(app):
    return lambda: flows.sweep(storage=app.extensions["clients"].storage)


def test_it_works(li, work, row, sweep, stored):
    kept, orphan, waiting = (li.sent(pictures.jpeg((60 + n, 60))) for n in range(3))
    work()
    claim(li, kept)
    clock.advance(timedelta(hours=23, minutes=59))
    assert sweep() == 0
    clock.advance(timedelta(minutes=2))
    assert sweep() == 2
    assert [row(p).status for p in (kept, orphan, waiting)] == ["ready", "deleted", "deleted"]
    assert len(stored()) == 2
    assert all(kept in name for name in stored())
    assert sweep() == 0


def test_rows_of_orphans_go_a_month_later(li, sweep, app):
    li.sent(pictures.jpeg())
    clock.advance(timedelta(hours=25))
    sweep()
    clock.advance(timedelta(days=31))
    sweep()
    with db.unit_of_work() as session:
        assert queries.export_person(session, person_id=li.person_id)["photos"] == []


def test_an_upload_that_broke_off_leaves_nothing(li, row, sweep, stored):
    failpoint.configure("files.stored=raise")
    assert li.send(pictures.jpeg()).status_code == 500
    failpoint.configure("")
    assert len(stored()) == 1
    clock.advance(timedelta(hours=1, minutes=1))
    assert sweep() == 1
    assert stored() == []


def test_the_second_copy_under_one_key_is_swept(li, sweep, stored):
    for _ in range(2):
        li.send(pictures.jpeg(), **{"Idempotency-Key": "k1"})
    assert len(stored()) == 2
    assert sweep() == 1
    assert len(stored()) == 1


def test_whoever_claimed_a_refused_photo_hears_of_it(li, work, app):
    heard = []
    listener = Module(
        key="test",
        title="",
        subscriptions=(InTransaction(PhotoRefused, lambda session, event: heard.append(event)),),
    )
    outbox.load_registry(Registry((module, listener)))
    try:
        photo = li.sent(pictures.jpeg()[:3000])
        claim(li, photo)
        work()
        work()
    finally:
        outbox.load_registry(app.extensions["registry"])
    assert [(e.public_id, e.reason, e.object_type, e.object_id) for e in heard] == [
        (photo, "not_a_photo", "repairs.ticket", "rep_1")
    ]


@pytest.mark.parametrize("place", ["files.decoded", "files.ready"])
def test_decoding_again_after_a_crash_changes_nothing(li, row, app, stored, work, place):
    public_id = li.sent(pictures.jpeg())
    failpoint.configure(f"{place}=raise")
    work()
    failpoint.configure("")
    assert f"originals/{public_id}" in stored()
    clock.advance(timedelta(minutes=5))
    assert work() == 1
    assert row(public_id).status == "ready"
    assert len(stored()) == 2
    event = PhotoReceived(row(public_id).id)
    jobs.on_photo_received(event, clients=app.extensions["clients"])
    assert (row(public_id).status, len(stored())) == ("ready", 2)


DRAIN = """
import os
from app.factory import create_app
from app.kit import outbox
app = create_app()
outbox.drain(clients=app.extensions["clients"], seconds=20)
"""


@pytest.mark.thorough
@pytest.mark.parametrize("place", ["files.decoded", "files.ready"])
def test_a_killed_worker_is_replaced_and_the_photo_is_made_once(li, row, stored, work, environment, place):
    public_id = li.sent(pictures.jpeg())
    outbox_moment = clock.now()
    clock.write_offset(environment["CLOCK_OFFSET_FILE"], outbox_moment - clock.datetime.now(clock.UTC))
    killed = subprocess.run(
        [sys.executable, "-c", DRAIN],
        env=os.environ | environment | {"FAILPOINTS": f"{place}=kill"},
        cwd=os.getcwd(),
        capture_output=True,
    )
    os.unlink(environment["CLOCK_OFFSET_FILE"])
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert f"originals/{public_id}" in stored()
    clock.advance(timedelta(minutes=5))
    assert work() == 1
    assert row(public_id).status == "ready"
    assert len(stored()) == 2


def test_a_picture_that_kills_workers_is_given_up(li, row, work, stored):
    public_id = li.sent(pictures.jpeg())
    for _ in range(flows.MAX_TRIES):
        with db.unit_of_work() as session:
            service.begin_decoding(session, photo_id=row(public_id).id)
    work()
    assert (row(public_id).status, row(public_id).error) == ("refused", "too_heavy")
    assert stored() == []


def test_a_lost_original_is_refused(li, row, work, storage):
    public_id = li.sent(pictures.jpeg())
    storage.delete(flows.original_key(public_id))
    work()
    assert row(public_id).error == "lost"


def test_a_photo_deleted_while_it_is_decoded_leaves_no_file(li, row, stored, sweep, storage):
    public_id = li.sent(pictures.jpeg())
    photo_id = row(public_id).id
    decoded = flows._decode(public_id, 1, storage)
    with db.unit_of_work() as session:
        service.discard_photos(session, photo_ids=[photo_id])
    sweep()
    flows._keep(photo_id, public_id, decoded, storage)
    assert stored() == []
    assert row(public_id).status == "deleted"


def test_erasing_a_person_takes_the_photos_along(li, chen, row, work, sweep, stored, app):
    mine, hers = li.sent(pictures.jpeg()), chen.sent(pictures.jpeg((70, 70)))
    claim(li, mine)
    work()
    with db.unit_of_work() as session:
        exported = queries.export_person(session, person_id=li.person_id)["photos"]
        service.erase_person(session, by=None, person_id=li.person_id)
    assert [(p["id"], p["object"]) for p in exported] == [(mine, "repairs.ticket:rep_1")]
    sweep()
    assert (row(mine).status, row(hers).status) == ("deleted", "ready")
    assert all(hers in name for name in stored())


def test_merged_people_keep_their_photos(li, chen, row):
    photo = li.sent(pictures.jpeg())
    with db.unit_of_work() as session:
        service.merge_person(session, from_id=li.person_id, into_id=chen.person_id)
    assert claim(chen, photo) == [row(photo).id]


def test_a_full_disk_is_said_in_words(li, storage, stored, row):
    root, storage._root = storage._root, storage._root / "a file, not a folder"
    root.mkdir(exist_ok=True)
    storage._root.write_text("")
    try:
        answer = li.send(pictures.jpeg())
    finally:
        storage._root.unlink()
        storage._root = root
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "files.storage_failed")
    with pytest.raises(StorageError):
        storage.open("originals/none")
