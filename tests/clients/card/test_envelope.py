"""TSM 2.0 on the wire, against values worked out by other means."""

import base64
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from app.clients.card.synjones.crypto import Envelope

DES_KEY = base64.b64encode(bytes(range(1, 25))).decode()
# printf '{"authorize_access_token": {}}' | openssl enc -des-ede3-cbc -K 0102…18 -iv 0000000000000000 -a
SEALED = "4lLM1cs+sk/MSRzsrPcisTggBa/ZgGOGfQWf5cJ7mGY="
FIELDS = {"timestamp": "2026-11-22 10:00:00", "app_key": "K1", "format": "json", "v": "2.0"}
SIGNED = b"app_keyK1formatjsontimestamp2026-11-22 10:00:00v2.0"


def pair() -> tuple[str, str]:
    private = rsa.generate_private_key(65537, 2048)
    der = serialization.Encoding.DER
    secret = private.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = private.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(secret).decode(), base64.b64encode(public).decode()


KEYS = pair()
ENVELOPE = Envelope(DES_KEY, *KEYS)


@pytest.fixture
def keys() -> tuple[str, str]:
    return KEYS


@pytest.fixture
def envelope() -> Envelope:
    return ENVELOPE


def test_it_seals_as_openssl_does(envelope):
    text = '{"authorize_access_token": {}}'
    assert envelope.seal(text) == SEALED
    assert envelope.unseal(SEALED).decode() == text


@given(st.text(max_size=200))
def test_what_is_sealed_comes_back(text):
    assert ENVELOPE.unseal(ENVELOPE.seal(text)).decode() == text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_openssl_accepts_the_signature(envelope, keys, tmp_path):
    (tmp_path / "public.der").write_bytes(base64.b64decode(keys[1]))
    (tmp_path / "signature").write_bytes(base64.b64decode(envelope.sign(FIELDS)))
    (tmp_path / "message").write_bytes(SIGNED)
    command = "openssl dgst -sha1 -verify public.der -keyform DER -signature signature message"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False)
    assert done.stdout == b"Verified OK\n", done.stderr


def test_a_signature_holds_for_these_fields_alone(envelope):
    signature = envelope.sign(FIELDS)
    assert envelope.is_from_vendor(FIELDS, signature)
    assert not envelope.is_from_vendor({**FIELDS, "v": "2.1"}, signature)
    assert not envelope.is_from_vendor(FIELDS, "")
    assert not envelope.is_from_vendor(FIELDS, "?" + signature)


@pytest.mark.parametrize("sealed", ["", "AAAA", "????", base64.b64encode(b"x" * 16).decode()])
def test_rubbish_cannot_be_unsealed(envelope, sealed):
    with pytest.raises(ValueError):
        envelope.unseal(sealed)


def test_keys_in_pem_are_taken_too(keys):
    private = serialization.load_der_private_key(base64.b64decode(keys[0]), None)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    assert Envelope(DES_KEY, pem, keys[1]).sign(FIELDS) == Envelope(DES_KEY, *keys).sign(FIELDS)


@pytest.mark.parametrize("broken", range(3))
def test_a_key_that_is_none_is_refused_without_being_shown(keys, broken):
    given = [DES_KEY, *keys]
    given[broken] = "c2VjcmV0LXNlY3JldA=="
    with pytest.raises(ValueError) as caught:
        Envelope(*given)
    assert "c2Vj" not in str(caught.value)
