"""Pushing to a callback: the official vectors, the ladder of retries, the judgement of replies, forgeries."""

import json
import time

import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.replies import create_reply

from sandbox.wechat import crypto as ours
from sandbox.wechat.push import OUT_OF_ORDER

LI = "2023010101"
KEY, APPID = "A" * 43, "wxba5fad812f8e6fb9"
SEALED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT"
    "740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8Y"
    "L/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)


def opened(crypto: WeChatCrypto, request: dict) -> str:
    query = request["query"]
    return crypto.decrypt_message(request["body"], query["msg_signature"], query["timestamp"], query["nonce"])


def test_official_vectors() -> None:
    assert ours.sign("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert ours.sign("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    assert ours.sign("AAAAA", "1714112445", "415670741") == "6c5c811b55cc85e0e1b54100749188c20beb3f5d"
    assert ours.sign("AAAAA", "1714112445", "415670741", SEALED) == "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    event = json.loads(ours.decrypt(KEY, APPID, SEALED))
    assert (event["ToUserName"], event["Event"]) == ("gh_97417a04a28d", "debug_demo")
    sealed = ours.encrypt(KEY, APPID, '{"demo_resp":"good luck"}', random=b"707722b803182950")
    assert (
        sealed == "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    )
    assert ours.sign("AAAAA", "1713424427", "415670741", sealed) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


@pytest.mark.parametrize(
    ("appid", "sealed"), [("wx", SEALED), (APPID, SEALED[:-8] + "AAAAAAA="), (APPID, "!"), (APPID, "")]
)
def test_a_spoilt_envelope_is_refused(appid: str, sealed: str) -> None:
    with pytest.raises(ours.BadEnvelope):
        ours.decrypt(KEY, appid, sealed)


def test_url_verification(sandbox) -> None:
    assert sandbox.post("/_sim/verify_callback")["verdict"] == "ok"


def test_a_message_is_encrypted_and_the_reply_shows(sandbox, callback, crypto) -> None:
    def answer(request: dict) -> tuple[int, str]:
        message = parse_message(opened(crypto, request))
        reply = create_reply(f"收到：{message.content} ]]> <b>", message, render=True).replace(
            "]]> <b>", "]]]]><![CDATA[> <b>"
        )
        return 200, crypto.encrypt_message(reply, request["query"]["nonce"])

    callback.answer = answer
    attempts = sandbox.push(person=LI, type="text", content="报修 <灯>")
    assert [row["verdict"] for row in attempts] == ["ok"]
    query = callback.requests[0]["query"]
    assert query["encrypt_type"] == "aes"
    assert query["openid"] == sandbox.openid(LI)
    assert "报修" not in callback.requests[0]["body"]
    assert [line["body"]["text"] for line in sandbox.chat(LI)] == ["报修 <灯>", "收到：报修 <灯> ]]> <b>"]


@pytest.mark.parametrize("reply", ["", "success"])
def test_nothing_to_say(sandbox, callback, reply: str) -> None:
    callback.answer = lambda request: (200, reply)
    assert sandbox.push(person=LI, content="你好")[0]["verdict"] == "ok"
    assert len(sandbox.chat(LI)) == 1


@pytest.mark.parametrize("reply", ['{"ok":true}', "<html>", "<xml><ToUserName>x</ToUserName></xml>"])
def test_a_malformed_reply_is_out_of_order(sandbox, callback, reply: str) -> None:
    callback.answer = lambda request: (200, reply)
    attempts = sandbox.push(person=LI, content="你好")
    assert len(attempts) == 1
    assert attempts[0]["verdict"].startswith("bad")
    assert sandbox.chat(LI)[-1]["body"]["text"] == OUT_OF_ORDER


def test_a_reply_to_somebody_else_is_out_of_order(sandbox, callback, crypto) -> None:
    def answer(request: dict) -> tuple[int, str]:
        reply = create_reply("你好", parse_message(opened(crypto, request)), render=True)
        wrong = reply.replace(sandbox.openid(LI), sandbox.openid("W0001"))
        return 200, crypto.encrypt_message(wrong, request["query"]["nonce"])

    callback.answer = answer
    assert "swapped" in sandbox.push(person=LI, content="你好")[0]["verdict"]
    assert sandbox.chat("W0001") == []


def test_three_sends_when_nobody_answers(sandbox, callback, crypto) -> None:
    sandbox.set(push_timeout=0.3)

    def answer(request: dict) -> tuple[int, str]:
        time.sleep(0.6)
        return 200, "success"

    callback.answer = answer
    attempts = sandbox.push(person=LI, content="慢")
    assert [row["attempt"] for row in attempts] == [1, 2, 3]
    assert {row["verdict"] for row in attempts} == {"no answer"}
    numbers = {parse_message(opened(crypto, request)).id for request in callback.requests}
    assert len(numbers) == 1
    assert len({request["query"]["nonce"] for request in callback.requests}) == 3
    assert sandbox.chat(LI)[-1]["body"]["text"] == OUT_OF_ORDER
    assert len(sandbox.get("/_sim/callbacks")) == 3


def test_a_second_try_heals(sandbox, callback) -> None:
    callback.answer = lambda request: (500, "") if len(callback.requests) == 1 else (200, "success")
    attempts = sandbox.push(person=LI, content="你好")
    assert [row["verdict"] for row in attempts] == ["no answer", "ok"]


def test_copies_replay_and_late(sandbox, callback) -> None:
    sandbox.push(person=LI, content="两次", copies=2)
    assert len(callback.requests) == 2
    sandbox.post("/_sim/push", {"replay": "last"})
    assert callback.requests[2]["body"] == callback.requests[1]["body"]
    assert callback.requests[2]["query"] == callback.requests[1]["query"]
    sandbox.post("/_sim/push", {"person": LI, "content": "迟到", "after": 0.2})
    assert len(callback.requests) == 3
    assert len(callback.wait_for(4)) == 4


@pytest.mark.parametrize(
    ("forge", "error"),
    [
        ("signature", InvalidSignatureException),
        ("tampered", InvalidSignatureException),
        ("token", InvalidSignatureException),
        ("appid", InvalidAppIdException),
    ],
)
def test_forgeries_are_forged(sandbox, callback, crypto, forge: str, error: type[Exception]) -> None:
    callback.answer = lambda request: (403, "")
    attempts = sandbox.push(person=LI, content="假的", forge=forge)
    assert [row["verdict"] for row in attempts] == ["rejected"]
    with pytest.raises(error):
        opened(crypto, callback.requests[0])
    assert sandbox.chat(LI) == []


def test_downgrade_other_account_and_stale(sandbox, callback, crypto) -> None:
    callback.answer = lambda request: (403, "")
    sandbox.push(person=LI, content="明文", forge="plain")
    assert "encrypt_type" not in callback.requests[0]["query"]
    assert "明文" in callback.requests[0]["body"]
    sandbox.push(person=LI, content="别的号", forge="to")
    assert "gh_somebodyelse0" in opened(crypto, callback.requests[1])
    sandbox.push(person=LI, content="旧的", forge="stale")
    assert int(callback.requests[2]["query"]["timestamp"]) < time.time() - 3000


def test_plain_and_compatible_modes(sandbox, callback, crypto) -> None:
    sandbox.push(person=LI, content="明文", mode="plain")
    sandbox.push(person=LI, content="兼容", mode="compatible")
    assert parse_message(callback.requests[0]["body"]).content == "明文"
    assert "兼容" in callback.requests[1]["body"]
    assert parse_message(opened(crypto, callback.requests[1])).content == "兼容"


def test_events_have_no_message_id(sandbox, callback, crypto) -> None:
    sandbox.push(person=LI, event="SCAN", fields={"EventKey": "room:1", "Ticket": "t"})
    text = opened(crypto, callback.requests[0])
    assert "MsgId" not in text
    assert parse_message(text).scene_id == "room:1"
