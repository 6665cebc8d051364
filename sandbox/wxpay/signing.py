"""Signatures of both directions, and the sealed part of a notice."""

import base64
import json
import re
import secrets
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from sandbox.wxpay.acquirer import Acquirer, Refusal
from sandbox.wxpay.keys import Merchant, Pair

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW = 300
PROBE = "WECHATPAY/SIGNTEST/"
AUTHORIZATION = re.compile(
    SCHEME + r' mchid="(?P<mchid>[^"]*)",nonce_str="(?P<nonce>[^"]*)",signature="(?P<signature>[^"]*)",'
    r'timestamp="(?P<timestamp>\d{1,12})",serial_no="(?P<serial>[^"]*)"'
)


def sign(key: RSAPrivateKey, *parts: bytes) -> str:
    return base64.b64encode(key.sign(b"".join(part + b"\n" for part in parts), PKCS1v15(), SHA256())).decode()


def authenticate(a: Acquirer, authorization: str, method: str, target: str, body: bytes) -> Merchant:
    """Whose request it is; `target` is path and query as they came. Raises Refusal."""
    found = AUTHORIZATION.fullmatch(normal(authorization))
    if not found:
        raise Refusal(
            401, "SIGN_ERROR", "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
        )
    merchant = a.keys.merchants.get(found["mchid"])
    pair = next((each for each in merchant.keys if each.ident == found["serial"]), None) if merchant else None
    if merchant is None or pair is None:
        raise Refusal(401, "SIGN_ERROR", "商户证书序列号有误。请使用签名私钥匹配的证书序列号")
    if abs(int(a.now()) - int(found["timestamp"])) > WINDOW:
        raise Refusal(401, "SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
    message = b"".join(
        part + b"\n"
        for part in (
            method.encode(),
            target.encode("latin-1"),
            found["timestamp"].encode(),
            found["nonce"].encode(),
            body,
        )
    )
    if not is_signed(pair, found["signature"], message):
        raise Refusal(401, "SIGN_ERROR", "错误的签名，验签失败")
    return merchant


def normal(authorization: str) -> str:
    """The five members in one order, for they may come in any."""
    scheme, _, rest = authorization.partition(" ")
    given = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    members = ("mchid", "nonce_str", "signature", "timestamp", "serial_no")
    return f"{scheme} " + ",".join(f'{name}="{given.get(name, "")}"' for name in members)


def is_signed(pair: Pair, signature: str, message: bytes) -> bool:
    try:
        pair.public.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def answering_key(a: Acquirer, asked_for: str) -> Pair:
    """The key that the merchant asks for by Wechatpay-Serial, else the one of the mode."""
    known = a.keys.platform(asked_for) if asked_for else None
    return known or current_key(a)


def current_key(a: Acquirer) -> Pair:
    is_certificate = a.knobs["wxpay_mode"] == "certificate"
    return (a.keys.certificates if is_certificate else a.keys.public_keys)[-1]


def notice_key(a: Acquirer) -> Pair:
    """In mixed mode some notices are signed by the certificate, as in the grey days of a migration."""
    if a.knobs["wxpay_mode"] == "mixed" and secrets.randbelow(100) < int(a.knobs["wxpay_mixed_percent"]):
        return a.keys.certificates[-1]
    return current_key(a)


def headers(pair: Pair, body: bytes, at: float, nonce: str = "") -> dict[str, str]:
    timestamp, nonce = str(int(at)), nonce or secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(pair.private, timestamp.encode(), nonce.encode(), body),
        "Wechatpay-Serial": pair.ident,
        "Wechatpay-Signature-Type": SCHEME,
    }


def probe(signature: str) -> str:
    """A signature that a careful merchant refuses."""
    return PROBE + signature[len(PROBE) :]


def seal(api_v3_key: str, plain: bytes, associated: str) -> dict[str, str]:
    nonce = secrets.token_hex(6)
    sealed = AESGCM(api_v3_key.encode()).encrypt(nonce.encode(), plain, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(sealed).decode(),
        "associated_data": associated,
        "nonce": nonce,
    }


def open_secret(pair: Pair, text: str) -> str | None:
    """A field that the merchant encrypted for us, or None."""
    try:
        plain = pair.private.decrypt(
            base64.b64decode(text, validate=True),
            OAEP(MGF1(SHA1()), SHA1(), None),  # noqa: S303 - the scheme's own
        )
        return plain.decode()
    except ValueError:
        return None


def is_invocation(a: Acquirer, merchant: Merchant, given: dict[str, Any]) -> bool:
    """Whether the page's paySign is the merchant's."""
    parts = (
        a.config.appid,
        str(given.get("timeStamp")),
        str(given.get("nonceStr")),
        str(given.get("package")),
    )
    message = "".join(f"{part}\n" for part in parts).encode()
    return any(is_signed(pair, str(given.get("paySign")), message) for pair in merchant.keys)


def dumps(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
