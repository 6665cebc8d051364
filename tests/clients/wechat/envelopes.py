"""Envelopes as WeChat makes them, with the sandbox's own cryptography."""

import time
from datetime import UTC, datetime
from typing import Any

import sandbox.app  # noqa: F401  first, it resolves the sandbox's circle of imports
from sandbox.wechat import crypto, xml

NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
OPENID = "oPerson0000000000000000000001"


def fields_of(settings, **changes: Any) -> dict[str, Any]:
    given = {
        "ToUserName": settings.account_id,
        "FromUserName": OPENID,
        "CreateTime": int(NOW.timestamp()),
        "MsgType": "text",
        "Content": "报修",
        "MsgId": 7_250_000_000_000_000_001,
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def event_of(settings, event: str, **changes: Any) -> dict[str, Any]:
    return fields_of(settings, MsgType="event", Event=event, Content=None, MsgId=None, **changes)


def seal(
    settings, plain: str, *, at: datetime = NOW, nonce: str = "415670741", **forged: str
) -> tuple[dict[str, str], bytes]:
    """Query and body of a POST in safe mode."""
    encrypted = crypto.encrypt(settings.aes_key, forged.get("appid", settings.appid), plain)
    stamp = str(int(at.timestamp()))
    query = {
        "signature": crypto.sign(settings.token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": crypto.sign(settings.token, stamp, nonce, encrypted),
    }
    return query, xml.build({"ToUserName": settings.account_id, "Encrypt": encrypted}).encode()


def seal_fields(settings, fields: dict[str, Any], **how: Any) -> tuple[dict[str, str], bytes]:
    return seal(settings, xml.build(fields), **how)


def open_reply(settings, reply: str, query: dict[str, str]) -> dict[str, Any]:
    """As WeChat reads an answer."""
    outer = xml.read(reply)
    assert outer["Nonce"] == query["nonce"]
    assert outer["MsgSignature"] == crypto.sign(
        settings.token, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"]
    )
    return xml.read(crypto.decrypt(settings.aes_key, settings.appid, outer["Encrypt"]))


def seconds_to(work) -> float:
    """Processor time, so that a busy machine is no failure."""
    started = time.thread_time()
    work()
    return time.thread_time() - started
