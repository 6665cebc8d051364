"""The keys of both sides, parsed once: ours signs requests, WeChat's prove answers and notices."""

import base64
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

from app.kit import clock

FRESH = 300
"""Seconds a timestamp may differ from now; WeChat asks merchants to refuse what is older."""
PROBE = "WECHATPAY/SIGNTEST/"
"""WeChat sends wrong signatures on purpose, to see whether the merchant checks; they begin like this."""
FLAWS = ("missing_header", "unknown_serial", "malformed", "stale", "probe", "signature")
"""What `Verifier.flaw` may say."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NAMES = ("timestamp", "nonce", "signature", "serial")


class Verifier:
    """WeChat's public keys by their ids. Several may count, while WeChat changes from one to the next."""

    def __init__(self, public_keys: Mapping[str, str]) -> None:
        self._keys = {name.upper(): public_key(pem) for name, pem in public_keys.items()}

    def flaw(self, headers: Mapping[str, str], body: bytes) -> str:
        """Why this is not provably WeChat's and fresh, or "".

        An unknown serial is refused before any work is done for it; it never makes us fetch anything.
        """
        given = {name.lower(): value for name, value in headers.items()}
        timestamp, nonce, signature, serial = (given.get(f"wechatpay-{name}", "") for name in _NAMES)
        if not (timestamp and nonce and signature and serial):
            return "missing_header"
        key = self._keys.get(serial.upper())
        if key is None:
            return "unknown_serial"
        if not _TIMESTAMP.fullmatch(timestamp):
            return "malformed"
        if abs(int(clock.now().timestamp()) - int(timestamp)) > FRESH:
            return "stale"
        if signature.startswith(PROBE):
            return "probe"
        message = f"{timestamp}\n{nonce}\n".encode(errors="replace") + body + b"\n"
        return "" if _is_signed(key, signature, message) else "signature"


def is_signed_at_all(headers: Mapping[str, str]) -> bool:
    """Answers 401 carry no signature, for WeChat does not know to whom it would speak."""
    return any(name.lower() == "wechatpay-signature" for name in headers)


def public_key(pem: str) -> RSAPublicKey:
    """Of a public key or of a certificate."""
    try:
        if "CERTIFICATE" in pem:
            key = load_pem_x509_certificate(pem.encode()).public_key()
        else:
            key = load_pem_public_key(pem.encode())  # type: ignore[assignment]
    except ValueError:
        key = None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("a public key of WeChat Pay cannot be read")
    return key


def public_pem(pem: str) -> str:
    """A public key in the form the library takes, also when it came as a certificate."""
    return public_key(pem).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_key(pem: str) -> RSAPrivateKey:
    """Ours, in whichever form it came. Reading one takes 50 ms, for it is checked."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the merchant's private key cannot be read")
    return key


def _is_signed(key: RSAPublicKey, signature: str, message: bytes) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True
