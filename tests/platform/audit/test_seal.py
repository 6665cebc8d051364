"""Audit: what was sealed cannot be changed unnoticed."""

import threading

import psycopg
import pytest

from app.kit import db
from app.platform.audit import jobs, queries, service

KEY = b"k" * 32


def note(count=1):
    with db.unit_of_work() as session:
        service.record_all(
            session, by=None, deeds=[service.Deed("a", "thing", number) for number in range(count)]
        )


def seal():
    with db.unit_of_work() as session:
        return service.seal(session, KEY)


def problems(**options):
    with db.unit_of_work() as session:
        return [finding.problem for finding in service.verify(session, KEY, **options)]


@pytest.fixture
def tamper(admin_dsn):
    """Somebody with the administrator's rights, past the triggers."""

    def run(stmt):
        with psycopg.connect(admin_dsn, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(stmt)

    return run


def test_it_works(app):
    note(3)
    assert seal() == 3
    assert seal() == 0
    note(2)
    assert seal() == 2
    assert problems() == []
    with db.unit_of_work() as session:
        assert queries.seal_state(session).unsealed == 0


@pytest.mark.parametrize(
    "stmt",
    [
        "UPDATE audit_entries SET actor_person_id = 99 WHERE id = (SELECT min(id) FROM audit_entries)",
        "UPDATE audit_entries SET at = at + interval '1 hour' WHERE id = (SELECT max(id) FROM audit_entries)",
        "DELETE FROM audit_entries WHERE id = (SELECT min(id) FROM audit_entries)",
        "UPDATE audit_seals SET hash = repeat('a', 64) WHERE id = (SELECT min(id) FROM audit_seals)",
        "DELETE FROM audit_seals WHERE id = (SELECT min(id) FROM audit_seals)",
    ],
)
def test_a_changed_or_missing_row_is_found(app, tamper, stmt):
    for _ in range(3):
        note(2)
        seal()
    tamper(stmt)
    assert problems()


def leave_a_gap():
    with db.unit_of_work() as session:
        service.record(session, by=None, action="a", object_type="thing", object_id=1)
        raise RuntimeError


def test_a_row_slipped_in_is_found(app, tamper):
    note(1)
    with pytest.raises(RuntimeError):
        leave_a_gap()
    note(1)
    seal()
    assert problems() == []
    tamper(
        "INSERT INTO audit_entries (id, at, action, object_type, object_id, fields)"
        " SELECT max(id) - 1, now(), 'x', 'y', '1', '[]' FROM audit_entries"
    )
    assert problems()


def test_a_cut_off_end_is_found_by_the_anchor(app, tamper):
    note(2)
    seal()
    note(2)
    seal()
    with db.unit_of_work() as session:
        head = queries.seal_state(session).head
    assert problems(anchor=head) == []
    tamper("DELETE FROM audit_entries WHERE id > (SELECT min(to_id) FROM audit_seals)")
    tamper("DELETE FROM audit_seals WHERE id = (SELECT max(id) FROM audit_seals)")
    assert problems() == []
    assert problems(anchor=head)


def test_another_key_does_not_verify(app):
    note()
    seal()
    with db.unit_of_work() as session:
        assert service.verify(session, b"x" * 32)


def test_rows_that_commit_out_of_order_are_all_sealed(app):
    """An earlier id whose transaction is still open holds the seal back instead of being skipped."""
    written, finish = threading.Event(), threading.Event()

    def slow_writer():
        with db.unit_of_work() as session:
            service.record(session, by=None, action="slow", object_type="thing", object_id=1)
            written.set()
            finish.wait(10)

    writer = threading.Thread(target=slow_writer)
    writer.start()
    written.wait(10)
    note(1)  # a later id, committed first
    assert seal() == 0
    finish.set()
    writer.join()
    assert seal() == 2
    assert problems() == []


def test_two_sealers_at_once_make_one_chain(app):
    note(50)
    barrier = threading.Barrier(4)

    def run():
        barrier.wait()
        seal()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems() == []
    with db.unit_of_work() as session:
        assert queries.seal_state(session).unsealed == 0


def test_the_schedule_seals_everything_in_batches(app):
    note(service.BATCH + 5)
    jobs.seal_entries(clients=None)
    assert problems() == []
    with db.unit_of_work() as session:
        assert queries.seal_state(session).unsealed == 0


def test_the_command_says_whether_the_record_is_whole(app, tamper):
    note(2)
    jobs.seal_entries(clients=None)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    tamper("UPDATE audit_entries SET action = 'other'")
    answer = runner.invoke(args=["audit", "verify"])
    assert answer.exit_code == 1
    assert "changed" in answer.output
