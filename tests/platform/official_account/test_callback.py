"""The callback over real HTTP, as the sandbox's WeChat platform judges it."""

import base64
import os

import pytest
import requests
from sqlalchemy import text
from wechatpy.crypto import WeChatCrypto

from app.kit import clock, db
from app.platform.identity import service as identity
from sandbox.wechat import crypto as signing

LI = "2023010101"


def said(world, number=LI):
    """What the account answered in the chat of one of the cast."""
    return [m["body"].get("text") for m in world.chat(number) if m["side"] == "account"]


def verdicts(attempts):
    return [(attempt["status"], attempt["verdict"]) for attempt in attempts]


@pytest.fixture
def world(wechat, callback_server, words):
    return wechat


def test_it_works(world, stored):
    with db.unit_of_work() as session:
        person_id = identity.person_for_openid(session, world.appid, world.openid(LI))
    assert verdicts(world.push(LI, content=" 灯 ")) == [(200, "ok")]
    assert said(world) == [f'灯: <a href="http://127.0.0.1:8000/m/lamps">person {person_id}</a>']
    ((payload, _),) = stored()
    assert payload["kind"] == "text"
    assert "content" not in str(payload).lower()


def test_the_address_is_verified(world):
    answer = requests.post(f"{world.base}/_sim/verify_callback", timeout=10).json()
    assert answer["verdict"] == "ok"


def test_a_verification_with_a_wrong_signature_is_refused(client):
    query = {"signature": "0" * 40, "timestamp": "1", "nonce": "1", "echostr": "echo"}
    answer = client.get("/callbacks/wechat", query_string=query)
    assert (answer.status_code, answer.data) == (403, b"")
    assert client.get("/callbacks/wechat").status_code == 403


def test_help_lists_the_words_and_what_is_not_understood_gets_it_too(world):
    world.push(LI, content="帮助")
    world.push(LI, content="今天食堂吃什么")
    assert "灯：灯怎么样了" in said(world)[0]
    assert said(world)[1].startswith("没有看懂") and "灯：灯怎么样了" in said(world)[1]


def test_a_tapped_menu_key_is_a_word_and_full_width_letters_too(world):
    world.push(LI, event="CLICK", fields={"EventKey": "灯"})
    world.push(LI, content="ＬＡＭＰ")
    assert [text.split(":")[0] for text in said(world)] == ["灯", "LAMP"]


def test_pictures_get_a_word_and_quiet_events_nothing(world, stored):
    world.push(LI, type="image", fields={"PicUrl": "http://127.0.0.1/x.jpg", "MediaId": "m"})
    for event in ("VIEW", "LOCATION", "user_info_modified", "something_new"):
        assert verdicts(
            world.push(LI, event=event, fields={"EventKey": "x", "OpenID": world.openid(LI)})
        ) == [(200, "ok")]
    assert [text[:8] for text in said(world)] == ["目前只看得懂文字"]
    assert len(stored()) == 1


def test_the_same_message_again_is_one_row_and_one_answer(world, stored):
    fields = {"MsgId": 7_000_000_000_000_000_001}
    first = world.push(LI, content="灯", fields=fields, copies=1)[0]
    with db.unit_of_work() as session:  # what would be answered now has changed meanwhile
        identity.person_for_openid(session, world.appid, world.openid(LI))
    again = world.push(LI, content="灯", fields=fields)[0]  # signed anew, under a new nonce
    assert again["verdict"] == "ok"
    assert len(stored()) == 1
    assert opened(world, again) == opened(world, first)


def test_the_same_request_again_gets_the_same_bytes(world, stored):
    first = world.push(LI, content="灯")[0]
    assert [world.replay()[0]["response"] for _ in range(3)] == [first["response"]] * 3
    assert len(stored()) == 1


def opened(world, attempt):
    """The answer inside its envelope."""
    settings = world.clients.wechat.settings
    box = WeChatCrypto(settings.token, settings.aes_key, settings.appid)
    query = requests.models.complexjson.loads(attempt["url"])
    inner = attempt["response"].split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    signature = signing.sign(settings.token, query["timestamp"], query["nonce"], inner)
    return box.decrypt_message(attempt["response"], signature, query["timestamp"], query["nonce"])


def test_the_same_event_again_has_one_consequence(world, stored):
    fields = {"EventKey": "", "CreateTime": int(clock.now().timestamp())}
    for _ in range(3):
        world.push(LI, event="subscribe", fields=fields)
    assert len(stored()) == 1
    with db.unit_of_work() as session:
        query = "SELECT count(*) FROM outbox_deliveries WHERE event = 'WeChatEventStored'"
        assert session.execute(text(query)).scalar() == 1


def test_two_events_of_one_second_are_two(world, stored):
    at = {"CreateTime": int(clock.now().timestamp())}
    world.push(LI, event="CLICK", fields=at | {"EventKey": "灯"})
    world.push(LI, event="CLICK", fields=at | {"EventKey": "帮助"})
    world.push(LI, event="TEMPLATESENDJOBFINISH", fields=at | {"MsgID": 1, "Status": "success"})
    world.push(LI, event="TEMPLATESENDJOBFINISH", fields=at | {"MsgID": 2, "Status": "success"})
    assert len(stored()) == 4


@pytest.mark.parametrize(
    ("forge", "status"),
    [
        ("token", 403),
        ("signature", 403),
        ("tampered", 403),
        ("appid", 403),
        ("to", 403),
        ("stale", 403),
        ("plain", 400),
    ],
)
def test_forgeries_are_refused(world, stored, forge, status):
    assert verdicts(world.push(LI, content="灯", forge=forge)) == [(status, "rejected")]
    assert stored() == []


def test_a_plain_message_is_refused_in_any_mode_but_the_compatible_one(world, stored):
    assert world.push(LI, content="灯", mode="plain")[0]["status"] == 400
    assert verdicts(world.push(LI, content="灯", mode="compatible")) == [(200, "ok")]
    assert len(stored()) == 1


def test_junk_is_refused(client, stored):
    query = {"msg_signature": "x", "timestamp": "1", "nonce": "1", "encrypt_type": "aes"}
    for body in (b"", b"<xml>", b"\xff" * 100, b"{}", base64.b64encode(os.urandom(3000))):
        assert client.post("/callbacks/wechat", query_string=query, data=body).status_code == 400
    assert client.post("/callbacks/wechat", query_string=query, data=b"x" * 70_000).status_code == 400
    assert client.post("/callbacks/wechat").status_code == 400
    assert stored() == []


def test_a_slow_or_broken_answer_is_an_apology_in_time(world, stored):
    for word in ("慢", "错"):
        attempt = world.push(LI, content=word)[0]
        assert attempt["verdict"] == "ok"
        assert attempt["latency_ms"] < 2000
    assert [text[:5] for text in said(world)] == ["现在查不到"] * 2
    assert len(stored()) == 2


def test_without_a_database_wechat_is_told_at_once_to_come_again(world, settings, stored):
    db.configure("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    try:
        attempts = world.push(LI, content="灯")
    finally:
        db.configure(settings.database_url)
    assert [(attempt["status"], attempt["verdict"]) for attempt in attempts] == [(503, "no answer")] * 3
    assert max(attempt["latency_ms"] for attempt in attempts) < 1000
    assert verdicts(world.push(LI, content="灯")) == [(200, "ok")]
