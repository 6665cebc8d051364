"""The envelope of TSM 2.0, written from the description: 3DES-CBC with a zero vector, SHA1withRSA."""

import base64
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from sandbox.card.keys import TsmKeys

SHA1 = hashes.SHA1()  # noqa: S303 - the vendor's


class Sealer:
    """The vendor's side."""

    def __init__(self, keys: TsmKeys) -> None:
        self._des = TripleDES(base64.b64decode(keys.des_key))
        self._private: Any = serialization.load_der_private_key(base64.b64decode(keys.vendor_private), None)
        self._public: Any = serialization.load_der_public_key(base64.b64decode(keys.app_public))

    def seal(self, plain: bytes) -> str:
        padder = padding.PKCS7(64).padder()
        encryptor = Cipher(self._des, modes.CBC(bytes(8))).encryptor()
        filled = padder.update(plain) + padder.finalize()
        return base64.b64encode(encryptor.update(filled) + encryptor.finalize()).decode()

    def unseal(self, sealed: str) -> bytes:
        """Raises ValueError."""
        decryptor = Cipher(self._des, modes.CBC(bytes(8))).decryptor()
        unpadder = padding.PKCS7(64).unpadder()
        filled = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        return unpadder.update(filled) + unpadder.finalize()

    def sign(self, fields: dict[str, str]) -> str:
        signed = self._private.sign(_joined(fields), PKCS1v15(), SHA1)
        return base64.b64encode(signed).decode()

    def verify(self, fields: dict[str, str], signature: str) -> bool:
        try:
            self._public.verify(base64.b64decode(signature, validate=True), _joined(fields), PKCS1v15(), SHA1)
        except (InvalidSignature, ValueError):
            return False
        return True


def _joined(fields: dict[str, str]) -> bytes:
    return "".join(f"{name}{fields[name]}" for name in sorted(fields)).encode()
