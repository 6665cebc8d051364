"""Every openid has a person, exactly one, however many ask at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import text

from app.kit import clock, db
from app.platform.identity import queries, service

APPID = "wx1234567890abcdef"


def person(openid="o1"):
    with db.unit_of_work() as session:
        return service.person_for_openid(session, APPID, openid)


def test_it_works(app):
    first = person()
    assert person() == first
    assert person("o2") != first
    with db.unit_of_work() as session:
        assert queries.person_of_openid(session, APPID, "o1") == first
        assert queries.person_of_openid(session, "wx-other", "o1") is None
        assert queries.openid_of(session, first) == queries.OpenId(APPID, "o1", False)


def test_many_at_once_make_one_visitor(app):
    gate = Barrier(6)

    def ask():
        gate.wait()
        return person()

    with ThreadPoolExecutor(6) as pool:
        found = {future.result() for future in [pool.submit(ask) for _ in range(6)]}
    assert len(found) == 1
    with db.unit_of_work() as session:
        assert session.execute(text("SELECT count(*) FROM directory_people")).scalar() == 1
        assert session.execute(text("SELECT count(*) FROM identity_wechat_links")).scalar() == 1


def follow(is_following, at):
    with db.unit_of_work() as session:
        person_id = service.note_follow(session, APPID, "o1", is_following=is_following, at=at)
        return queries.openid_of(session, person_id).is_following


def test_following_is_noted_even_of_strangers(app):
    assert follow(True, clock.now()) is True


def test_late_news_of_an_unfollow_changes_nothing(app):
    assert follow(True, clock.now()) is True
    assert follow(False, clock.now() - timedelta(seconds=5)) is True
    assert follow(False, clock.now() + timedelta(seconds=5)) is False
