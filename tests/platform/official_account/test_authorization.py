"""People take back what they allowed, or leave WeChat altogether."""

from datetime import timedelta

import pytest

from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.platform.directory import queries as directory
from app.platform.files import queries as files_queries
from app.platform.files import service as files
from app.platform.identity import queries as identity
from app.platform.identity import service as identity_service

OUYANG = "2024020201"


@pytest.fixture
def follower(wechat, callback_server) -> int:
    return wechat.follower(OUYANG)


def tell(wechat, event: str, scopes: str = "201,207") -> None:
    """WeChat's event, and the same once more."""
    clock.advance(timedelta(seconds=2))  # events of one second are one
    wechat.keep_time()
    about = {"OpenID": wechat.openid(OUYANG), "FromUserName": "gh_platform", "RevokeInfo": scopes}
    for _ in range(2):
        wechat.push(OUYANG, event=event, fields=about)
        outbox.drain(clients=wechat.clients, seconds=10)


def photo_of(person_id: int, *, of: str = "") -> str:
    by = Caller(person_id, surface="phone")
    with db.unit_of_work() as session:
        photo_id, public_id = files.announce_photo(session, by=by, size=(9, 9), length=9, sha256="0")
        files.receive_photo(session, photo_id=photo_id)
        files.finish_decoding(session, photo_id=photo_id, size=(9, 9), length=9)
        if of:
            files.claim_photos(session, by=by, public_ids=(public_id,), object_type="test", object_id=of)
    return public_id


def person_behind(wechat) -> int | None:
    with db.unit_of_work() as session:
        return identity.person_of_openid(session, wechat.appid, wechat.openid(OUYANG))


def test_it_works(wechat, follower):
    """Who closes their account and is nobody else to the school is forgotten."""
    tell(wechat, "user_authorization_cancellation")
    assert person_behind(wechat) is None
    with db.unit_of_work() as session:
        assert directory.person(session, follower).name == "已注销"


def test_who_belongs_to_the_school_stays_who_they_are(wechat, follower, campus):
    with db.unit_of_work() as session:
        link = identity.link_of_person(session, follower)
        signed_in = identity_service.open_session(
            session, person_id=follower, surface="phone", wechat_link_id=link.id, is_proved=True
        )
        by = Caller(follower, surface="phone", session_id=signed_in.id)
        identity_service.bind(session, by=by, person_id=campus.li)
    tell(wechat, "user_authorization_cancellation")
    assert person_behind(wechat) is None
    with db.unit_of_work() as session:
        assert directory.person(session, campus.li).name == "李一鸣"
        assert identity.link_of_person(session, campus.li) is None


def test_pictures_that_belong_to_nothing_go_when_they_are_meant(wechat, follower):
    free, kept = photo_of(follower), photo_of(follower, of="1")
    tell(wechat, "user_authorization_revoke", "205")
    with db.unit_of_work() as session:
        assert files_queries.find_status(session, free) == "ready"
    tell(wechat, "user_authorization_revoke", "205,207")
    with db.unit_of_work() as session:
        assert [files_queries.find_status(session, one) for one in (free, kept)] == ["deleted", "ready"]
    assert person_behind(wechat) == follower
