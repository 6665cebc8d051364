"""Personal fields: encrypted at rest, found by a keyed hash.

Keys come from the settings: FIELD_KEYS is `1:<base64>,2:<base64>`, the last one encrypts, all decrypt.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator


@dataclass(frozen=True)
class FieldKeys:
    """AES-256 keys by number, and the key of the blind index."""

    by_number: dict[int, bytes]
    index_key: bytes

    @property
    def newest(self) -> int:
        return max(self.by_number)


_keys: FieldKeys | None = None


def configure(keys: FieldKeys) -> None:
    global _keys
    _keys = keys


def parse_keys(text: str, index_key: str) -> FieldKeys:
    """Raises ValueError when a key is not 32 bytes of base64."""
    by_number = {}
    for part in text.split(","):
        number, _, encoded = part.strip().partition(":")
        by_number[int(number)] = _key(encoded)
    return FieldKeys(by_number, _key(index_key))


def encrypt(text: str) -> bytes:
    """Key number (1 byte), nonce (12), ciphertext and tag."""
    keys = _loaded()
    nonce = os.urandom(12)
    sealed = AESGCM(keys.by_number[keys.newest]).encrypt(nonce, text.encode(), None)
    return bytes([keys.newest]) + nonce + sealed


def decrypt(blob: bytes) -> str:
    """Raises KeyError for a retired key, InvalidTag for a changed value."""
    key = _loaded().by_number[blob[0]]
    return AESGCM(key).decrypt(blob[1:13], blob[13:], None).decode()


def blind_index(value: str, purpose: str) -> str:
    """Same value and purpose, same hash: lets a field be looked up without being readable."""
    message = f"{purpose}\0{value.strip().upper()}".encode()
    return hmac.new(_loaded().index_key, message, hashlib.sha256).hexdigest()[:32]


class EncryptedText(TypeDecorator[str]):
    """A text column that only the application can read."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        return None if value is None else encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        return None if value is None else decrypt(bytes(value))


def _key(encoded: str) -> bytes:
    key = base64.b64decode(encoded, validate=True)
    if len(key) != 32:
        raise ValueError("a key must be 32 bytes")
    return key


def _loaded() -> FieldKeys:
    if _keys is None:
        raise RuntimeError("kit.crypto is not configured")
    return _keys
