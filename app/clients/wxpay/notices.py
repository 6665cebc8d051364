"""Notices of WeChat: is it theirs, is it fresh, and what is inside.

Whether it agrees with our order (merchant, amount, currency) and whether it came before is for the application
to say; only its database can.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.clients.wxpay.keys import FLAWS, Verifier
from app.clients.wxpay.trades import RefundState, Trade, refund_of, trade_of

LARGEST_BODY = 64 * 1024
ALGORITHM = "AEAD_AES_256_GCM"
NONCE_BYTES = 12
REASONS = (*FLAWS, "decrypt")
_NOT_A_NOTICE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


class BadNotice(Exception):
    """Not a notice of WeChat to this merchant. `reason` is one of REASONS.

    `probe` is WeChat trying whether we check: answer 4xx as for the others, but alarm nobody.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class PaymentNotice:
    """`id` is of this notice, not of the trade: the next notice of the same payment has another."""

    id: str
    event_type: str
    trade: Trade


@dataclass(frozen=True)
class RefundNotice:
    """`event_type` is REFUND.SUCCESS, REFUND.ABNORMAL or REFUND.CLOSED."""

    id: str
    event_type: str
    refund: RefundState


Notice = PaymentNotice | RefundNotice


def read(verifier: Verifier, key: AESGCM, headers: Mapping[str, str], body: bytes) -> Notice:
    """`body` as it came, byte for byte. Raises BadNotice and nothing else."""
    if len(body) > LARGEST_BODY:
        raise BadNotice("malformed")
    flaw = verifier.flaw(headers, body)
    if flaw:
        raise BadNotice(flaw)
    try:
        envelope = json.loads(body)
        sealed = _sealed(envelope["resource"])
    except _NOT_A_NOTICE:
        raise BadNotice("malformed") from None
    try:
        plain = key.decrypt(*sealed)
    except (InvalidTag, ValueError):
        raise BadNotice("decrypt") from None
    try:
        return _open(envelope, json.loads(plain))
    except _NOT_A_NOTICE:
        raise BadNotice("malformed") from None


def _sealed(resource: Mapping[str, Any]) -> tuple[bytes, bytes, bytes]:
    if resource["algorithm"] != ALGORITHM:
        raise ValueError("another algorithm")
    nonce = resource["nonce"].encode()
    if len(nonce) != NONCE_BYTES:
        raise ValueError("not a nonce")
    ciphertext = base64.b64decode(resource["ciphertext"], validate=True)
    return nonce, ciphertext, (resource.get("associated_data") or "").encode()


def _open(envelope: Mapping[str, Any], inside: Mapping[str, Any]) -> Notice:
    ident, event, kind = envelope["id"], envelope["event_type"], envelope["resource"]["original_type"]
    if not isinstance(ident, str) or not 1 <= len(ident) <= 64:
        raise ValueError("not an id")
    if kind == "transaction" and event == "TRANSACTION.SUCCESS":
        return PaymentNotice(ident, event, trade_of(inside))
    if kind == "refund" and event.startswith("REFUND."):
        return RefundNotice(ident, event, refund_of(inside, status="refund_status"))
    raise ValueError("not a payment and not a refund")
