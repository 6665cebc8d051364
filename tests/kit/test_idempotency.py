"""kit.idempotency: the same request twice has one effect and gets the same answer."""

import threading
import time

import pytest
from sqlalchemy import text

from app.kit import db, idempotency
from app.kit.errors import DomainError
from app.kit.idempotency import Answer


def ask(key="k1", owner="person:1", fingerprint="f", work=None):
    with db.unit_of_work() as session:
        return idempotency.once(
            session, owner=owner, key=key, fingerprint=fingerprint, work=work or counted(session)
        )


def counted(session):
    def work():
        session.execute(
            text(
                "INSERT INTO external_events (source, external_id, payload, received_at) "
                "VALUES ('t', gen_random_uuid()::text, '{}', now())"
            )
        )
        return Answer(201, '{"number": 1}', {"Location": "/x"})

    return work


def effects():
    with db.unit_of_work() as session:
        return session.execute(text("SELECT count(*) FROM external_events")).scalar()


def test_it_works(app):
    first, second = ask(), ask()
    assert (first.status, first.body, first.headers) == (second.status, second.body, second.headers)
    assert (first.is_replay, second.is_replay) == (False, True)
    assert effects() == 1


def test_two_people_may_use_the_same_key(app):
    ask(owner="person:1")
    ask(owner="person:2")
    assert effects() == 2


def test_another_request_under_the_same_key_is_refused(app):
    ask()
    with pytest.raises(DomainError) as refused:
        ask(fingerprint="other")
    assert refused.value.code == "kit.key_reused"


@pytest.mark.parametrize("key", ["", "x" * 101])
def test_a_missing_or_endless_key_is_refused(app, key):
    with pytest.raises(DomainError) as refused:
        ask(key=key)
    assert refused.value.code == "kit.key_missing"


def test_a_failed_try_leaves_the_key_free(app):
    def fails():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ask(work=fails)
    assert not ask().is_replay


def test_twins_at_once_have_one_effect(app):
    barrier, answers = threading.Barrier(7), []

    def run():
        barrier.wait()
        answers.append(ask())

    threads = [threading.Thread(target=run) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert effects() == 1
    assert len({answer.body for answer in answers}) == 1
    assert sum(not answer.is_replay for answer in answers) == 1


def test_a_twin_that_waits_too_long_is_told_to_look_later(app):
    working = threading.Event()

    def slow():
        working.set()
        time.sleep(3)
        return Answer(201, "{}")

    thread = threading.Thread(target=lambda: ask(work=slow))
    thread.start()
    working.wait()
    started = time.monotonic()
    with pytest.raises(DomainError) as refused:
        ask()
    assert refused.value.code == "kit.still_working"
    assert time.monotonic() - started < 2.9
    thread.join()
    assert ask().is_replay
