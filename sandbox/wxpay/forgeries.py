"""Twenty-five notices that an application must not believe, and five that it must.

1–19 are wrong on the outside or in the seal, 20–25 are validly signed and tell of something that never was.
`first`, `duplicate`, `fresh`, `rotated` and `late` are genuine.
"""

import base64
import json
import secrets
from collections.abc import Callable
from typing import Any

from sandbox.store import Row
from sandbox.wxpay import orders, signing
from sandbox.wxpay.acquirer import Acquirer, number
from sandbox.wxpay.letters import Draft, Letter, draft, envelope, sealed

GENUINE = ("first", "duplicate", "fresh", "rotated", "late")
NAMES = {
    1: "正文改一个字节",
    2: "签名改一位",
    3: "签名为空",
    4: "签名探测 SIGNTEST",
    5: "别人的私钥签的",
    6: "没有见过的序列号",
    7: "没有序列号",
    8: "没有时间戳",
    9: "时间戳早 301 秒",
    10: "时间戳晚 301 秒",
    11: "时间戳不是数字",
    12: "没有随机串",
    13: "别的通知的随机串",
    14: "十分钟前的通知重放",
    15: "正文重新排版",
    16: "密文的校验码坏了",
    17: "别的 APIv3 密钥加密",
    18: "附加数据被改",
    19: "算法字段被改",
    20: "别的商户号",
    21: "别的公众号",
    22: "金额少一分",
    23: "币种不是人民币",
    24: "交易状态不是成功",
    25: "不存在的订单号",
}
HEADER = "Wechatpay-"


def genuine_draft(a: Acquirer, order: Row, person: str) -> Draft:
    """As if this person had just paid; the order itself is left alone."""
    payments = a.payments(order)
    payment = payments[0] if payments else invented(a, order, person)
    inside = orders.paid_view(a, order, payment, "SUCCESS")
    notice = {"ident": number("EV-", a.now(), 10), "mchid": order["mchid"], "created": a.now()}
    return draft(a, {**notice, "event": "TRANSACTION.SUCCESS"}, inside)


def invented(a: Acquirer, order: Row, person: str) -> Row:
    ident = number("42000", a.now(), 15)
    openid = order["openid"] or person
    return {"transaction_id": ident, "openid": openid, "total": order["total"], "bank_type": "OTHERS"} | {
        "at": a.now()
    }


def forged(a: Acquirer, made: Draft, variant: int) -> Letter:
    if variant in BEFORE_SIGNING:
        BEFORE_SIGNING[variant](a, made)
        return sealed(made)
    if variant in RESEALED:
        return RESEALED[variant](a, made)
    letter = sealed(made)
    AFTER_SIGNING[variant](letter)
    return letter


# validly signed, but with other contents


def _inside(**changes: Any) -> Callable[[Acquirer, Draft], None]:
    return lambda _a, made: made.inside.update(changes)


def _amount(**changes: Any) -> Callable[[Acquirer, Draft], None]:
    return lambda _a, made: made.inside["amount"].update(changes)


def _other_key(a: Acquirer, made: Draft) -> None:
    stranger = a.keys.merchants[made.notice["mchid"]].keys[-1]
    made.pair = type(made.pair)(made.pair.ident, stranger.private_pem, made.pair.public_pem)


def _moved(seconds: int) -> Callable[[Acquirer, Draft], None]:
    def move(_a: Acquirer, made: Draft) -> None:
        made.at += seconds

    return move


def _less(_a: Acquirer, made: Draft) -> None:
    amount = made.inside["amount"]
    amount |= {"total": max(0, amount["total"] - 1), "payer_total": max(0, amount["total"] - 1)}


def _other_secret(_a: Acquirer, made: Draft) -> None:
    made.api_v3_key = secrets.token_hex(16)


def _unpaid(_a: Acquirer, made: Draft) -> None:
    made.inside |= {"trade_state": "NOTPAY", "trade_state_desc": "订单未支付"}


def _other_order(_a: Acquirer, made: Draft) -> None:
    made.inside["out_trade_no"] = secrets.token_hex(7).upper()


BEFORE_SIGNING: dict[int, Callable[[Acquirer, Draft], None]] = {
    5: _other_key,
    9: _moved(-301),
    10: _moved(301),
    14: _moved(-600),
    17: _other_secret,
    18: lambda _a, made: made.resource.update(associated_data="refund"),
    19: lambda _a, made: made.resource.update(algorithm="AEAD_AES_128_GCM"),
    20: _inside(mchid="1600000000"),
    21: _inside(appid="wx0000000000000000"),
    22: _less,
    23: _amount(currency="USD", payer_currency="USD"),
    24: _unpaid,
    25: _other_order,
}


# signed again after the seal was broken


def _broken_tag(_a: Acquirer, made: Draft) -> Letter:
    resource = json.loads(envelope(made))["resource"]
    content = bytearray(base64.b64decode(resource["ciphertext"]))
    content[-1] ^= 1
    made.resource = {"ciphertext": base64.b64encode(content).decode(), "nonce": resource["nonce"]}
    return sealed(made)


RESEALED: dict[int, Callable[[Acquirer, Draft], Letter]] = {16: _broken_tag}


# spoilt after signing


def _changed_body(letter: Letter) -> None:
    at = letter.body.rindex(b'"ciphertext":"') + 20
    other = b"A" if letter.body[at : at + 1] != b"A" else b"B"
    letter.body = letter.body[:at] + other + letter.body[at + 1 :]


def _flipped_signature(letter: Letter) -> None:
    signature = letter.headers[f"{HEADER}Signature"]
    letter.headers[f"{HEADER}Signature"] = ("B" if signature[0] == "A" else "A") + signature[1:]


def _set(name: str, value: str) -> Callable[[Letter], None]:
    return lambda letter: letter.headers.update({f"{HEADER}{name}": value})


def _without(name: str) -> Callable[[Letter], None]:
    def drop(letter: Letter) -> None:
        del letter.headers[f"{HEADER}{name}"]

    return drop


def _probe(letter: Letter) -> None:
    signature = letter.headers[f"{HEADER}Signature"]
    letter.headers[f"{HEADER}Signature"] = signing.probe(signature)


def _set_in_type_again(letter: Letter) -> None:
    letter.body = json.dumps(json.loads(letter.body), ensure_ascii=False, indent=1).encode()


AFTER_SIGNING: dict[int, Callable[[Letter], None]] = {
    1: _changed_body,
    2: _flipped_signature,
    3: _set("Signature", ""),
    4: _probe,
    6: _set("Serial", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"),
    7: _without("Serial"),
    8: _without("Timestamp"),
    11: _set("Timestamp", "now"),
    12: _without("Nonce"),
    13: _set("Nonce", "593BEC0C930BF1AFEB40B4A08C8FB242"),
    15: _set_in_type_again,
}


def genuine(a: Acquirer, order: Row, kind: str, person: str) -> list[Letter]:
    """Letters of a payment that exists: it is made first where it does not."""
    if not a.payments(order):
        is_late = kind == "late"
        if is_late:
            a.set_order(order, expires=a.now() - 1)
        orders.pay(a, order, orders.Payment(order["openid"] or person, force=is_late))
        order = a.order(order["mchid"], order["order_no"]) or order
    made = genuine_draft(a, order, person)
    if kind == "rotated":
        made.pair = a.keys.certificates[-1]
    letters = [sealed(made)]
    if kind == "duplicate":
        letters *= 2
    if kind == "fresh":
        letters.append(sealed(made))
    return letters
