"""A notice as it goes out: envelope, seal, signature; and the ways in which one can be spoilt."""

import copy
import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.store import Row
from sandbox.wxpay import signing
from sandbox.wxpay.acquirer import Acquirer, rfc3339
from sandbox.wxpay.keys import Pair

SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}
FLAWS = (
    "notify.lost",
    "notify.bad_sig",
    "notify.signtest",
    "notify.stale_ts",
    "notify.unknown_serial",
    "notify.slow_body",
    "notify.wrong_amount",
    "notify.wrong_appid",
    "notify.wrong_mchid",
)


@dataclass
class Letter:
    """What is posted."""

    headers: dict[str, str]
    body: bytes
    lasts: float = 0.0


@dataclass
class Draft:
    """What a letter is made of; a spoiler changes one thing before it is signed."""

    notice: Row
    inside: dict[str, Any]
    pair: Pair
    at: float
    api_v3_key: str
    resource: dict[str, str] = field(default_factory=dict)


def draft(a: Acquirer, notice: Row, inside: dict[str, Any]) -> Draft:
    secret = a.keys.merchants[notice["mchid"]].api_v3_key
    return Draft(notice, copy.deepcopy(inside), signing.notice_key(a), a.now(), secret)


def envelope(made: Draft) -> bytes:
    event = made.notice["event"]
    kind = "transaction" if event.startswith("TRANSACTION.") else "refund"
    sealed = signing.seal(made.api_v3_key, signing.dumps(made.inside), kind)
    return signing.dumps(
        {
            "id": made.notice["ident"],
            "create_time": rfc3339(made.notice["created"]),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": SUMMARIES[event],
            "resource": {"original_type": kind, **sealed, **made.resource},
        }
    )


def sealed(made: Draft) -> Letter:
    body = envelope(made)
    headers = {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0", "Accept": "*/*"}
    return Letter({**headers, **signing.headers(made.pair, body, made.at)}, body)


def spoilt(a: Acquirer, made: Draft, flaw: dict[str, Any]) -> Letter:
    """The letter with the flaw that the fault names."""
    name = flaw.get("name", "")
    if name == "notify.wrong_amount":
        amount = made.inside["amount"]
        field_name = "refund" if "refund" in amount else "total"
        amount[field_name] = int(flaw.get("fen", max(1, amount[field_name] - 1)))
    elif name == "notify.wrong_appid":
        made.inside["appid"] = "wx0000000000000000"
    elif name == "notify.wrong_mchid":
        made.inside["mchid"] = next(m for m in (*a.keys.merchants, "") if m != made.notice["mchid"])
    elif name == "notify.stale_ts":
        made.at -= float(flaw.get("seconds", 3600))
    letter = sealed(made)
    signature = letter.headers["Wechatpay-Signature"]
    if name == "notify.bad_sig":
        letter.headers["Wechatpay-Signature"] = signature[:-8] + signature[:8]
    elif name == "notify.signtest":
        letter.headers["Wechatpay-Signature"] = signing.probe(signature)
    elif name == "notify.unknown_serial":
        letter.headers["Wechatpay-Serial"] = secrets.token_hex(20).upper()
    elif name == "notify.slow_body":
        letter.lasts = float(flaw.get("seconds", 4))
    return letter
