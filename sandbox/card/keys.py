"""Keys of the TSM gateway for both sides, made once. Needs no Flask."""

import base64
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.keyfile import load_or_write


@dataclass(frozen=True)
class TsmKeys:
    """Base64 throughout: `des_key` of 24 bytes, private keys as PKCS#8, public keys as X.509."""

    app_key: str
    des_key: str = field(repr=False)
    app_private: str = field(repr=False)
    app_public: str
    vendor_private: str = field(repr=False)
    vendor_public: str


def load_or_make(data_dir: Path) -> TsmKeys:
    """Both sides may call this, in any order."""
    return TsmKeys(**load_or_write(data_dir / "card-keys.json", _make))


def _make() -> dict[str, str]:
    app_private, app_public = _pair()
    vendor_private, vendor_public = _pair()
    return {
        "app_key": secrets.token_hex(16).upper(),
        "des_key": base64.b64encode(secrets.token_bytes(24)).decode(),
        "app_private": app_private,
        "app_public": app_public,
        "vendor_private": vendor_private,
        "vendor_public": vendor_public,
    }


def _pair() -> tuple[str, str]:
    private = rsa.generate_private_key(65537, 2048)
    der = serialization.Encoding.DER
    secret = private.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = private.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(secret).decode(), base64.b64encode(public).decode()
