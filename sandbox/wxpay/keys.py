"""The keys of WeChat Pay and of its merchants: made once per data folder, read by both worlds.

`load_or_make(data_dir)` needs no Flask: what starts the application calls it first and hands over what
`merchant.json` says. Nothing in it is a real secret.
"""

import json
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

MERCHANTS = {"1699900001": "示例大学", "1699900002": "示例大学生活服务"}
FEE_RATES = {"1699900001": 0, "1699900002": 60}
"""Ten-thousandths: campuses pay nothing, other trade 0.60 %."""
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
SUBJECT_INFO = serialization.PublicFormat.SubjectPublicKeyInfo

_writing = threading.Lock()


@dataclass(frozen=True)
class Pair:
    """A private key, and what the other side holds: a public key or a certificate, by `ident`."""

    ident: str
    private_pem: str = field(repr=False)
    public_pem: str

    @cached_property
    def private(self) -> rsa.RSAPrivateKey:
        key = serialization.load_pem_private_key(self.private_pem.encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key

    @cached_property
    def public(self) -> rsa.RSAPublicKey:
        return self.private.public_key()

    @cached_property
    def certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.public_pem.encode())


@dataclass(frozen=True)
class Merchant:
    """`keys`: the API certificates in use, the newest last; all of them may sign."""

    mchid: str
    name: str
    api_v3_key: str = field(repr=False)
    keys: tuple[Pair, ...]


@dataclass(frozen=True)
class Keys:
    """All of them. The last public key and the last certificate are the ones in use."""

    folder: Path
    merchants: dict[str, Merchant]
    public_keys: tuple[Pair, ...]
    certificates: tuple[Pair, ...]

    def platform(self, ident: str) -> Pair | None:
        """WeChat's own key of this id or serial."""
        known = (*self.public_keys, *self.certificates)
        return next((pair for pair in known if pair.ident == ident), None)

    def environment(self, mchid: str = "") -> dict[str, Any]:
        """What the application needs for one merchant: the first unless named."""
        merchant = self.merchants[mchid or next(iter(self.merchants))]
        newest_first = [*reversed(self.public_keys), *reversed(self.certificates)]
        return {
            "mchid": merchant.mchid,
            "serial_no": merchant.keys[-1].ident,
            "private_key": merchant.keys[-1].private_pem,
            "api_v3_key": merchant.api_v3_key,
            "public_keys": {pair.ident: pair.public_pem for pair in newest_first},
        }


def load_or_make(data_dir: Path) -> Keys:
    """The keys in `<data_dir>/wxpay/`; processes that come at the same time get the same ones."""
    path = data_dir / "wxpay" / "keys.json"
    with _writing:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_new(path, _as_json(_fresh(path.parent)))
        keys = _from_json(path.parent, json.loads(path.read_text("utf-8")))
        _tell(keys)
    return keys


def add(keys: Keys, what: str) -> Keys:
    """A further `public_key`, `certificate`, `expired_certificate`, or API certificate of each `merchant`."""
    merchants, public_keys, certificates = keys.merchants, keys.public_keys, keys.certificates
    if what == "public_key":
        public_keys = (*public_keys, _public_key())
    elif what == "certificate":
        certificates = (*certificates, _certificate("Tenpay.com sandbox"))
    elif what == "expired_certificate":
        certificates = (*certificates, _certificate("Tenpay.com sandbox", days=-1))
    elif what == "merchant":
        merchants = {
            mchid: Merchant(mchid, m.name, m.api_v3_key, (*m.keys, _certificate(m.name)))
            for mchid, m in merchants.items()
        }
    else:
        raise ValueError(what)
    fresh = Keys(keys.folder, merchants, public_keys, certificates)
    with _writing:
        staged = keys.folder / "keys.json.new"
        staged.write_text(_as_json(fresh), "utf-8")
        os.replace(staged, keys.folder / "keys.json")
        _tell(fresh)
    return fresh


def _write_new(path: Path, text: str) -> None:
    """Whoever is first wins; the others read what it wrote."""
    staged = path.with_name(f"{path.name}.{os.getpid()}")
    staged.write_text(text, "utf-8")
    try:
        os.link(staged, path)
    except FileExistsError:
        pass
    finally:
        staged.unlink()


def _tell(keys: Keys) -> None:
    """`merchant.json`: per merchant number what the application is told."""
    told = {mchid: keys.environment(mchid) for mchid in keys.merchants}
    path = keys.folder / "merchant.json"
    text = json.dumps(told, ensure_ascii=False, indent=1)
    if not path.exists() or path.read_text("utf-8") != text:
        staged = path.with_name(f"{path.name}.{os.getpid()}")
        staged.write_text(text, "utf-8")
        os.replace(staged, path)


def _fresh(folder: Path) -> Keys:
    merchants = {
        mchid: Merchant(mchid, name, secrets.token_hex(16), (_certificate(name),))
        for mchid, name in MERCHANTS.items()
    }
    return Keys(folder, merchants, (_public_key(),), (_certificate("Tenpay.com sandbox"),))


def _private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(PEM, PKCS8, serialization.NoEncryption()).decode()


def _public_key() -> Pair:
    key = _private()
    ident = f"PUB_KEY_ID_01{secrets.token_hex(15).upper()}"
    return Pair(ident, _pem(key), key.public_key().public_bytes(PEM, SUBJECT_INFO).decode())


def _certificate(name: str, days: int = 1800) -> Pair:
    """Self-signed; with `days` below zero it has expired."""
    key, now = _private(), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    serial = (1 << 158) | secrets.randbits(157)  # 40 hexadecimal digits, as WeChat's
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return Pair(f"{serial:040X}", _pem(key), made.public_bytes(PEM).decode())


def _as_json(keys: Keys) -> str:
    def pairs(found: tuple[Pair, ...]) -> list[list[str]]:
        return [[pair.ident, pair.private_pem, pair.public_pem] for pair in found]

    merchants = [[m.mchid, m.name, m.api_v3_key, pairs(m.keys)] for m in keys.merchants.values()]
    return json.dumps(
        {
            "merchants": merchants,
            "public_keys": pairs(keys.public_keys),
            "certificates": pairs(keys.certificates),
        },
        ensure_ascii=False,
    )


def _from_json(folder: Path, given: dict[str, Any]) -> Keys:
    def pairs(found: list[list[str]]) -> tuple[Pair, ...]:
        return tuple(Pair(*each) for each in found)

    merchants = {
        mchid: Merchant(mchid, name, secret, pairs(found))
        for mchid, name, secret, found in given["merchants"]
    }
    return Keys(folder, merchants, pairs(given["public_keys"]), pairs(given["certificates"]))


class Lazy:
    """Keys are made at the first use, for making them takes a second and most tests never pay."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir, self._keys, self._lock = data_dir, None, threading.Lock()  # type: ignore[var-annotated]

    def get(self) -> Keys:
        with self._lock:
            if self._keys is None:
                self._keys = load_or_make(self._data_dir)
            return self._keys

    def change(self, how: Callable[[Keys], Keys]) -> Keys:
        keys = self.get()
        with self._lock:
            self._keys = how(keys)
            return self._keys
