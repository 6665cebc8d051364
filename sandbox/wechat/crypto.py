"""Signatures and the AES envelope of 消息加解密, written from the description."""

import base64
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class BadEnvelope(ValueError):
    """Cannot be decrypted, or is not for this account."""


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _cipher(aes_key: str) -> Cipher:  # type: ignore[type-arg]
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt(aes_key: str, appid: str, text: str, random: bytes | None = None) -> str:
    message = text.encode()
    plain = (
        (random or os.urandom(8).hex().encode()) + struct.pack(">I", len(message)) + message + appid.encode()
    )
    fill = BLOCK - len(plain) % BLOCK
    plain += bytes([fill]) * fill
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def decrypt(aes_key: str, appid: str, encrypted: str) -> str:
    try:
        decryptor = _cipher(aes_key).decryptor()
        plain = decryptor.update(base64.b64decode(encrypted, validate=True)) + decryptor.finalize()
        fill = plain[-1]
        if not 1 <= fill <= BLOCK or plain[-fill:] != bytes([fill]) * fill:
            raise BadEnvelope("padding")
        plain = plain[16:-fill]
        size = struct.unpack(">I", plain[:4])[0]
        message, owner = plain[4 : 4 + size], plain[4 + size :]
        if owner.decode() != appid:
            raise BadEnvelope("appid")
        return message.decode()
    except BadEnvelope:
        raise
    except (ValueError, IndexError, struct.error) as error:
        raise BadEnvelope(str(error)) from error
