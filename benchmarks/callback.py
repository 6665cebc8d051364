"""WeChat's callback: real messages, encrypted and signed as WeChat does, two web processes."""

import base64
import hashlib
import random
import secrets
import time
from pathlib import Path

from wechatpy.crypto import PrpCrypto

from benchmarks import load
from benchmarks.report import heading, line
from tests.chaos.stage import Stage

MESSAGES = 4000
PEOPLE = 800
CONNECTIONS = 16
TEXTS = ("报修", "帮助", "你好", "灯坏了怎么办", "R2611-0001")
XML = """<xml><ToUserName><![CDATA[{to}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>\
<CreateTime>{at}</CreateTime>{body}</xml>"""
TEXT = "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content><MsgId>{ident}</MsgId>"
EVENT = "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{event}]]></Event><EventKey></EventKey>"


def main() -> bool:
    heading(f"WeChat's callback: {MESSAGES} messages of {PEOPLE} people")
    with Stage() as stage:
        stage.seed("3", "1")
        stage.web(workers=2)
        load.run(stage.port, messages(stage, 300), connections=CONNECTIONS).expect(200)
        requests = messages(stage, MESSAGES)
        result = load.run(stage.port, requests, connections=CONNECTIONS).expect(200)
        stored = stage.one("SELECT count(*) FROM external_events")
        print(
            f"{stored} stored, median {result.percentile(0.5):.0f} ms, largest {max(result.latencies):.2f} s"
        )
        again = load.run(stage.port, requests[:1000], connections=CONNECTIONS).expect(200)
        assert stage.one("SELECT count(*) FROM external_events") == stored, "a repetition was stored"
        print(f"the same again: {again.rate:.0f} messages/s, none stored twice")
        return all(
            [
                line("Callback, two web processes", result.rate, "msg/s", least=300),
                line("Callback p99", result.percentile(0.99), "ms", most=500),
            ]
        )


def messages(stage: Stage, count: int) -> list[bytes]:
    """Nine texts in ten; the rest follows."""
    dice = random.Random(7)
    env = stage.environment
    offset = float(Path(env["CLOCK_OFFSET_FILE"]).read_text())
    now = int(time.time() + offset)
    crypto = PrpCrypto(base64.b64decode(env["WECHAT_AES_KEY"] + "="))
    made = []
    for n in range(count):
        is_event = n % 10 == 9
        body = (
            EVENT.format(event="subscribe")
            if is_event
            else TEXT.format(text=dice.choice(TEXTS), ident=secrets.randbits(60))
        )
        openid = f"oBench{dice.randrange(PEOPLE):022}"
        plain = XML.format(
            to=env["WECHAT_ACCOUNT_ID"], openid=openid, at=now - (n if is_event else 0), body=body
        )
        made.append(sealed(env, crypto, plain, str(now)))
    return made


def sealed(env: dict[str, str], crypto: PrpCrypto, plain: str, timestamp: str) -> bytes:
    """As WeChat posts it in safe mode."""
    encrypted = crypto.encrypt(plain, env["WECHAT_APPID"]).decode()
    nonce = secrets.token_hex(5)
    signature = sign(env["WECHAT_TOKEN"], timestamp, nonce)
    whole = sign(env["WECHAT_TOKEN"], timestamp, nonce, encrypted)
    query = (
        f"signature={signature}&timestamp={timestamp}&nonce={nonce}&encrypt_type=aes&msg_signature={whole}"
    )
    body = f"<xml><ToUserName><![CDATA[{env['WECHAT_ACCOUNT_ID']}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]>"
    body += "</Encrypt></xml>"
    headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
    return load.prepare("POST", f"/callbacks/wechat?{query}", headers, body.encode())


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
