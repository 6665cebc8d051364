"""Follow, unfollow, scan and the rest: what is told upwards, once."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db, outbox
from app.kit.module import InTransaction, Module, Registry
from app.platform.identity import queries as identity
from app.platform.official_account import events, flows, service
from app.platform.official_account.models import Scene

OUYANG = "2024020201"


@pytest.fixture
def heard(app):
    """Every event of ours that reaches a subscriber, as (name, fields)."""
    lines = []

    def ear(kind):
        def hear(session, event):
            lines.append((kind.__name__, dataclasses.asdict(event)))

        hear.__name__ = f"on_{kind.__name__}"  # subscribers are known by their names
        return InTransaction(kind, hear)

    told = (
        events.Followed,
        events.Unfollowed,
        events.SceneScanned,
        events.TemplateSendFinished,
        events.SubscriptionChanged,
        events.AuthorizationRevoked,
    )
    real = app.extensions["registry"]
    own = next(module for module in real.modules if module.key == "official_account")
    ears = Module(key="ears", title="", subscriptions=tuple(map(ear, told)))
    outbox.load_registry(Registry((own, ears)))
    yield lines
    outbox.load_registry(real)


def work():
    outbox.drain(clients=None, seconds=10)


def person_of(world):
    with db.unit_of_work() as session:
        person_id = identity.person_of_openid(session, world.appid, world.openid(OUYANG))
        return person_id, identity.openid_of(session, person_id).is_following


def test_it_works(wechat, callback_server, heard):
    wechat.push(OUYANG, event="subscribe", fields={"EventKey": ""})
    work()
    person_id, follows = person_of(wechat)
    assert follows is True
    assert heard == [("Followed", {"person_id": person_id})]


def test_unfollowing_and_news_that_come_late(wechat, callback_server, heard):
    now = int(clock.now().timestamp())
    wechat.push(OUYANG, event="unsubscribe", fields={"EventKey": "", "CreateTime": now})
    wechat.push(OUYANG, event="subscribe", fields={"EventKey": "", "CreateTime": now - 60})
    work()
    person_id, follows = person_of(wechat)
    assert follows is False
    assert ("Unfollowed", {"person_id": person_id}) in heard


@pytest.mark.parametrize("event", ["subscribe", "SCAN"])
def test_a_scene_says_what_a_follow_or_scan_is_about(wechat, callback_server, heard, event):
    with db.unit_of_work() as session:
        scene = service.new_scene(session, "rep", "rep_1", clock.now() + timedelta(days=1))
    key = f"qrscene_{scene}" if event == "subscribe" else scene
    wechat.push(OUYANG, event=event, fields={"EventKey": key, "Ticket": "t"})
    work()
    person_id, follows = person_of(wechat)
    assert follows is True
    scanned = {"kind": "rep", "reference": "rep_1", "person_id": person_id}
    assert ("SceneScanned", scanned) in heard
    assert "有进展会发到这里" in wechat.chat(OUYANG)[-1]["body"]["text"]


@pytest.mark.parametrize("scene", ["scn_of_somebody_else", "x" * 64, "'; --"])
def test_a_scene_that_is_not_ours_ties_nothing(wechat, callback_server, heard, scene):
    wechat.push(OUYANG, event="subscribe", fields={"EventKey": f"qrscene_{scene}", "Ticket": "t"})
    work()
    assert [name for name, _ in heard] == ["Followed"]


def test_an_expired_scene_ties_nothing(wechat, callback_server, heard):
    with db.unit_of_work() as session:
        scene = service.new_scene(session, "rep", "rep_1", clock.now() + timedelta(days=1))
    clock.advance(timedelta(days=2))
    wechat.keep_time()
    wechat.push(OUYANG, event="SCAN", fields={"EventKey": scene, "Ticket": "t"})
    work()
    assert heard == []


def test_outcomes_and_consents_are_told(wechat, callback_server, heard):
    items = [
        {"TemplateId": "TPL_a", "SubscribeStatusString": "accept"},
        {"TemplateId": "TPL_b", "SubscribeStatusString": "reject"},
    ]
    wechat.push(OUYANG, event="TEMPLATESENDJOBFINISH", fields={"MsgID": 7, "Status": "failed: system failed"})
    wechat.push(OUYANG, event="subscribe_msg_popup_event", fields={"SubscribeMsgPopupEvent": {"List": items}})
    work()
    assert [name for name, _ in heard] == ["TemplateSendFinished"] + ["SubscriptionChanged"] * 2
    assert (heard[0][1]["msgid"], heard[0][1]["status"]) == ("7", "failed:system failed")
    assert [(fields["template_id"], fields["answer"]) for _, fields in heard[1:]] == [
        ("TPL_a", "accept"),
        ("TPL_b", "reject"),
    ]


def test_who_takes_back_what_they_allowed_is_told_of(wechat, callback_server, heard):
    person_id = wechat.follower(OUYANG)
    about = {"OpenID": wechat.openid(OUYANG), "FromUserName": "gh_platform", "RevokeInfo": "201,207"}
    wechat.push(OUYANG, event="user_authorization_revoke", fields=about)
    wechat.push(OUYANG, event="user_authorization_cancellation", fields=about)
    work()
    assert heard == [
        ("AuthorizationRevoked", {"person_id": person_id, "scopes": "201,207", "is_account_closed": closed})
        for closed in (False, True)
    ]


def test_the_whole_way_of_a_scene_from_wechat_and_back(wechat, callback_server, heard):
    url = flows.scene_url("rep", "rep_9", clients=wechat.clients)
    assert flows.scene_url("rep", "rep_9", clients=wechat.clients) == url
    assert wechat.calls("/cgi-bin/qrcode/create") == 1
    wechat.follow(OUYANG, url=url)
    for _ in range(200):
        if wechat.get("callbacks"):
            break
        work()
    work()
    assert [name for name, _ in heard] == ["Followed", "SceneScanned"]
    with db.unit_of_work() as session:
        assert session.scalar(select(Scene.scanned_by)) == person_of(wechat)[0]


def test_old_scenes_are_forgotten(app):
    with db.unit_of_work() as session:
        service.new_scene(session, "rep", "rep_1", clock.now() + timedelta(days=1))
    clock.advance(timedelta(days=32))
    with db.unit_of_work() as session:
        assert service.forget_old_scenes(session) == 1
