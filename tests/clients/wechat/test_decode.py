"""The callback's envelope: what is let in and what is turned away."""

from datetime import timedelta

import pytest
from envelopes import NOW, OPENID, fields_of, seal, seal_fields, seconds_to
from hypothesis import given
from hypothesis import strategies as st

from app.clients.wechat.callback import LARGEST_BODY, decode, open_envelope
from app.clients.wechat.errors import BadCallback, StaleCallback
from app.clients.wechat.settings import WeChatSettings
from sandbox.wechat import crypto, xml

OFFICIAL = {
    "signature": "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
    "timestamp": "1714112445",
    "nonce": "415670741",
    "openid": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
    "encrypt_type": "aes",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
}
OFFICIAL_ENCRYPT = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsX"
    "UnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajA"
    "sjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)


@pytest.fixture(scope="module")
def settings() -> WeChatSettings:
    return WeChatSettings(
        appid="wxba5fad812f8e6fb9",
        secret="not-used-here",
        token="AAAAA",
        aes_key="A" * 43,
        account_id="gh_97417a04a28d",
    )


def refusal(settings, query, body, now=NOW) -> str:
    with pytest.raises(BadCallback) as caught:
        decode(settings, query, body, now=now)
    return caught.value.reason


def test_it_works(settings):
    query, body = seal_fields(settings, fields_of(settings))
    incoming = decode(settings, query, body, now=NOW)
    assert (incoming.kind, incoming.openid, incoming.text, incoming.at) == ("text", OPENID, "报修", NOW)


def test_the_official_vector_opens(settings):
    inner = f"<Encrypt><![CDATA[{OFFICIAL_ENCRYPT}]]></Encrypt>"
    body = f"<xml><ToUserName>gh_97417a04a28d</ToUserName>{inner}</xml>"
    text = open_envelope(settings, OFFICIAL, body.encode())
    assert text.startswith('{"ToUserName":"gh_97417a04a28d"')
    assert '"debug_str":"hello world"' in text
    # the vector's payload is JSON, which an official account never gets
    assert refusal(settings, OFFICIAL, body.encode()) == "malformed"


def test_only_safe_mode_is_let_in(settings):
    query, body = seal_fields(settings, fields_of(settings))
    plain = b"<xml><ToUserName>gh_97417a04a28d</ToUserName><MsgType>text</MsgType></xml>"
    without_type = {name: value for name, value in query.items() if name != "encrypt_type"}
    assert refusal(settings, query, plain) == "not_encrypted"
    assert refusal(settings, without_type, body) == "not_encrypted"
    assert refusal(settings, {**query, "encrypt_type": "raw"}, body) == "not_encrypted"
    twice = body.replace(b"</xml>", b"<Encrypt>AAAA</Encrypt></xml>")
    assert refusal(settings, query, twice) == "not_encrypted"


def test_the_plain_part_of_compatible_mode_is_not_believed(settings):
    query, body = seal_fields(settings, fields_of(settings))
    body = body.replace(b"<xml>", b"<xml><FromUserName>oForged</FromUserName><Content>x</Content>")
    assert decode(settings, query, body, now=NOW).openid == OPENID


def test_a_changed_byte_is_refused(settings):
    query, body = seal_fields(settings, fields_of(settings))
    at = body.index(b"CDATA[", body.index(b"<Encrypt>")) + 20
    changed = body[:at] + (b"A" if body[at : at + 1] != b"A" else b"B") + body[at + 1 :]
    assert refusal(settings, query, changed) == "signature"
    assert refusal(settings, {**query, "msg_signature": ""}, body) == "signature"
    assert refusal(settings, {**query, "msg_signature": query["signature"]}, body) == "signature"
    assert refusal(settings, {**query, "nonce": "1"}, body) == "signature"


def test_another_appid_or_account_is_refused(settings):
    query, body = seal_fields(settings, fields_of(settings), appid="wx0000000000000000")
    assert refusal(settings, query, body) == "appid"
    query, body = seal_fields(settings, fields_of(settings, ToUserName="gh_somebodyelse"))
    assert refusal(settings, query, body) == "account"
    query, body = seal_fields(settings, fields_of(settings, ToUserName=None))
    assert refusal(settings, query, body) == "account"


def test_an_old_or_future_timestamp_is_its_own_error_and_brings_the_message(settings):
    query, body = seal_fields(settings, fields_of(settings))
    decode(settings, query, body, now=NOW + timedelta(seconds=300))
    decode(settings, query, body, now=NOW - timedelta(seconds=300))
    for moment in (NOW + timedelta(seconds=301), NOW - timedelta(seconds=301)):
        with pytest.raises(StaleCallback) as caught:
            decode(settings, query, body, now=moment)
        assert caught.value.incoming.text == "报修"


def test_a_body_over_64_kib_is_refused_unread(settings):
    query, body = seal_fields(settings, fields_of(settings))
    assert refusal(settings, query, body + b" " * LARGEST_BODY) == "too_large"


@pytest.mark.parametrize(
    "plain",
    [
        "",
        "not xml",
        "{}",
        "<xml/>",
        "<xml></xml>",
        "<xml><MsgType>text</MsgType></xml>",
        "<a><MsgType>text</MsgType></a>",
        "<xml>text</xml>",
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><FromUserName>&a;</FromUserName></xml>',
        "<xml>" * 6000,
    ],
)
def test_anything_else_inside_is_one_error(settings, plain):
    assert refusal(settings, *seal(settings, plain)) == "malformed"


@pytest.mark.parametrize(
    "changes",
    [
        {"CreateTime": "soon"},
        {"CreateTime": "-5"},
        {"CreateTime": "9" * 40},
        {"CreateTime": "１７００００００００"},
        {"FromUserName": ["a", "b"]},
        {"FromUserName": ""},
        {"MsgType": {"nested": "x"}},
        {"Content": ["a", "b"]},
    ],
)
def test_odd_elements_are_malformed(settings, changes):
    query, body = seal_fields(settings, fields_of(settings, **changes))
    assert refusal(settings, query, body) == "malformed"


def test_a_signed_envelope_around_garbage_is_malformed(settings):
    stamp = str(int(NOW.timestamp()))
    for garbage in ("AAAA", "!!!!", "A" * 43 + "=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="):
        query = {
            "timestamp": stamp,
            "nonce": "1",
            "encrypt_type": "aes",
            "msg_signature": crypto.sign(settings.token, stamp, "1", garbage),
        }
        body = xml.build({"Encrypt": garbage}).encode()
        assert refusal(settings, query, body) in {"malformed", "appid"}


def test_control_characters_in_a_text_do_not_lose_the_message(settings):
    query, body = seal_fields(settings, fields_of(settings, Content="水管\x0b爆了\x00"))
    assert decode(settings, query, body, now=NOW).text == "水管爆了"


def test_a_hostile_body_costs_no_time(settings):
    query, _ = seal_fields(settings, fields_of(settings))
    for body in (b"<Encrypt>" + b" " * 65000, b"<Encrypt>" * 7000, b"<xml>" * 13000):
        assert seconds_to(lambda body=body: refusal(settings, query, body)) < 0.2


@given(st.binary(max_size=2000), st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=6))
def test_no_body_raises_anything_else(body, query):
    settings = WeChatSettings("wx1", "s", "t", "A" * 43, "gh_1")
    with pytest.raises(BadCallback):
        decode(settings, query, b"<xml><Encrypt>" + body + b"</Encrypt></xml>", now=NOW)


@given(st.text(max_size=300))
def test_no_signed_text_raises_anything_else(plain):
    settings = WeChatSettings("wx1", "s", "t", "A" * 43, "gh_1")
    plain = plain.encode(errors="replace").decode()
    with pytest.raises(BadCallback):
        decode(settings, *seal(settings, f"<xml>{plain}</xml>"), now=NOW)
