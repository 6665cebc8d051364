"""The envelope of TSM 2.0: 3DES-CBC with a zero vector inside, SHA1withRSA outside. Old, and the vendor's choice."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, modes

_BLOCK_BITS = 64


class Envelope:
    """Our keys and the vendor's. Raises ValueError for keys that are none, without showing them."""

    def __init__(self, des_key: str, private_key: str, vendor_public_key: str) -> None:
        private: Any = None
        public: Any = None
        with suppress(ValueError, TypeError):
            self._des = TripleDES(base64.b64decode(des_key, validate=True))
            private = serialization.load_der_private_key(_der(private_key), None)
            public = serialization.load_der_public_key(_der(vendor_public_key))
        if not isinstance(private, RSAPrivateKey) or not isinstance(public, RSAPublicKey):
            raise ValueError("gateway: des_key, private_key or vendor_public_key is not a key")
        self._private, self._public = private, public

    def seal(self, text: str) -> str:
        padder = padding.PKCS7(_BLOCK_BITS).padder()
        plain = padder.update(text.encode()) + padder.finalize()
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()

    def unseal(self, sealed: str) -> bytes:
        """Raises ValueError."""
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        unpadder = padding.PKCS7(_BLOCK_BITS).unpadder()
        return unpadder.update(plain) + unpadder.finalize()

    def sign(self, fields: Mapping[str, str]) -> str:
        return base64.b64encode(self._private.sign(_signed(fields), PKCS1v15(), hashes.SHA1())).decode()  # noqa: S303

    def is_from_vendor(self, fields: Mapping[str, str], signature: str) -> bool:
        try:
            self._public.verify(
                base64.b64decode(signature, validate=True),
                _signed(fields),
                PKCS1v15(),
                hashes.SHA1(),  # noqa: S303
            )
        except (InvalidSignature, ValueError):
            return False
        return True

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(self._des, modes.CBC(bytes(8)))


def _signed(fields: Mapping[str, str]) -> bytes:
    """Names and values, sorted by name, nothing in between."""
    return "".join(f"{name}{fields[name]}" for name in sorted(fields)).encode()


def _der(text: str) -> bytes:
    """From bare base64, as the vendor gives it, or from PEM."""
    lines = (line.strip() for line in text.strip().splitlines())
    return base64.b64decode("".join(line for line in lines if not line.startswith("-----")), validate=True)
