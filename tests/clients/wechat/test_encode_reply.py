"""Replies in the chat: whole, encrypted, and with no way out of their element."""

import base64

import pytest
from envelopes import NOW, OPENID, fields_of, open_reply, seal_fields
from hypothesis import given
from hypothesis import strategies as st

from app.clients.wechat.callback import NOTHING, _Crypto, decode, encode_reply
from app.clients.wechat.replies import News, Nothing, Text
from app.clients.wechat.settings import WeChatSettings
from sandbox.wechat import crypto

OFFICIAL_REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
SETTINGS = WeChatSettings("wx1", "s", "t", "A" * 43, "gh_1")


def answer(reply) -> str:
    query, body = seal_fields(SETTINGS, fields_of(SETTINGS))
    incoming = decode(SETTINGS, query, body, now=NOW)
    return encode_reply(SETTINGS, incoming, reply, nonce=query["nonce"], timestamp=query["timestamp"])


def opened(reply) -> dict:
    query, _ = seal_fields(SETTINGS, fields_of(SETTINGS))
    return open_reply(SETTINGS, answer(reply), query)


def test_it_works():
    assert opened(Text("已收到")) == {
        "ToUserName": OPENID,
        "FromUserName": "gh_1",
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": "text",
        "Content": "已收到",
    }


def test_the_official_reply_vector_opens_and_is_signed_alike():
    assert crypto.decrypt("A" * 43, "wxba5fad812f8e6fb9", OFFICIAL_REPLY) == '{"demo_resp":"good luck"}'
    signature = crypto.sign("AAAAA", "1713424427", "415670741", OFFICIAL_REPLY)
    assert signature == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


def test_our_cipher_gives_the_official_reply_bytes():
    class Fixed(_Crypto):
        def get_random_string(self) -> str:
            return "707722b803182950"

    sealed = Fixed(base64.b64decode("A" * 43 + "=")).encrypt(
        '{"demo_resp":"good luck"}', "wxba5fad812f8e6fb9"
    )
    assert sealed.decode() == OFFICIAL_REPLY


def test_a_card():
    found = opened(
        News("我的报修", "点开看进度", "https://example.edu/m/repairs", "https://example.edu/p.png")
    )
    item = found["Articles"]["item"]
    assert (found["MsgType"], found["ArticleCount"], item["Title"]) == ("news", "1", "我的报修")
    assert (item["Url"], item["PicUrl"]) == ("https://example.edu/m/repairs", "https://example.edu/p.png")


@pytest.mark.parametrize("reply", [Nothing(), Text(""), Text(" \n\x00 ")])
def test_nothing_to_say_is_success(reply):
    assert answer(reply) == NOTHING == "success"


def test_a_text_cannot_leave_its_element():
    evil = "x]]></Content><Evil>1</Evil><Content><![CDATA["
    assert opened(Text(evil))["Content"] == evil
    assert opened(Text("]]]]>>]]>"))["Content"] == "]]]]>>]]>"
    assert "Evil" not in opened(Text(evil))


def test_a_long_text_is_cut_between_characters():
    found = opened(Text("修" * 1000))["Content"]
    assert len(found.encode()) <= 2048
    assert set(found[:-1]) == {"修"} and found.endswith("…")


@given(st.text(st.characters(), max_size=1500))
def test_any_text_survives(text):
    reply = answer(Text(text))
    if reply != NOTHING:
        query, _ = seal_fields(SETTINGS, fields_of(SETTINGS))
        found = open_reply(SETTINGS, reply, query)
        assert found["MsgType"] == "text" and 0 < len((found["Content"] or "x").encode()) <= 2048
        assert set(found) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
