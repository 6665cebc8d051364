"""Notices of WeChat Pay, signed as WeChat signs them, for whoever has to send ten thousand of them."""

import base64
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.wxpay.keys import load_or_make


def payment_notice(
    sandbox_dir: Path, *, appid: str, attempt: str, fen: int, at: datetime
) -> tuple[dict[str, str], bytes]:
    """Headers and body of `TRANSACTION.SUCCESS` for this attempt; each call is another notice of the same payment."""
    keys = load_or_make(sandbox_dir)
    merchant = next(iter(keys.merchants.values()))
    inside = {
        "appid": appid,
        "mchid": merchant.mchid,
        "out_trade_no": attempt,
        "transaction_id": f"4200{attempt}",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "bank_type": "OTHERS",
        "success_time": at.astimezone(UTC).isoformat(timespec="seconds"),
        "payer": {"openid": "o"},
        "amount": {"total": fen, "payer_total": fen, "currency": "CNY", "payer_currency": "CNY"},
    }
    nonce = secrets.token_hex(6)
    sealed = AESGCM(merchant.api_v3_key.encode()).encrypt(
        nonce.encode(), json.dumps(inside).encode(), b"transaction"
    )
    body = json.dumps(
        {
            "id": secrets.token_hex(12),
            "event_type": "TRANSACTION.SUCCESS",
            "resource_type": "encrypt-resource",
            "resource": {
                "original_type": "transaction",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "associated_data": "transaction",
                "nonce": nonce,
            },
        }
    ).encode()
    timestamp, salt, key = str(int(at.timestamp())), secrets.token_hex(16), keys.public_keys[-1]
    signed = key.private.sign(f"{timestamp}\n{salt}\n".encode() + body + b"\n", PKCS1v15(), SHA256())
    return {
        "Content-Type": "application/json",
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": salt,
        "Wechatpay-Serial": key.ident,
        "Wechatpay-Signature": base64.b64encode(signed).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }, body
